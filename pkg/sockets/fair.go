package sockets

import (
	"math"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/locks"
)

// fairQueue gives the application one message of each peer that has any, in turn.
// The socket's lock guards it.
type fairQueue struct {
	active []*peer // from first on: peers with messages, in the order of their turns
	first  int
	last   *peer // whose turn was last

	gate   func(p *peer) bool // whether messages of p may be taken; nil: those of all peers may
	ending bool               // messages of all peers may be taken, whatever gate says

	former successions // who had routing ids before

	admissions locks.Mutex[locks.Leaf]
	admitted   []*peer // parked ones that have room for replies again
}

// batchSize is the size at which a batch for the application ends, in bytes.
const batchSize = 64 << 10

// activate gives p its turn once it has messages, and who had its routing id has none.
func (f *fairQueue) activate(p *peer) {
	if !p.active && !p.parked && p.before == nil && p.waits() {
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

// waiting returns the number of peers that have messages.
func (f *fairQueue) waiting() int { return len(f.active) - f.first }

// pop takes the first peer out of the line.
func (f *fairQueue) pop() {
	f.active[f.first] = nil
	if f.first++; f.first == len(f.active) {
		f.active, f.first = f.active[:0], 0
	}
}

// park takes a peer out of the line until there is room for replies to it, and
// reports whether it did: meanwhile there may be room.
func (f *fairQueue) park(p *peer) bool {
	if !p.out.AwaitRoom() {
		return false
	}
	p.active, p.parked = false, true
	f.pop()
	return true
}

// readmit notes that there is room for replies to p. The lock of its outbox is
// held.
func (s *Socket) readmit(p *peer) {
	f := &s.fair
	f.admissions.Lock()
	f.admitted = append(f.admitted, p)
	f.admissions.Unlock()
	s.wakeReceiver()
}

// admit puts the peers that readmit noted back into the line.
func (f *fairQueue) admit() {
	f.admissions.Lock()
	defer f.admissions.Unlock()
	for i, p := range f.admitted {
		p.parked = false
		f.activate(p)
		f.admitted[i] = nil
	}
	f.admitted = f.admitted[:0]
}

// head returns the peer whose turn it is; nil when none has messages that may be
// taken.
func (f *fairQueue) head() *peer {
	for f.first < len(f.active) {
		p := f.active[f.first]
		if f.gate == nil || f.ending || f.gate(p) || !f.park(p) {
			return p
		}
	}
	return nil
}

// next takes one message of the peer whose turn it is; nil when there is none.
// The view lives until the next call.
func (f *fairQueue) next() (*peer, []byte) {
	p := f.head()
	if p == nil || p.toTell() == 0 {
		return nil, nil
	}
	message := p.in.Next()
	f.turn(p)
	return p, message
}

// turn sends the first peer to the end of the line, or away if it has no more.
func (f *fairQueue) turn(p *peer) {
	f.last = p
	p.taken()
	f.pop()
	if p.waits() {
		f.push(p)
		return
	}
	p.active = false
	f.settle(p)
}

// others reports whether a peer other than p has messages.
func (f *fairQueue) others(p *peer) bool {
	n := len(f.active) - f.first
	return n > 1 || n == 1 && !p.active
}

// takes holds how many messages are taken out of a fairQueue, and in what form.
type takes struct {
	most int // messages; 0: as many as make a batch
	// edit, if set, appends a message to b in another form or leaves it out.
	edit func(b *framing.Batch, p *peer, message []byte)
	// tickets, if set, get one for each message, to whose peer a reply is then
	// owed: no more messages are taken from a peer than there is room for replies
	// to it.
	tickets *[]Ticket
	// inTurn says that others receive where this would wait: it reads no connection.
	inTurn bool
}

// fill moves messages to b, which is empty.
func (f *fairQueue) fill(b *framing.Batch, t takes) {
	most := t.most
	if most == 0 {
		most = math.MaxInt
	}
	for b.Size() < batchSize && b.Len() < most {
		p := f.head()
		if p == nil {
			return
		}
		until := p.toTell()
		if until == 0 {
			return // a notice comes alone
		}
		n := 1
		if len(f.active)-f.first == 1 {
			n = min(most-b.Len(), p.in.Ready(), until) // nobody else waits for a turn
		}
		if t.tickets != nil {
			if n = p.out.Owe(p.in.First(), n); n == 0 {
				f.park(p)
				continue
			}
		}
		before := b.Len()
		whole := n == p.in.Ready() && before == 0 && t.edit == nil
		if whole {
			p.in.HandOver(b)
			p.issue(t.tickets, b.Wire())
		} else {
			f.move(b, p, n, t)
		}
		if b.Len() > before {
			b.AppendSource(p.source, b.Len()-before)
		}
		if f.turn(p); whole {
			return // any messages after it would have to be copied
		}
	}
}

// move moves up to n messages of p to b.
func (f *fairQueue) move(b *framing.Batch, p *peer, n int, t takes) {
	for ; n > 0 && (t.tickets != nil || b.Size() < batchSize); n-- {
		message := p.in.Next()
		p.issue(t.tickets, message)
		if t.edit == nil {
			b.AppendWire(message, 1)
		} else {
			t.edit(b, p, message)
		}
	}
	p.in.Settle() // all is copied
}

// clear throws away all messages that wait.
func (f *fairQueue) clear() {
	for n := len(f.active) - f.first; n > 0; n-- {
		p := f.head()
		if p == nil {
			return
		}
		for p.in.Count() > 0 {
			p.in.Next()
		}
		f.turn(p)
	}
}
