package queue

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/internal/framing"
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
	control []byte // commands, which go out before the messages; in front of them the greeting
	greets  int    // bytes of it that are the greeting's: whole messages
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

// Settings of an Outbox do not change, but for Wake (WakeWith).
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

// WakeWith changes whom o wakes.
func (o *Outbox) WakeWith(wake func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settings.Wake = wake
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
	waits := len(o.control) - o.greets
	if o.closed || pong && waits > maxPongs {
		return
	}
	if most := o.settings.Marks.Bytes; most > 0 && waits > 0 && waits+len(wire) > most {
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
	o.control, o.greets = commands, 0
}

// Greet has a new connection start with messages, in wire form, in front of whatever
// waits: those of Options.Hello. They are outside of the marks, and are not kept for
// another connection.
func (o *Outbox) Greet(messages []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.control, o.greets = messages[:len(messages):len(messages)], len(messages)
}

// idle reports whether the next message can go straight to the kernel.
func (o *Outbox) idle() bool {
	return o.conn != nil && !o.writing && len(o.queue) == 0 && len(o.control) == 0
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
		_, wire = framing.CutMessage(wire)
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
