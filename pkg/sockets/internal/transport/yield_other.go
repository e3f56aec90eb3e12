//go:build !linux

package transport

// Yield offers the processor to other processes, where there is a way to.
func Yield() {}
