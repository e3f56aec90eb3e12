package queue

// How an outbox ends, or one of its connections.

// Close ends o for good: nothing more is taken or written. It waits for nothing, so
// Clear has to follow, which closes the connection.
func (o *Outbox) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	if conn := o.forget(); conn != nil {
		o.ended = append(o.ended, conn)
	}
	o.changed()
	if o.notify != noNotice {
		o.notify = noNotice
		o.settings.Wake()
	}
}

// Closed reports whether Close was called.
func (o *Outbox) Closed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed
}

// Clear has to follow Close: it ends the connection and the write that is under
// way, throws away what waits, and returns the number of messages that the kernel
// did not take whole. Called again, it returns 0 at once.
func (o *Outbox) Clear() int {
	o.mu.Lock()
	if o.cleared {
		o.mu.Unlock()
		return 0
	}
	o.cleared = true
	ended := o.ended
	o.ended = nil
	o.mu.Unlock()
	for _, conn := range ended {
		conn.Close()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.writing || o.closing > 0 || o.discarding {
		o.settled.Wait()
	}
	return o.clear()
}

// Drop is Close and Clear.
func (o *Outbox) Drop() int {
	o.Close()
	return o.Clear()
}

// Discard gives up the connection and the messages that wait for it, and returns
// their number. Another connection may come.
func (o *Outbox) Discard() int {
	o.mu.Lock()
	conn := o.forget()
	o.lame, o.discarding = !o.settings.Returns, true
	o.mu.Unlock()
	if conn != nil {
		conn.Close()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.conn == nil && o.writing {
		o.settled.Wait() // a write under way ends with its connection
	}
	n := o.clear()
	o.discarding = false
	o.settled.Broadcast()
	o.tell()
	return n
}

// closeApart closes a connection in a goroutine of its own: another one may be
// writing to it, and wait for the lock.
func (o *Outbox) closeApart(conn Conn) {
	o.closing++
	go func() {
		conn.Close()
		o.mu.Lock()
		defer o.mu.Unlock()
		o.closing--
		o.settled.Broadcast()
	}()
}

// clear drops what waits, except what is being written, and returns the number of
// messages that had not been written.
func (o *Outbox) clear() int {
	before := o.held.Count - o.left.Count
	kept := o.queue[:0]
	o.held, o.left = Load{}, Load{}
	for _, c := range o.queue {
		if !c.busy {
			c.slab.Recycle()
			continue
		}
		whole := Load{c.count, len(c.wire)}
		kept, o.held, o.left = append(kept, c), whole, whole
	}
	clear(o.queue[len(kept):])
	if o.queue = kept; len(kept) == 0 {
		o.queue = nil
	}
	return before
}
