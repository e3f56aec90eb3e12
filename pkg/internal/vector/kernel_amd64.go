//go:build amd64 && !purego

package vector

// The kernels read and write nothing but the n bytes that they are given: the last block
// overlaps the one before.

//go:noescape
func copySSE2(dst, src *byte, n int, s *Stops) int

//go:noescape
func encodeSSE2(dst, src *byte, n int)

//go:noescape
func decodeSSE2(dst, src *byte, pairs int) int

// copyUntil is CopyUntil for two of the same length, at least a block.
func copyUntil(dst, src []byte, s *Stops) int { return copySSE2(&dst[0], &src[0], len(dst), s) }

// encodeHex writes two digits for each byte of src to dst.
func encodeHex(dst, src []byte) {
	if len(src) < block/2 || len(dst) < 2*len(src) {
		encodeByPairs(dst, src)
		return
	}
	encodeSSE2(&dst[0], &src[0], len(src))
}

// decodeHex is DecodeHex for a src that is twice as long as dst.
func decodeHex(dst, src []byte) int {
	if len(dst) < block/2 || len(src) < 2*len(dst) {
		return decodeByTable(dst, src)
	}
	return decodeSSE2(&dst[0], &src[0], len(dst))
}
