//go:build amd64 && !purego

package box

import "sync"

//go:noescape
func blocksAVX2(out *[atOnce * blockSize]byte, words *[16]uint32, lanes *lanes)

//go:noescape
func blocksAVX512(out *[atOnce * blockSize]byte, words *[16]uint32, lanes *lanes)

func cpuid(leaf, sub uint32) (a, b, c, d uint32)

func xgetbv() uint32

func (k kernel) blocks(out *[atOnce * blockSize]byte, words *[16]uint32, lanes *lanes) {
	if k == avx512 {
		blocksAVX512(out, words, lanes)
	} else {
		blocksAVX2(out, words, lanes)
	}
}

// fastest returns the kernel to use. To ask the processor takes tens of microseconds in a
// virtual machine, so that nobody asks who needs none.
var fastest = sync.OnceValue(func() kernel { //nolint:gochecknoglobals // the processor stays the same
	all := kernels()
	return all[len(all)-1]
})

// kernels lists what this processor and this system have, the fastest last.
func kernels() []kernel {
	const (
		basic, features, extended   = 0, 1, 7 // leaves
		osxsave, avx                = 1 << 27, 1 << 28
		hasAVX2, hasAVX512, lengths = 1 << 5, 1 << 16, 1 << 31
		savesAVX, savesAVX512       = 0x06, 0xe6
	)
	found := []kernel{none}
	if last, _, _, _ := cpuid(basic, 0); last < extended {
		return found
	}
	if _, _, c, _ := cpuid(features, 0); c&osxsave == 0 || c&avx == 0 {
		return found
	}
	_, b, _, _ := cpuid(extended, 0)
	saved := xgetbv()
	if b&hasAVX2 != 0 && saved&savesAVX == savesAVX {
		found = append(found, avx2)
	}
	if b&hasAVX512 != 0 && b&lengths != 0 && saved&savesAVX512 == savesAVX512 {
		found = append(found, avx512)
	}
	return found
}
