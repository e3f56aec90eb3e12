//go:build linux

package main

// tracker follows the framing of what an author sends.
type tracker struct {
	hello  int    // bytes that the greeting has
	sent   int    // of them
	header []byte // of the frame that has begun
	left   uint64 // of its body
	frames int    // whole ones
}

// between reports whether the stream is between two frames.
func (t *tracker) between() bool {
	return t.sent == t.hello && len(t.header) == 0 && t.left == 0
}

// follow takes the bytes of b up to the end of a frame or of the greeting.
func (t *tracker) follow(b []byte) (n int) {
	if t.sent < t.hello {
		n = min(t.hello-t.sent, len(b))
		t.sent += n
		return n
	}
	for t.left == 0 && n < len(b) {
		t.header = append(t.header, b[n])
		n++
		if _, size, header := parseHeader(t.header); header > 0 {
			t.header, t.left = t.header[:0], size
			if size == 0 {
				t.frames++
				return n
			}
		}
	}
	more := min(t.left, uint64(len(b)-n))
	t.left -= more
	n += int(more)
	if t.left == 0 && more > 0 {
		t.frames++
	}
	return n
}
