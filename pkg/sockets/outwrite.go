package sockets

import (
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// How an outbox gives to its connection what it holds.

// write gives the kernel what it takes and leaves the rest to a goroutine.
func (o *outbox) write() {
	if o.conn == nil || o.writing {
		return
	}
	for {
		wire, control := o.next()
		if wire == nil {
			return
		}
		n, err := o.conn.TryWrite(wire)
		if control {
			o.control = o.control[:copy(o.control, o.control[n:])]
		} else {
			o.took(n)
		}
		if err != nil {
			o.lost()
			return
		}
		if n < len(wire) {
			o.writing = true
			o.writer.Go(o.drain)
			return
		}
	}
}

// drain writes, waiting where it must, until the queue is empty.
func (o *outbox) drain() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.conn != nil {
		conn := o.conn
		wire, control := o.next()
		if wire == nil {
			break
		}
		if control {
			o.control = nil
		} else {
			o.queue[0].busy = true
		}
		o.mu.Unlock()
		n, err := conn.Write(wire)
		o.mu.Lock()
		if !control && len(o.queue) > 0 { // dropped meanwhile, if the peer is gone
			o.queue[0].busy = false
			o.took(n)
		}
		if err != nil && o.conn == conn {
			o.lost()
		}
		if o.conn != conn {
			o.rewind()
		}
	}
	o.writing = false
	o.tell()
}

// next is what to write next, nil if there is nothing: commands first, but
// never inside a message.
func (o *outbox) next() (wire []byte, control bool) {
	switch {
	case len(o.control) > 0 && (len(o.queue) == 0 || o.queue[0].off == 0):
		return o.control, true
	case len(o.queue) > 0:
		return o.queue[0].wire[o.queue[0].off:], false
	}
	return nil, false
}

// took accounts for n bytes that were written of the first chunk.
func (o *outbox) took(n int) {
	head := &o.queue[0]
	if head.off += n; head.off < len(head.wire) {
		return
	}
	o.count -= head.count
	o.size -= len(head.wire)
	o.pace.took()
	head.slab.Recycle()
	last := copy(o.queue, o.queue[1:])
	o.queue[last] = chunk{} // let go of its memory
	o.queue = o.queue[:last]
	o.tell()
}

// online begins writing to conn.
func (o *outbox) online(conn *zmtp.Conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.conn = conn
	o.write()
}

// offline ends writing to conn; messages that were not written whole stay.
func (o *outbox) offline(conn *zmtp.Conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conn == conn {
		o.lost()
	}
	o.tell()
}

// lost forgets a connection that failed.
func (o *outbox) lost() {
	if o.conn != nil {
		o.conn.Close()
	}
	o.conn, o.control = nil, nil
	o.rewind()
}

// rewind goes back to the start of a message that was written in part: the peer
// drops its half of it.
func (o *outbox) rewind() {
	if len(o.queue) == 0 || o.queue[0].busy || o.queue[0].off == 0 {
		return
	}
	head := &o.queue[0]
	for {
		message, rest := frames.CutMessage(head.wire)
		if len(message) > head.off {
			head.off = 0
			return
		}
		head.wire, head.off = rest, head.off-len(message)
		head.count--
		o.count--
		o.size -= len(message)
		if head.off == 0 {
			return
		}
	}
}

// drop closes the outbox and its connection for good and returns how many
// messages it still held: those that the kernel did not take whole.
func (o *outbox) drop() int {
	o.mu.Lock()
	o.closed = true
	o.lost()
	o.mu.Unlock()
	o.writer.Wait() // a write under way ends with its connection
	o.mu.Lock()
	defer o.mu.Unlock()
	left := o.count
	for _, c := range o.queue {
		c.slab.Recycle()
	}
	o.queue, o.count, o.size = nil, 0, 0
	if o.notify != noNotice {
		o.notify = noNotice
		o.wake()
	}
	return left
}
