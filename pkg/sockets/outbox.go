package sockets

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// outbox is the queue of messages for one peer. What the kernel takes at once
// is written by the sender itself; only what it refuses waits here for a
// goroutine that lives as long as the queue is not empty.
type outbox struct {
	hwm, hwmBytes int
	conflate      bool
	paced         bool        // its sender waits where there is no room, and drops nothing
	reoffered     bool        // what is not taken is offered again, here or elsewhere
	twice         bool        // a sender that waits may fill the marks twice
	alone         func() bool // whether a wait of the sender's holds up nobody else; nil: it does not
	wake          func()      // there is room again, or nothing left, for whoever asked
	freed         func()      // there is room for the replies of a peer that had none
	account       *outgoing   // what all of them hold

	mu      sync.Mutex
	conn    *zmtp.Conn // nil while there is no connection
	control []byte     // commands, which go out before the messages
	queue   []chunk
	held    load  // in queue, the part of a chunk that has left included
	left    load  // of it, in whole messages: what has left, or is being handed to the kernel
	owed    load  // replies to messages that the application has in hand
	moves   gauge // how fast the peer takes what waits
	taken   int64 // messages that the kernel has taken from the queue
	writing bool
	writer  sync.WaitGroup // the goroutine that writes, while there is one
	notify  notice
	returns bool // its peer may come back on another connection
	lame    bool // it may not, and a write to it failed
	closed  bool

	crowded atomic.Bool // a mark is reached; for who takes messages from the peer
	awaited atomic.Bool // who does wants to be told when that has changed

	pace      pace
	paceTimer *time.Timer
}

// load is a number of whole messages, and their bytes in wire form.
type load struct{ count, size int }

func (l load) plus(m load) load  { return load{l.count + m.count, l.size + m.size} }
func (l load) minus(m load) load { return load{l.count - m.count, l.size - m.size} }

// chunk is a run of whole messages in wire form.
type chunk struct {
	slab  *slab.Slab // where wire lies
	wire  []byte     // what may be appended to has capacity left
	count int
	off   int  // bytes already written
	gone  load // whole messages within them
	busy  bool // a write of it is under way
}

// newChunk copies count whole messages into a chunk with room for more.
func (o *outbox) newChunk(wire []byte, count, room int) chunk {
	slab := slab.New(max(room, len(wire)))
	o.account.charge(slab)
	return chunk{slab: slab, wire: append(slab.Wire, wire...), count: count}
}

// notice says what the waiter of an outbox waits for.
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

// flush writes what the kernel takes of what put queued.
func (o *outbox) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.write()
}

// command queues a command, in wire form, to go out before the messages. pong
// marks one that a peer's flood may not pile up.
func (o *outbox) command(wire []byte, pong bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || pong && len(o.control) > maxPongs {
		return
	}
	if o.hwmBytes > 0 && len(o.control) > 0 && len(o.control)+len(wire) > o.hwmBytes {
		// A publisher that does not read what it is asked for hears it all when it
		// comes back: the sum of it, not each step.
		o.lose()
		return
	}
	o.control = append(o.control, wire...)
	o.write()
}

// begin sets the commands that a new connection starts with, in the place of
// those that came too late for the one before.
func (o *outbox) begin(commands []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.control = commands
}

// idle reports whether the next message can go straight to the kernel.
func (o *outbox) idle() bool {
	return o.conn != nil && !o.writing && len(o.queue) == 0 && len(o.control) == 0
}

// unsent is what has not left, and what is owed on top of it. What is being
// handed to the kernel counts as left: a peer may have it, and act on it, before
// the write returns.
func (o *outbox) unsent() load { return o.held.minus(o.left).plus(o.owed) }

// marks are the high-water marks for a sender; 0 is no limit.
func (o *outbox) marks() (hwm, hwmBytes int) {
	if o.twice {
		return 2 * o.hwm, 2 * o.hwmBytes
	}
	return o.hwm, o.hwmBytes
}

