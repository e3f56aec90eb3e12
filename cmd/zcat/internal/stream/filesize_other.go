//go:build !unix

package stream

// IgnoreFileSizeSignal has nothing to do where there is no such limit.
func IgnoreFileSizeSignal() {}
