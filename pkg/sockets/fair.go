package sockets

import "github.com/zcat/zcat/pkg/frames"

// fairQueue gives the application one message of each peer that has any in
// turn. The socket's lock guards it.
type fairQueue struct {
	active []*peer // from first on: peers with messages, in the order of their turns
	first  int
	last   *peer // whose turn was last
}

// batchSize is where a batch for the application ends, in bytes.
const batchSize = 64 << 10

// activate gives p its turn once it has messages.
func (f *fairQueue) activate(p *peer) {
	if !p.active && p.in.count > 0 {
		p.active = true
		f.push(p)
	}
}

func (f *fairQueue) push(p *peer) {
	if f.first > 0 && len(f.active) == cap(f.active) {
		n := copy(f.active, f.active[f.first:])
		clear(f.active[n:])
		f.active, f.first = f.active[:n], 0
	}
	f.active = append(f.active, p)
}

// next takes one message of the peer whose turn it is; nil when there is none.
// The view lives until the next call.
func (f *fairQueue) next() (*peer, []byte) {
	if f.first == len(f.active) {
		return nil, nil
	}
	p := f.active[f.first]
	message := p.in.next()
	f.turn(p)
	return p, message
}

// turn sends the first peer to the end of the line, or away if it has no more.
func (f *fairQueue) turn(p *peer) {
	f.last = p
	p.taken()
	f.active[f.first] = nil
	if f.first++; f.first == len(f.active) {
		f.active, f.first = f.active[:0], 0
	}
	if p.in.count > 0 {
		f.push(p)
		return
	}
	p.active = false
}

// others reports whether a peer beside p has messages.
func (f *fairQueue) others(p *peer) bool {
	n := len(f.active) - f.first
	return n > 1 || n == 1 && !p.active
}

// fill moves messages to b, which is empty; where one is set, no more than one.
// edit, if given, appends a message to b in another form or leaves it out.
func (f *fairQueue) fill(b *frames.Batch, one bool, edit func(b *frames.Batch, p *peer, message []byte)) {
	if edit == nil && !one && len(f.active)-f.first == 1 {
		p := f.active[f.first]
		p.in.handOver(b)
		b.AppendSource(p.remote, b.Len())
		f.turn(p)
		return
	}
	for b.Size() < batchSize && (!one || b.Len() == 0) {
		p, message := f.next()
		if p == nil {
			return
		}
		before := b.Len()
		if edit == nil {
			b.AppendWire(message, 1)
		} else {
			edit(b, p, message)
		}
		if b.Len() > before {
			b.AppendSource(p.remote, 1)
		}
	}
}

// clear throws away all that waits.
func (f *fairQueue) clear() {
	for p, _ := f.next(); p != nil; p, _ = f.next() {
	}
}
