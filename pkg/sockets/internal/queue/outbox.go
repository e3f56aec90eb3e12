package queue

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/locks"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// Outbox is the queue of messages for one peer. The sender itself writes what the
// kernel takes at once; only the rest waits here for a goroutine that lives as long
// as the queue is not empty. To write at once takes a third off the time until a
// small message is at the other end, and a quarter at 64 KiB (BenchmarkDirectSend).
type Outbox struct {
	settings Settings
	policy   Policy

	mu locks.Mutex[locks.Outbox]
	// The fields that each call reads stand with the lock: among thousands of outboxes
	// every cache line of one has to be fetched (BenchmarkFanOut of sockets).
	lame    bool // the peer may not come back, and a write to it failed
	closed  bool
	writing bool // somebody writes: whoever queued something, or the goroutine
	local   bool // of conn
	sparing bool // who feeds it what can wait elsewhere waits for room
	notify  notice
	conn    Conn // nil while there is no connection

	queue   []chunk
	held    Load   // in queue, the part of a chunk that has left included
	left    Load   // of it, in whole messages: what has left, or is being handed to the kernel
	owed    Load   // replies to messages that the application has in hand
	control []byte // commands, which go out before the messages; in front of them the greeting
	greets  int    // bytes of it that are the greeting's: whole messages
	begun   bool   // it is what the next connection starts with, or the present one did
	ended   []Conn // connections that were given up, to be closed by Clear
	moves   Gauge  // the rate at which the peer takes what waits
	taken   int64  // messages that the kernel has taken from the queue
	closing int    // connections that are being closed by a goroutine
	settled sync.Cond

	cleared    bool // Clear was called
	discarding bool // Discard is at work, and counts what is dropped

	crowded atomic.Bool // a mark is reached; for the receiver of the peer's messages
	awaited atomic.Bool // the receiver wants to know when that changes

	pace      pace
	paceTimer *time.Timer
	spared    func() // see SpareWith
}

// Settings of an Outbox do not change, except Wake (WakeWith).
type Settings struct {
	Marks    Marks
	Conflate bool    // only the newest message is kept
	Returns  bool    // the peer may come back on another connection
	Account  Account // the account that the queue is charged to; may be nil
	Wake     func()  // called when there is room again, or nothing left, if that was asked for
	Freed    func()  // called when there is room for replies again, after AwaitRoom; may be nil
	Watch    Watch   // of what goes through; may be nil
}

// Watch is told of the messages that an outbox takes, under its lock.
type Watch interface {
	// Sending is called before count messages may be at the peer, in wire form.
	Sending(wire []byte, count int)
	// Sent is called after it, when the first taken of them have been taken. For the
	// others there will be another call, if they are.
	Sent(wire []byte, count, taken int)
}

// Policy is the conduct of a sender that finds no room in an Outbox.
type Policy struct {
	Paced     bool        // it waits, and drops nothing
	Reoffered bool        // what is not taken is offered again, here or elsewhere
	Twice     bool        // the queue may hold twice the marks
	Alone     func() bool // whether a wait of the sender holds up no other peer; nil: always
}

// Open prepares o, before anything else is done with it.
func (o *Outbox) Open(s Settings) {
	o.settings = s
	o.settled.L = &o.mu
}

// WakeWith changes Settings.Wake.
func (o *Outbox) WakeWith(wake func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settings.Wake = wake
}

// Arrange sets the Policy.
func (o *Outbox) Arrange(p Policy) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.policy = p
}

// chunk is a run of whole messages in wire form.
type chunk struct {
	slab  *slab.Slab // where wire lies
	wire  []byte     // may be appended to while it has capacity left
	count int
	off   int  // bytes already written
	gone  Load // whole messages within these bytes
	busy  bool // a write of it is under way
}

// newChunk copies count whole messages into a chunk with room for more.
func (o *Outbox) newChunk(wire []byte, count, room int) chunk {
	s := slab.New(max(room, len(wire)))
	o.charge(s)
	return chunk{slab: s, wire: append(s.Wire, wire...), count: count}
}

// charge charges a slab to the account.
func (o *Outbox) charge(s *slab.Slab) {
	if o.settings.Account != nil {
		o.settings.Account.Charge(s)
	}
}

// notice is the event that the waiter of an Outbox waits for.
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
// next Flush. pong marks one of which a flood by the peer must not pile up many.
func (o *Outbox) Command(wire []byte, pong bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	waits, most := len(o.control)-o.greets, o.settings.Marks.Bytes
	if most <= 0 {
		most = math.MaxInt
	}
	crowded := waits > 0 && waits+len(wire) > most
	switch {
	case o.closed, pong && (waits > maxPongs || crowded):
		return
	case crowded && o.begun && o.conn == nil: // it will leave at once
	case crowded:
		// A publisher that does not read its subscriptions gets them when it comes
		// back: the sum of them, not each step.
		if conn := o.forget(); conn != nil {
			o.closeApart(conn)
		}
		return
	}
	o.control = append(o.control, wire...)
}

// Begin sets the commands that a new connection starts with; they replace those
// that came too late for the one before.
func (o *Outbox) Begin(commands []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.control, o.greets, o.begun = commands, 0, true
}

// Greet has a new connection start with messages, in wire form, in front of whatever
// waits: those of Options.Hello. They are outside of the marks, and are not kept for
// another connection.
func (o *Outbox) Greet(messages []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.control, o.greets, o.begun = messages[:len(messages):len(messages)], len(messages), true
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
	o.watch(wire, count)
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

// watch tells who watches of messages that are queued.
func (o *Outbox) watch(wire []byte, count int) {
	if w := o.settings.Watch; w != nil {
		w.Sending(wire, count)
		w.Sent(wire, count, count)
	}
}

// appendBodies is append for messages that are queued without their first bytes.
func (o *Outbox) appendBodies(wire []byte, first, count int) {
	defer o.changed()
	size := len(wire) - first*count
	o.held = o.held.Plus(Load{count, size})
	last := len(o.queue) - 1
	if last < 0 || o.queue[last].busy || len(o.queue[last].wire)+size > cap(o.queue[last].wire) {
		room := size
		if last++; last > 0 {
			room = max(room, chunkSize) // as in append
		}
		o.queue = append(o.queue, o.newChunk(nil, 0, room))
	}
	c := &o.queue[last]
	c.count += count
	for len(wire) > 0 {
		message, rest := framing.CutMessage(wire)
		o.watch(message[first:], 1)
		c.wire, wire = append(c.wire, message[first:]...), rest
	}
}

// keepNewest drops all but the last of count messages and what was queued,
// except a message that is partly written.
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
