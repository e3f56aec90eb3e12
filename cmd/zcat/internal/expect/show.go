package expect

import (
	"encoding/hex"
	"strconv"
	"unicode/utf8"
)

// window is the number of bytes that are shown of a long frame: those around the
// place that matters.
const window = 60

// lead is the number of them in front of that place.
const lead = 20

// show writes bytes so that people can read them: quoted as text, or in hex. Of
// long ones it shows a part around at.
func show(b []byte, at int) string {
	if !utf8.Valid(b) {
		return showHex(b, at)
	}
	from, to := cut(b, at, window)
	for from > 0 && !utf8.RuneStart(b[from]) {
		from--
	}
	for to < len(b) && !utf8.RuneStart(b[to]) {
		to++
	}
	return dots(from > 0) + strconv.Quote(string(b[from:to])) + dots(to < len(b))
}

// showHex is show in hex.
func showHex(b []byte, at int) string {
	from, to := cut(b, at, window/2)
	return "hex:" + dots(from > 0) + hex.EncodeToString(b[from:to]) + dots(to < len(b))
}

func cut(b []byte, at, size int) (from, to int) {
	if len(b) <= size {
		return 0, len(b)
	}
	from = max(0, min(at-min(lead, size/2), len(b)-size))
	return from, from + size
}

func dots(more bool) string {
	if more {
		return "..."
	}
	return ""
}
