//go:build linux

package main

import "encoding/binary"

// A judge has a wire form of its own (RFC 37, "Framing"): with that of the sockets
// that it judges, both could be wrong alike.

const (
	flagMore    = 0x01
	flagLong    = 0x02
	flagCommand = 0x04
	maxHeader   = 9
)

// appendHeader appends a frame's header, in the short form where it can be.
func appendHeader(dst []byte, flags byte, size int) []byte {
	if size > 255 {
		return binary.BigEndian.AppendUint64(append(dst, flags|flagLong), uint64(size))
	}
	return append(dst, flags, byte(size))
}

// parseHeader reads a frame's header; n is its length, 0 where it is not whole.
func parseHeader(b []byte) (flags byte, size uint64, n int) {
	switch {
	case len(b) >= 2 && b[0]&flagLong == 0:
		return b[0], uint64(b[1]), 2
	case len(b) >= maxHeader && b[0]&flagLong != 0:
		return b[0], binary.BigEndian.Uint64(b[1:]), maxHeader
	}
	return 0, 0, 0
}
