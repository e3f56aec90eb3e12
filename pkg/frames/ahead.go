package frames

import "math"

// Ahead looks at messages that a later Decode will return, in their order, and
// takes none of them. It looks at those within reach bytes from where it is, as far
// as they are at hand or ready says that a read would not wait. see gets each,
// valid until it returns, and ends the look by returning false. Lines that are no
// message are passed over, and a format without lines has nothing ahead.
//
// Ahead goes on where the last look ended, unless anew is set or something was
// decoded since: what was passed over or approved of is not shown again. more
// reports that there is input out of reach.
func (d *Decoder) Ahead(anew bool, reach int, ready func() bool, see func(Message) bool) (more bool) {
	form := d.format.form()
	if form.decodeLine == nil || see == nil {
		return false
	}
	if ready == nil {
		ready = func() bool { return false }
	}
	l := &d.lines
	for l.err == nil && l.end-l.at < reach && ready() {
		l.fillBehind()
	}
	more = l.err == nil && l.end-l.at >= reach && ready()
	place := *l
	looked, skipping := 0, l.skipping
	if !anew && l.lookedAfter == l.number {
		looked, skipping = l.looked, l.lookedInto
	}
	l.at, l.seen, l.skipping = l.at+looked, 0, skipping
	var b Batch
	for {
		start, n, state := l.next()
		if state == linePartial {
			break
		}
		b.Reset()
		if state == lineWhole && d.decodeLine(form, &b, l.buf[start:], n) == nil && b.Len() > 0 && !see(b.Next()) {
			break
		}
		looked, skipping = l.at-place.at, l.skipping
	}
	place.looked, place.lookedInto, place.lookedAfter = looked, skipping, place.number
	*l = place
	return more
}

// fillBehind reads once, appending to what is at hand, however much that is.
func (l *lines) fillBehind() {
	if l.at == 0 && l.buf != nil && l.end == len(l.buf)-slack {
		l.grow(math.MaxInt)
	}
	_ = l.fill() // what ended it stays for the read that waits
}
