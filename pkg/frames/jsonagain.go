package frames

import "bytes"

// Lines that come together mostly begin alike: the orders of a command have the same
// time, peer and sockets, and the messages of one peer the same routing id. What a line
// has in common with the one before is compared, not read again.
// BenchmarkDecodeOrders: 290 to 100 ns a line of a ROUTER.

// mostHeading and mostFirst bound what is kept, in bytes of text.
const mostHeading, mostFirst = 1 << 10, 128

// heading is the beginning of an order, up to the array of its frames.
type heading struct {
	text     []byte // empty: none is kept
	to, from []byte
}

// keepHeading keeps what stands between start, where a line's record begins, and the
// value of its frames.
func (p *jsonParser) keepHeading(start int) {
	h, o := &p.heading, p.order
	h.text = h.text[:0]
	if o == nil || start > 0 || p.at > mostHeading || p.passing || p.event || p.count > 0 || o.steers() {
		return
	}
	h.text = append(h.text, p.src[:p.at]...)
	h.to, h.from = append(h.to[:0], o.To...), append(h.from[:0], o.From...)
}

// sameHeading passes the heading of an order where it is that of the last one.
func (p *jsonParser) sameHeading() bool {
	h := &p.heading
	if p.order == nil || p.at > 0 || p.passing || len(h.text) == 0 || !bytes.HasPrefix(p.src[:p.len], h.text) {
		return false
	}
	p.order.To, p.order.From = append(p.order.To[:0], h.to...), append(p.order.From[:0], h.from...)
	p.at = len(h.text)
	return true
}

// first is the first frame of a message that has more, which was no plain string.
type first struct {
	text []byte // with the comma behind it; empty: none is kept
	wire []byte
	size int
}

// keepFirst keeps the first frame, which stands between start and the comma at p.at in
// the line, and from before on in p.wire.
func (p *jsonParser) keepFirst(start, before int) {
	f := &p.first
	if p.src[start] != '{' || p.at-start >= mostFirst {
		return // a plain string is read as fast
	}
	f.text, f.wire, f.size = append(f.text[:0], p.src[start:p.at+1]...), append(f.wire[:0], p.wire[before:]...), p.size
}

// sameFirst adds the first frame where it is that of the last message.
func (p *jsonParser) sameFirst() {
	f := &p.first
	if p.src[p.at] != '{' || len(f.text) == 0 || !bytes.HasPrefix(p.src[p.at:], f.text) {
		return
	}
	p.wire = append(p.wire, f.wire...)
	p.count++
	p.size += f.size
	p.at += len(f.text)
	p.next()
}