// below reports whether l is below both marks, and within the budget. So one
// message may exceed the mark in bytes, and always fits an empty queue.
func (o *outbox) below(l load, hwm, hwmBytes int) bool {
	return l.count == 0 ||
		(hwm == 0 || l.count < hwm) && (hwmBytes == 0 || l.size < hwmBytes) && o.account.allows(l.size)
}

// fits reports whether there is room for one more message.
func (o *outbox) fits() bool {
	hwm, hwmBytes := o.marks()
	return o.conflate || o.below(o.unsent(), hwm, hwmBytes)
}

// fitsAll reports whether count messages of size bytes in all do not exceed a
// mark together.
func (o *outbox) fitsAll(size, count int) bool {
	if o.conflate || count <= 1 {
		return count == 0 || o.fits()
	}
	hwm, hwmBytes := o.marks()
	l := o.unsent()
	return (hwm == 0 || l.count+count <= hwm) && (hwmBytes == 0 || l.size+size <= hwmBytes) && o.account.allows(l.size+size)
}

// changed keeps crowded up to date, and tells whoever waits for that.
func (o *outbox) changed() {
	if o.freed == nil {
		return
	}
	l := o.unsent()
	if crowded := !o.closed && !o.lame && !o.conflate && !o.below(l, o.hwm, o.hwmBytes); crowded != o.crowded.Load() {
		o.crowded.Store(crowded)
	}
	// Half of the room has to be free, or each message that leaves would wake
	// somebody.
	free := o.closed || o.lame || l.count <= o.hwm/2 && (o.hwmBytes == 0 || l.size <= o.hwmBytes/2) ||
		o.hwm == 0 && l.size <= o.hwmBytes/2
	if free && o.awaited.CompareAndSwap(true, false) {
		o.freed()
	}
}

// awaitRoom has freed called when there is room again, and reports whether there
// is none at present.
func (o *outbox) awaitRoom() bool {
	o.awaited.Store(true)
	return o.crowded.Load() || !o.awaited.CompareAndSwap(true, false)
}

// append queues count messages.
func (o *outbox) append(wire []byte, count int) {
	if count == 0 {
		return
	}
	if o.conflate {
		o.keepNewest(wire, count)
		return
	}
	defer o.changed()
	o.held = o.held.plus(load{count, len(wire)})
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
func (o *outbox) keepNewest(wire []byte, count int) {
	for ; count > 1; count-- {
		_, wire = frames.CutMessage(wire)
	}
	kept := o.queue[:0]
	o.held = load{1, len(wire)}
	for _, c := range o.queue {
		if c.busy || c.off > 0 {
			kept = append(kept, c)
			o.held = o.held.plus(load{c.count, len(c.wire)})
		} else {
			c.slab.Recycle()
		}
	}
	clear(o.queue[len(kept):])
	o.queue = append(kept, o.newChunk(wire, 1, 0))
}

// tell wakes who waits for this outbox, once it is half empty or all empty.
func (o *outbox) tell() {
	o.changed()
	l := o.unsent()
	hwm, hwmBytes := o.marks()
	switch {
	case o.notify == whenRoom && o.pace.waits && l.size > paceSize/2:
		return
	case o.notify == whenRoom && l.count <= hwm/2 && (hwmBytes == 0 || l.size <= hwmBytes/2):
	case o.notify == whenRoom && hwm == 0 && l.size <= hwmBytes/2:
	case o.notify == whenEmpty && len(o.queue) == 0 && len(o.control) == 0 && !o.writing:
	default:
		return
	}
	o.notify = noNotice
	o.pace.waits = false
	o.wake()
}

// roomFor reports whether there is room for a message, and asks to be woken when
// there is if there is not.
func (o *outbox) roomFor() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || !o.lame && o.fits() && !o.ahead() {
		return true
	}
	o.notify = whenRoom
	o.waitPaced()
	return false
}

// waiting is the number of messages that the kernel has not taken whole.
func (o *outbox) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.held.count - o.left.count
}

// unreachable reports whether nothing that is sent will arrive.
func (o *outbox) unreachable() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed || o.lame
}

// drained reports whether all is written, and asks to be woken when it is if not.
func (o *outbox) drained() bool {
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
