package queue

import (
	"slices"
	"sync/atomic"

	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// Account counts the memory of what waits in the outboxes of several peers.
type Account interface {
	// Charge counts a slab until that is recycled.
	Charge(*slab.Slab)
	// Allows reports whether a queue may have size bytes.
	Allows(size int) bool
}

// Outgoing is an Account with a limit: a queue grows only as long as it is no
// larger than what is still free. A message for several peers is counted once.
type Outgoing struct {
	limit int64
	held  atomic.Int64
	over  func() // called when the limit is exceeded
}

// NewOutgoing makes an account of limit bytes; over is called, often, when it holds
// more, and must return at once.
func NewOutgoing(limit int, over func()) *Outgoing {
	return &Outgoing{limit: int64(limit), over: over}
}

// Charge implements Account.
func (a *Outgoing) Charge(s *slab.Slab) {
	s.Charge(&a.held)
	if a.Exceeded() {
		a.over()
	}
}

// Allows implements Account.
func (a *Outgoing) Allows(size int) bool { return int64(size) <= a.Free() }

// Held returns the number of bytes that are counted.
func (a *Outgoing) Held() int64 { return a.held.Load() }

// Free returns the number of bytes that are left, below 0 where the limit is
// exceeded.
func (a *Outgoing) Free() int64 { return a.limit - a.held.Load() }

// Exceeded reports whether more is held than the limit.
func (a *Outgoing) Exceeded() bool { return a.held.Load() > a.limit }

// Intake is the account of what comes in from several peers: messages that wait in
// inboxes, and memory for those that are not whole yet. A peer's Part grows only
// as long as it is no more than what is still free; one peer at a time may exceed
// that, or else peers with halves of messages could wait for each other. The zero
// value has no limit.
type Intake struct {
	limit   int // 0: none
	held    int // bytes
	queued  int // bytes of them in whole messages
	exempt  *Part
	waiting []*Part // whose readers wait for room
}

// Part is the share of one peer in an Intake.
type Part struct {
	held     int // bytes of memory counted for it in the account
	queued   int // bytes of them in whole messages
	arriving int // bytes for a message that is not whole
	exempt   bool
	wake     func() // there may be room; nil while nobody waits
}

// Open sets the limit in bytes, before anything else.
func (a *Intake) Open(limit int) { a.limit = limit }

// Limited reports whether there is a limit.
func (a *Intake) Limited() bool { return a.limit > 0 }

// Held returns the number of bytes that are taken.
func (a *Intake) Held() int { return a.held }

// Free returns the number of bytes that are left of the limit.
func (a *Intake) Free() int { return a.limit - a.held }

// Short reports whether a reader waits for room.
func (a *Intake) Short() bool { return len(a.waiting) > 0 }

// Exempt takes p out of the account.
func (p *Part) Exempt() { p.exempt = true }

// Held returns the number of bytes that are counted for p.
func (p *Part) Held() int { return p.held }

// Arriving returns the number of them that are for a message that is not whole.
func (p *Part) Arriving() int { return p.arriving }

// Settle updates p with the size of its inbox, in bytes of memory.
func (a *Intake) Settle(p *Part, inbox int) {
	queued, held := inbox-p.queued, inbox+p.arriving-p.held
	if a.limit == 0 || p.exempt || queued == 0 && held == 0 {
		return
	}
	a.queued, p.queued = a.queued+queued, p.queued+queued
	a.held, p.held = a.held+held, p.held+held
	if queued < 0 || held < 0 {
		a.relieve()
	}
}

// Arrived notes that whole messages of p are in its inbox, and the bytes held now
// for one that is not whole.
func (a *Intake) Arrived(p *Part, arriving, inbox int) {
	p.arriving = arriving
	a.giveBack(p)
	a.Settle(p, inbox)
}

// Left notes that a peer sends nothing more.
func (a *Intake) Left(p *Part, inbox int) { a.Arrived(p, 0, inbox) }

func (a *Intake) giveBack(p *Part) {
	if a.exempt == p {
		a.exempt = nil
		a.relieve()
	}
}

// Allows reports whether p is no larger than what is still free.
func (a *Intake) Allows(p *Part) bool {
	return a.limit == 0 || p.exempt || p.held <= a.limit-a.held
}

// Grow lets a message that arrives from p take size bytes in all, and reports
// whether there is memory for it. If not, wake, unless it is nil, is called once
// there may be room, unless Endure ends the wait first.
func (a *Intake) Grow(p *Part, size, inbox int, wake func()) (may bool) {
	more := inbox + size - p.held
	may = a.limit == 0 || p.exempt || a.exempt == p || p.held+more <= a.limit-a.held-more
	if !may && wake != nil && a.exempt == nil && a.queued <= a.limit/4 {
		a.exempt, may = p, true // what all wait for is not the application
	}
	if may {
		p.arriving = size
		a.Settle(p, inbox)
		return true
	}
	if wake != nil {
		p.wake = wake
		a.waiting = append(a.waiting, p)
	}
	return false
}

// Starved reports whether p waits for room.
func (p *Part) Starved() bool { return p.wake != nil }

// Endure ends the wait of p, if there still is one.
func (a *Intake) Endure(p *Part) {
	if p.wake != nil {
		p.wake = nil
		a.waiting = slices.DeleteFunc(a.waiting, func(q *Part) bool { return q == p })
	}
}

// relieve lets readers that wait look again.
func (a *Intake) relieve() {
	for _, p := range a.waiting {
		wake := p.wake
		p.wake = nil
		wake()
	}
	clear(a.waiting)
	a.waiting = a.waiting[:0]
}
