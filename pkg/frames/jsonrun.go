package frames

import (
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/internal/vector"
)

// encodeJSONRun writes messages as lines of JSON.
func encodeJSONRun(_ *Encoder, dst, wire []byte) (_ []byte, size, count int) {
	for at := 0; at < len(wire) && len(dst) < writeSize; count++ {
		before := len(dst)
		dst = append(dst, '[')
		for more := true; more; {
			flags, n := wire[at], int(wire[at+1])
			if flags&^framing.FlagMore != 0 || at-size+n > pieceSize {
				return dst[:before], size, count
			}
			dst = append(appendJSONFrame(dst, wire[at+2:at+2+n]), ',')
			at += 2 + n
			more = flags != 0
		}
		dst[len(dst)-1] = ']'
		dst = append(dst, '\n')
		size = at
	}
	return dst, size, count
}

// decodeJSONRun reads lines that are arrays of strings of ASCII without escapes, and without
// white space.
func decodeJSONRun(d *Decoder, r *lineRun) {
	text, out := r.text, r.out
	for r.w+r.last < r.limit {
		at, w, count, size := r.used, r.w, 0, 0
		if at == len(text) || text[at] != '[' {
			return
		}
		for more := byte(framing.FlagMore); more != 0; count++ {
			at++
			if at == len(text) || text[at] != '"' || w+2 > len(out) {
				return
			}
			n := vector.CopyUntil(out[w+2:], text[at+1:], jsonStops)
			if at += n + 1; at+1 >= len(text) || w+2+n == len(out) || text[at] != '"' {
				return
			}
			switch at++; text[at] {
			case ',':
			case ']':
				more = 0
			default:
				return
			}
			if w = r.closeFrame(w, n, more); w == 0 {
				return
			}
			size += n
		}
		if at++; at == len(text) || text[at] != '\n' || !d.fits(at-r.used, count, size) {
			return
		}
		r.last, r.w, r.used = w-r.w, w, at+1
		r.count++
	}
}
