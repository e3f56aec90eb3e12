package sockets

import "github.com/zcat/zcat/pkg/sockets/internal/zmtp"

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
			o.fail()
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
	o.writing = false
	o.tell()
}

// step writes until the connection takes less than all, and reports whether the
// queue is empty or the connection has ended.
func (o *outbox) step(conn *zmtp.Conn, write func([]byte) (int, error)) (done bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.conn == conn {
		wire, control := o.next()
		if wire == nil {
			return true
		}
		if control {
			o.control = nil
		}
		if control || o.conflate && o.queue[0].off == 0 {
			conn.Rethink() // it may be another message than last time
		}
		n, err := o.hand(conn, wire, control, write)
		if control && n < len(wire) && o.conn == conn {
			o.control = append(wire[n:len(wire):len(wire)], o.control...)
		}
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

// hand gives wire to the connection. Where that is the kernel's, the lock is open
// meanwhile, and messages count as left.
func (o *outbox) hand(conn *zmtp.Conn, wire []byte, control bool, write func([]byte) (int, error)) (n int, err error) {
	if conn.Local() {
		if n, err = write(wire); !control {
			o.took(n)
		}
		return n, err
	}
	if !control {
		head := &o.queue[0]
		head.busy = true
		o.left = o.left.plus(load{head.count, len(head.wire)}.minus(head.gone))
		o.changed()
	}
	o.mu.Unlock()
	n, err = write(wire)
	o.mu.Lock()
	if !control && len(o.queue) > 0 { // dropped meanwhile, if the peer is gone
		head := &o.queue[0]
		head.busy = false
		o.left = o.left.minus(load{head.count, len(head.wire)}.minus(head.gone))
		o.took(n)
	}
	return n, err
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
		size, count := wholeMessages(head.wire[head.gone.size:], head.off-head.gone.size)
		o.passed(load{count, size})
		head.gone = head.gone.plus(load{count, size})
		o.left = o.left.plus(load{count, size})
		o.changed()
		return
	}
	o.passed(load{head.count, len(head.wire)}.minus(head.gone))
	o.held = o.held.minus(load{head.count, len(head.wire)})
	o.left = o.left.minus(head.gone)
	head.slab.Recycle()
	last := copy(o.queue, o.queue[1:])
	o.queue[last] = chunk{} // let go of its memory
	o.queue = o.queue[:last]
	o.tell()
}

// passed notes that the kernel has taken whole messages.
func (o *outbox) passed(l load) {
	o.taken += int64(l.count)
	o.pace.took()
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
		o.lose()
	}
	o.tell()
}

// fail ends writing to a connection of which a write failed. What its peer sent
// before is still read, to its end; whoever waits to send more need not wait
// for that.
func (o *outbox) fail() {
	conn := o.conn
	o.forget()
	if conn == nil {
		return
	}
	conn.EndWriting()
	if o.lame = !o.returns; o.lame {
		o.changed()
		o.notify = noNotice
		o.wake()
	}
}

// lose gives up a connection.
func (o *outbox) lose() {
	switch conn := o.conn; {
	case conn == nil:
	case o.writing:
		// Close waits for a write under way, which may wait for the lock.
		o.writer.Go(conn.Close)
	default:
		conn.Close()
	}
	o.forget()
}

// forget has nothing more written to the connection.
func (o *outbox) forget() {
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
	o.held, o.left = o.held.minus(head.gone), o.left.minus(head.gone)
	head.wire, head.count = head.wire[head.gone.size:], head.count-head.gone.count
	head.off, head.gone = 0, load{}
}

// clear drops what waits and returns how many messages that were: those that the
// kernel did not take whole.
func (o *outbox) clear() int {
	n := o.held.count - o.left.count
	for _, c := range o.queue {
		c.slab.Recycle()
	}
	o.queue, o.held, o.left = nil, load{}, load{}
	return n
}

// drop closes the outbox and its connection for good and returns how many
// messages it still held.
func (o *outbox) drop() int {
	o.mu.Lock()
	o.closed = true
	o.lose()
	o.mu.Unlock()
	o.writer.Wait() // a write under way ends with its connection
	o.mu.Lock()
	defer o.mu.Unlock()
	left := o.clear()
	o.changed()
	if o.notify != noNotice {
		o.notify = noNotice
		o.wake()
	}
	return left
}
