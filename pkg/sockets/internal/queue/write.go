package queue

import (
	"time"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// How an outbox writes to its connection.

// Conn is the connection that an Outbox writes to. One goroutine writes at a time;
// Close and Sent may be called by any.
type Conn interface {
	// TryWrite writes as much of wire as the connection takes without waiting.
	TryWrite(wire []byte) (n int, err error)
	// WriteSteps calls step until it reports that it is done, and waits before each
	// further call until more may be taken. write is TryWrite.
	WriteSteps(step func(write func(wire []byte) (int, error)) (done bool)) error
	// Lends reports whether WriteWithin works: the kernel copies what is written, as it is.
	Lends() bool
	// WriteWithin is WriteSteps for a long message, and waits no longer than limit in
	// all. It reports whether step did that it is done.
	WriteWithin(limit time.Duration, step func(write func(wire []byte) (int, error)) (done bool)) (done bool, err error)
	// Rethink says that the next write of step is not the rest of its last one.
	Rethink()
	// EndWriting says that a write has failed: reading may go on to the end.
	EndWriting()
	// Close ends the connection. It waits for a write under way.
	Close()
	// Local reports whether the peer is in this process: what was written has left
	// once the peer may look at it, and no kernel is called.
	Local() bool
	// Sent returns the number of bytes that went out.
	Sent() int64
}

// Flush writes what the kernel takes of what is queued.
func (o *Outbox) Flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.write()
}

// write writes what the kernel takes at once and leaves the rest to a goroutine.
func (o *Outbox) write() {
	for o.conn != nil && !o.writing {
		conn := o.conn
		wire, control := o.next()
		if wire == nil {
			break
		}
		n, err := o.hand(conn, wire, control, nil)
		switch {
		case o.conn != conn:
			o.rewind() // and go on with the next connection, if there is one
		case err != nil:
			o.fail()
		case n < len(wire):
			o.writing = true
			go o.drain()
		}
	}
	if o.notify == whenEmpty {
		o.tell() // it may have been asked for while commands were written
	}
}

// drain writes, waiting where it must, until the queue is empty.
func (o *Outbox) drain() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.conn != nil {
		if wire, _ := o.next(); wire == nil {
			break
		}
		conn := o.conn
		o.mu.Unlock()
		err := conn.WriteSteps(func(write func([]byte) (int, error)) bool { return o.step(conn, write) })
		o.mu.Lock()
		if o.conn != conn {
			o.rewind()
		} else if err != nil {
			o.fail()
		}
	}
	o.wrote()
}

// wrote notes that no write is under way, and wakes those that wait for that.
func (o *Outbox) wrote() {
	o.writing = false
	o.tell()
	o.settled.Broadcast()
}

// step writes until the connection takes less than all, and reports whether the
// queue is empty or the connection has ended.
func (o *Outbox) step(conn Conn, write func([]byte) (int, error)) (done bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.conn == conn {
		wire, control := o.next()
		if wire == nil {
			return true
		}
		if control || o.settings.Conflate && o.queue[0].off == 0 {
			conn.Rethink() // it may be another message than last time
		}
		n, err := o.hand(conn, wire, control, write)
		switch {
		case o.conn != conn:
		case err != nil:
			o.fail()
		case n < len(wire):
			o.changed()
			return false
		}
	}
	return true
}

// hand gives the result of next to the connection, with write or else TryWrite.
// While that calls the kernel, the lock is open, no other goroutine writes, and the
// messages count as gone.
func (o *Outbox) hand(conn Conn, wire []byte, control bool, write func([]byte) (int, error)) (n int, err error) {
	if control {
		o.control = nil
		n, err = o.give(conn, wire, write)
		if o.conn == conn {
			o.greets = max(0, o.greets-n)
			if n < len(wire) {
				o.control = append(wire[n:len(wire):len(wire)], o.control...)
			}
		}
		return n, err
	}
	if o.local {
		n, err = o.give(conn, wire, write)
		o.took(n)
		return n, err
	}
	head := &o.queue[0]
	whole := Load{head.count, len(head.wire)}.Minus(head.gone)
	head.busy = true
	o.left = o.left.Plus(whole)
	o.changed()
	n, err = o.give(conn, wire, write)
	head = &o.queue[0] // a busy chunk stays in front
	head.busy = false
	o.left = o.left.Minus(whole)
	o.took(n)
	return n, err
}

// give writes, with the lock open where it calls the kernel.
func (o *Outbox) give(conn Conn, wire []byte, write func([]byte) (int, error)) (n int, err error) {
	if o.local {
		if write != nil {
			return write(wire)
		}
		return conn.TryWrite(wire)
	}
	apart := o.writing // called by the goroutine that drains
	o.writing = true
	o.mu.Unlock()
	if write != nil {
		n, err = write(wire)
	} else {
		n, err = conn.TryWrite(wire)
	}
	o.mu.Lock()
	if !apart {
		o.writing = false
		if o.conn != conn {
			o.settled.Broadcast()
		}
	}
	return n, err
}

// next returns what to write next, nil if there is nothing: commands first, but
// never inside a message.
func (o *Outbox) next() (wire []byte, control bool) {
	switch {
	case len(o.control) > 0 && (len(o.queue) == 0 || o.queue[0].off == 0):
		return o.control, true
	case len(o.queue) > 0:
		return o.queue[0].wire[o.queue[0].off:], false
	}
	return nil, false
}

// took accounts for n bytes that were written of the first chunk.
func (o *Outbox) took(n int) {
	head := &o.queue[0]
	if head.off += n; head.off < len(head.wire) {
		size, count := framing.Whole(head.wire[head.gone.Size:], head.off-head.gone.Size)
		o.passed(Load{count, size})
		head.gone = head.gone.Plus(Load{count, size})
		o.left = o.left.Plus(Load{count, size})
		o.tell()
		return
	}
	o.passed(Load{head.count, len(head.wire)}.Minus(head.gone))
	o.held = o.held.Minus(Load{head.count, len(head.wire)})
	o.left = o.left.Minus(head.gone)
	head.slab.Recycle()
	last := copy(o.queue, o.queue[1:])
	o.queue[last] = chunk{} // let go of its memory
	o.queue = o.queue[:last]
	o.tell()
}

// passed notes that the kernel has taken whole messages.
func (o *Outbox) passed(l Load) {
	o.taken += int64(l.Count)
	o.pace.took()
}
