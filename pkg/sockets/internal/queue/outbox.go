package queue

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// Outbox is the queue of messages for one peer. What the kernel takes at once
// is written by the sender itself; only what it refuses waits here for a
// goroutine that lives as long as the queue is not empty.
type Outbox struct {
	settings Settings
	policy   Policy

	mu      sync.Mutex
	conn    Conn   // nil while there is no connection
	local   bool   // of conn
	ended   []Conn // connections that were given up, to be closed by Clear
	control []byte // commands, which go out before the messages
	queue   []chunk
	held    Load  // in queue, the part of a chunk that has left included
	left    Load  // of it, in whole messages: what has left, or is being handed to the kernel
	owed    Load  // replies to messages that the application has in hand
	moves   Gauge // how fast the peer takes what waits
	taken   int64 // messages that the kernel has taken from the queue
	writing bool  // somebody writes: whoever queued something, or the goroutine
	closing int   // connections that are being closed by a goroutine
	settled sync.Cond
	notify  notice
	lame    bool // the peer may not come back, and a write to it failed
	closed  bool

	cleared    bool // Clear was called
	discarding bool // Discard is at work: what there is, is its to count

	crowded atomic.Bool // a mark is reached; for who takes messages from the peer
	awaited atomic.Bool // who does wants to be told when that has changed

	pace      pace
	paceTimer *time.Timer
}

// Settings of an Outbox do not change.
type Settings struct {
	Marks    Marks
	Conflate bool    // only the newest message is kept
	Returns  bool    // the peer may come back on another connection
	Account  Account // bears what waits; nil: nobody does
	Wake     func()  // there is room again, or nothing left, for whoever asked
	Freed    func()  // there is room for the replies of a peer that had none; may be nil
}

// Policy says what a sender does that finds no room in an Outbox.
type Policy struct {
	Paced     bool        // it waits, and drops nothing
	Reoffered bool        // what is not taken is offered again, here or elsewhere
	Twice     bool        // one that waits may fill the marks twice
	Alone     func() bool // whether a wait of the sender's holds up nobody else; nil: it does not
}

// Open prepares o, before anything else is done with it.
func (o *Outbox) Open(s Settings) {
	o.settings = s
	o.settled.L = &o.mu
}

// Arrange settles what a sender does that finds no room.
func (o *Outbox) Arrange(p Policy) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.policy = p
}

// chunk is a run of whole messages in wire form.
type chunk struct {
	slab  *slab.Slab // where wire lies
	wire  []byte     // what may be appended to has capacity left
	count int
	off   int  // bytes already written
	gone  Load // whole messages within them
	busy  bool // a write of it is under way
}

// newChunk copies count whole messages into a chunk with room for more.
func (o *Outbox) newChunk(wire []byte, count, room int) chunk {
	s := slab.New(max(room, len(wire)))
	o.charge(s)
	return chunk{slab: s, wire: append(s.Wire, wire...), count: count}
}

// charge has the account bear a slab.
func (o *Outbox) charge(s *slab.Slab) {
	if o.settings.Account != nil {
		o.settings.Account.Charge(s)
	}
}

// notice says what the waiter of an Outbox waits for.
type notice uint8

const (
	noNotice notice = iota
	whenRoom
	whenEmpty
)

// chunkSize is the room of a new chunk: what one write(2) takes on tcp.
const chunkSize = 64 << 10

// maxPongs bounds the commands that wait for a peer which sends PINGs and does
// not read, in bytes.
const maxPongs = 64 << 10

// Command queues a command, in wire form, to go out before the messages at the
// next Flush. pong marks one that a peer's flood may not pile up.
func (o *Outbox) Command(wire []byte, pong bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || pong && len(o.control) > maxPongs {
		return
	}
	if most := o.settings.Marks.Bytes; most > 0 && len(o.control) > 0 && len(o.control)+len(wire) > most {
		// A publisher that does not read what it is asked for hears it all when it
		// comes back: the sum of it, not each step.
		if conn := o.forget(); conn != nil {
			o.closeApart(conn)
		}
		return
	}
	o.control = append(o.control, wire...)
}

// Begin sets the commands that a new connection starts with, in the place of
// those that came too late for the one before.
func (o *Outbox) Begin(commands []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.control = commands
}

// idle reports whether the next message can go straight to the kernel.
func (o *Outbox) idle() bool {
	return o.conn != nil && !o.writing && len(o.queue) == 0 && len(o.control) == 0
}

// unsent is what has not left, and what is owed on top of it. What is being
// handed to the kernel counts as left: a peer may have it, and act on it, before
// the write returns.
func (o *Outbox) unsent() Load { return o.held.Minus(o.left).Plus(o.owed) }

// marks are the high-water marks for a sender.
func (o *Outbox) marks() Marks {
	m := o.settings.Marks
	if o.policy.Twice {
		return Marks{2 * m.Messages, 2 * m.Bytes}
	}
	return m
}

// allows reports whether the account lets the queue have size bytes.
func (o *Outbox) allows(size int) bool {
	return o.settings.Account == nil || o.settings.Account.Allows(size)
}

