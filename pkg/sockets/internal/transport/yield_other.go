//go:build !linux

package transport

// Yield offers the processor to other processes, where the system has a way to.
func Yield() {}
