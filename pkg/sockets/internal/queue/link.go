package queue

// How an outbox gets a connection, and loses it.

// Online begins writing to conn.
func (o *Outbox) Online(conn Conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.conn, o.local = conn, conn.Local()
	o.settled.Broadcast()
	o.write()
}

// Offline ends writing to conn, which it does not close; messages that were not
// written whole stay queued.
func (o *Outbox) Offline(conn Conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conn == conn {
		o.forget()
	}
	o.tell()
}

// fail ends writing to a connection where a write failed. What its peer sent before
// is still read, to its end; a sender that waits for room does not wait for that.
func (o *Outbox) fail() {
	conn := o.forget()
	if conn == nil {
		return
	}
	conn.EndWriting()
	if o.lame = !o.settings.Returns; o.lame {
		o.changed()
		o.notify = noNotice
		o.settings.Wake()
	}
}

// forget ends writing to the connection, and returns it.
func (o *Outbox) forget() Conn {
	conn := o.conn
	o.conn, o.control, o.greets, o.begun = nil, nil, 0, false
	o.rewind()
	return conn
}

// rewind goes back to the start of a message that was written in part: the peer
// drops the part that it has.
func (o *Outbox) rewind() {
	if len(o.queue) == 0 || o.queue[0].busy || o.queue[0].off == 0 {
		return
	}
	head := &o.queue[0]
	o.held, o.left = o.held.Minus(head.gone), o.left.Minus(head.gone)
	head.wire, head.count = head.wire[head.gone.Size:], head.count-head.gone.Count
	head.off, head.gone = 0, Load{}
}
