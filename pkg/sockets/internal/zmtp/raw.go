package zmtp

import (
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// A raw connection carries bytes as they come, for ZMQ_STREAM: there is no handshake,
// and neither frames nor commands. What one read brings is a message of one frame, and
// of a message only the bodies of its frames are written.

// getRaw lends the free end of a slab to a read, behind room for the header of a frame.
func (c *Conn) getRaw() []byte {
	in := &c.in
	if in.slab == nil {
		in.slab = slab.Start(in.busy)
	}
	in.slab.Wire = in.slab.Wire[:framing.MaxHeader]
	free := in.slab.Wire[framing.MaxHeader:cap(in.slab.Wire)]
	if limit := c.limits.MaxSize; limit > 0 {
		free = free[:min(len(free), limit)]
	}
	return free
}

// putRaw takes it back from a read that found nothing.
func (c *Conn) putRaw([]byte) {
	c.in.slab.Recycle()
	c.in.slab = nil
}

// lookRaw makes a message of what a read brought, if that is not done yet.
func (c *Conn) lookRaw() {
	in := &c.in
	if in.slab == nil || in.count > 0 {
		return
	}
	wire := in.slab.Wire
	size := len(wire) - framing.MaxHeader
	header := len(framing.AppendHeader(wire[:0], 0, size))
	if header < framing.MaxHeader {
		wire = wire[:header+copy(wire[header:], wire[framing.MaxHeader:])]
	}
	in.slab.Wire = wire
	in.kept, in.whole, in.next, in.count = len(wire), len(wire), len(wire), 1
}

// rawWriter writes the bodies of frames. Its owner sees progress in bytes of the wire
// form: a header counts as written with the first byte of its body.
type rawWriter struct {
	left int // bytes of the body that is written in part
}

// gatherSize is the size from which a body is written by itself: shorter ones are
// copied together.
const gatherSize = 4 << 10

// write passes the bodies in wire to put, up to most bytes at a time, until put takes
// less. n is the number of bytes of wire that count as written.
func (r *rawWriter) write(wire []byte, most int, put func([]byte) (int, error)) (n int, err error) {
	var gathered *slab.Slab
	defer func() {
		if gathered != nil {
			gathered.Recycle()
		}
	}()
	for n < len(wire) {
		part := r.body(wire[n:])
		if len(part) < gatherSize && r.left == 0 {
			if gathered == nil {
				gathered = slab.New(min(len(wire)-n, most))
			}
			part = gatherBodies(gathered.Wire[:0], wire[n:])
		}
		part = part[:min(len(part), most)]
		k := 0
		if len(part) > 0 {
			k, err = put(part)
		}
		n += r.took(wire[n:], k)
		if err != nil || k < len(part) {
			return n, err
		}
	}
	return n, nil
}

// body returns what is left of the first body in wire.
func (r *rawWriter) body(wire []byte) []byte {
	if r.left > 0 {
		return wire[:r.left]
	}
	_, size, header := framing.ParseHeader(wire)
	return wire[header : header+int(size)]
}

// gatherBodies appends whole bodies to dst, as many as fit.
func gatherBodies(dst, wire []byte) []byte {
	for len(wire) > 0 {
		_, size, header := framing.ParseHeader(wire)
		if len(dst)+int(size) > cap(dst) {
			break
		}
		dst = append(dst, wire[header:header+int(size)]...)
		wire = wire[header+int(size):]
	}
	return dst
}

// took returns the bytes of wire that count as written after size bytes of its bodies
// were. Empty bodies behind them count too.
func (r *rawWriter) took(wire []byte, size int) (n int) {
	if r.left > 0 {
		n = min(size, r.left)
		size -= n
		if r.left -= n; r.left > 0 {
			return n
		}
	}
	for n < len(wire) {
		_, whole, header := framing.ParseHeader(wire[n:])
		if whole > 0 && size == 0 {
			break
		}
		taken := min(size, int(whole))
		n += header + taken
		size -= taken
		if r.left = int(whole) - taken; r.left > 0 {
			break
		}
	}
	return n
}
