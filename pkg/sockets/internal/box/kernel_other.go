//go:build !amd64 || purego

package box

func (kernel) blocks(*[atOnce * blockSize]byte, *[16]uint32, *lanes) {}

// fastest returns the kernel to use, of which there is none here.
func fastest() kernel { return none }

func kernels() []kernel { return []kernel{none} }
