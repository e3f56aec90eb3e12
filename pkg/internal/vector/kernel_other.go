//go:build !amd64 || purego

package vector

func copyUntil(dst, src []byte, s *Stops) int { return copyByWords(dst, src, s) }

func encodeHex(dst, src []byte) { encodeByPairs(dst, src) }

func decodeHex(dst, src []byte) int { return decodeByTable(dst, src) }
