package frames

import "io"

// Order is what a line of JSON says that a command wrote which several sockets are
// joined around: where its message goes, or that a socket is to be read no further for
// now, or again. What is not there is empty. All are views, valid until the next line.
type Order struct {
	Line   int    // its number, from 1
	To     []byte // the name of the socket that the message goes to
	From   []byte // the name of the one that it came from
	Pause  []byte // the name of the one that is not to be read
	Resume []byte // the name of the one that is to be read again
	Frames int    // the number of frames of its message
}

// DecodeOrders waits for a line and calls take for each that is at hand then, with its
// message, if it has one, in b, which take empties. It returns when more would have to
// be waited for, io.EOF at the end of the input, a *LineError for a bad line, behind
// which the next call goes on, or take's error. Format JSON only.
func (d *Decoder) DecodeOrders(b *Batch, take func(*Order) error) error {
	switch {
	case b == nil || take == nil:
		return errNoBatch
	case d.lines.r == nil:
		return io.EOF
	}
	form, o := JSON.form(), &d.json.orders
	d.json.order = o
	defer func() { d.json.order = nil }()
	for taken := false; ; {
		o.clear()
		b.Reset()
		start, n, state := d.lines.next()
		var bad *LineError
		switch state {
		case linePartial:
			if taken {
				return nil
			}
			if err := d.lines.fill(); err != nil {
				return err
			}
			continue
		case lineWhole:
			bad = d.decodeLine(form, b, d.lines.buf[start:], n)
		case lineTooLong:
			bad = d.options.tooLong(d.lines.most)
		}
		o.Line, o.Frames = d.lines.number, d.json.count
		switch {
		case bad != nil:
			bad.Line, bad.Cut = o.Line, d.lines.cut
			return bad
		case b.Len() > 0 || o.steers():
			d.lines.shrink() // take may wait for long
			if err := take(o); err != nil {
				return err
			}
			taken = true
		}
	}
}

// clear empties the order, and keeps its buffers.
func (o *Order) clear() {
	o.To, o.From, o.Pause, o.Resume = o.To[:0], o.From[:0], o.Pause[:0], o.Resume[:0]
}

// field returns the place for the value of a key, nil for one that is no order.
func (o *Order) field(key []byte) *[]byte {
	switch string(key) {
	case "to":
		return &o.To
	case "from":
		return &o.From
	case "pause":
		return &o.Pause
	case "resume":
		return &o.Resume
	}
	return nil
}

// steers reports whether an order is one without a message.
func (o *Order) steers() bool { return len(o.Pause)+len(o.Resume) > 0 }

// steered reports whether the line is such an order.
func (p *jsonParser) steered() bool { return p.order != nil && p.order.steers() }

// orderString reads the value of a key into an order, which wants a name.
func (p *jsonParser) orderString(key []byte) (read bool, bad *LineError) {
	if p.order == nil {
		return false, nil
	}
	field := p.order.field(key)
	if field == nil {
		return false, nil
	}
	start := p.at
	if p.src[start] != '"' {
		return true, p.expected(wantName)
	}
	text, bad := p.text()
	if bad == nil && len(text) == 0 {
		bad = p.fail(start, wantName+", found an empty one")
	}
	*field = append((*field)[:0], text...)
	return true, bad
}

// wantName describes the value of "to" and its like.
const wantName = `expected the name of a socket in quotes, as {"to":"workers","frames":["a"]}`