// below reports whether l is below both marks, and within the account. So one
// message may exceed the mark in bytes, and always fits an empty queue.
func (o *Outbox) below(l Load, m Marks) bool {
	return l.Count == 0 || !m.reached(l) && o.allows(l.Size)
}

// fits reports whether there is room for one more message.
func (o *Outbox) fits() bool {
	return o.settings.Conflate || o.below(o.unsent(), o.marks())
}

// fitsAll reports whether count messages of size bytes in all do not exceed a
// mark together.
func (o *Outbox) fitsAll(size, count int) bool {
	if o.settings.Conflate || count <= 1 {
		return count == 0 || o.fits()
	}
	m, l := o.marks(), o.unsent().Plus(Load{count, size})
	return (m.Messages == 0 || l.Count <= m.Messages) && (m.Bytes == 0 || l.Size <= m.Bytes) && o.allows(l.Size)
}

// changed keeps crowded up to date, and tells whoever waits for that.
func (o *Outbox) changed() {
	if o.settings.Freed == nil {
		return
	}
	l, gone := o.unsent(), o.closed || o.lame
	if crowded := !gone && !o.settings.Conflate && !o.below(l, o.settings.Marks); crowded != o.crowded.Load() {
		o.crowded.Store(crowded)
	}
	if (gone || o.settings.Marks.half(l)) && o.awaited.CompareAndSwap(true, false) {
		o.settings.Freed()
	}
}

// Crowded reports whether there is no room for a reply.
func (o *Outbox) Crowded() bool { return o.crowded.Load() }

// AwaitRoom has Freed called when there is room again, and reports whether there
// is none at present.
func (o *Outbox) AwaitRoom() bool {
	o.awaited.Store(true)
	return o.crowded.Load() || !o.awaited.CompareAndSwap(true, false)
}

// append queues count messages.
func (o *Outbox) append(wire []byte, count int) {
	if count == 0 {
		return
	}
	if o.settings.Conflate {
		o.keepNewest(wire, count)
		return
	}
	defer o.changed()
	o.held = o.held.Plus(Load{count, len(wire)})
	if last := len(o.queue) - 1; last >= 0 && !o.queue[last].busy && len(o.queue[last].wire)+len(wire) <= cap(o.queue[last].wire) {
		o.queue[last].wire = append(o.queue[last].wire, wire...)
		o.queue[last].count += count
		return
	}
	room := len(wire)
	if len(o.queue) > 0 {
		room = max(room, chunkSize) // more is likely to follow
	}
	o.queue = append(o.queue, o.newChunk(wire, count, room))
}

// keepNewest drops all but the last of count messages and what was queued,
// except a message of which a part is on its way.
func (o *Outbox) keepNewest(wire []byte, count int) {
	for ; count > 1; count-- {
		_, wire = frames.CutMessage(wire)
	}
	kept := o.queue[:0]
	o.held = Load{1, len(wire)}
	for _, c := range o.queue {
		if c.busy || c.off > 0 {
			kept = append(kept, c)
			o.held = o.held.Plus(Load{c.count, len(c.wire)})
		} else {
			c.slab.Recycle()
		}
	}
	clear(o.queue[len(kept):])
	o.queue = append(kept, o.newChunk(wire, 1, 0))
}

// tell wakes who waits for this outbox, once it is half empty or all empty.
func (o *Outbox) tell() {
	o.changed()
	l := o.unsent()
	switch {
	case o.notify == whenRoom && o.pace.waits && l.Size > PaceSize/2:
		return
	case o.notify == whenRoom && o.marks().half(l):
	case o.notify == whenEmpty && len(o.queue) == 0 && len(o.control) == 0 && !o.writing:
	default:
		return
	}
	o.notify = noNotice
	o.pace.waits = false
	o.settings.Wake()
}

// RoomFor reports whether there is room for a message, and asks to be woken when
// there is if there is not.
func (o *Outbox) RoomFor() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || !o.lame && o.fits() && !o.ahead() {
		return true
	}
	o.notify = whenRoom
	o.waitPaced()
	return false
}

// Waiting is the number of messages that the kernel has not taken whole.
func (o *Outbox) Waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.held.Count - o.left.Count
}

// Unreachable reports whether nothing that is sent will arrive.
func (o *Outbox) Unreachable() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed || o.lame
}

// Drained reports whether all is written, and asks to be woken when it is if not.
func (o *Outbox) Drained() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.lame || len(o.queue) == 0 && !o.writing && len(o.control) == 0 {
		return true
	}
	if len(o.queue) == 0 && o.conn == nil {
		return true // commands to nobody
	}
	o.notify = whenEmpty
	return false
}

// Progress is how many bytes went out on the connection, and how many messages in
// all.
func (o *Outbox) Progress() (sent, taken int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conn != nil {
		sent = o.conn.Sent()
	}
	return sent, o.taken
}

// Slow reports whether the peer is slow to take what waits for it, and how much
// that is, in bytes.
func (o *Outbox) Slow(now time.Time) (slow bool, waits int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.held.Size == 0 || o.conn == nil {
		o.moves = Gauge{}
		return false, 0
	}
	return o.moves.Slow(now, o.conn.Sent()), int64(o.held.Size)
}
