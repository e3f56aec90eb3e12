package ws

import "encoding/binary"

// mask writes src, masked with key from its byte at on, to dst, which may be src; dst is
// at least as long. It returns where key goes on. Masking twice gives what was before.
func mask(dst, src []byte, key [4]byte, at int) int {
	end := (at + len(src)) & 3
	turned := [8]byte{}
	for i := range turned {
		turned[i] = key[(at+i)&3]
	}
	word := binary.NativeEndian.Uint64(turned[:])
	dst = dst[:len(src)]
	for len(src) >= 32 {
		binary.NativeEndian.PutUint64(dst, binary.NativeEndian.Uint64(src)^word)
		binary.NativeEndian.PutUint64(dst[8:], binary.NativeEndian.Uint64(src[8:])^word)
		binary.NativeEndian.PutUint64(dst[16:], binary.NativeEndian.Uint64(src[16:])^word)
		binary.NativeEndian.PutUint64(dst[24:], binary.NativeEndian.Uint64(src[24:])^word)
		dst, src = dst[32:], src[32:]
	}
	for len(src) >= 8 {
		binary.NativeEndian.PutUint64(dst, binary.NativeEndian.Uint64(src)^word)
		dst, src = dst[8:], src[8:]
	}
	for i := range src {
		dst[i] = src[i] ^ turned[i]
	}
	return end
}
