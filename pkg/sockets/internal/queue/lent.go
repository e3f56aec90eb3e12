package queue

import "github.com/zcat/zcat/pkg/sockets/internal/slab"

// How a long message reaches the kernel out of the sender's own memory. The sender waits
// while the peer takes what there is, as a paced one does (pace.go); where the peer
// takes nothing, or the wait is to end, what is left is copied and queued.

// Lent is one message in wire form, in two pieces: Front is a copy of its beginning, and
// Tail the rest of its last frame, which stays the sender's.
type Lent struct{ Front, Tail []byte }

// OfferLent is Offer for one long message in the sender's memory. It returns once
// nothing needs that memory any more, and reports whether the message was taken. If not,
// the message is to be offered as a copy: there is no connection that could take it
// like this, or it broke. over ends the wait at the next look, every PaceTime.
func (o *Outbox) OfferLent(m Lent, over func() bool) (taken bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.lends() || !o.awaitIdle(over) {
		return false
	}
	conn := o.conn
	o.writing = true
	o.mu.Unlock()
	n, err := m.write(conn, over)
	o.mu.Lock()
	switch {
	case n == len(m.Front)+len(m.Tail):
		o.taken++
		o.pace.took()
		taken = true
	case o.conn != conn: // the peer drops what it has of it
	case err != nil:
		o.fail()
	default:
		taken = true
		wire := append(append(slab.New(len(m.Front)+len(m.Tail)).Wire, m.Front...), m.Tail...)
		o.queueRest(wire, 1, n, Given(wire))
		o.pace.stalled = true
	}
	o.wrote()
	o.write()
	return taken
}

// lends reports whether a message may be offered in the sender's memory.
func (o *Outbox) lends() bool {
	p := &o.policy
	return o.conn != nil && o.conn.Lends() && !o.closed && !o.lame && !o.settings.Conflate && o.settings.Watch == nil &&
		p.Paced && (p.Alone == nil || p.Alone())
}

// awaitIdle waits until all that was queued is written, as long as the peer takes
// it, and reports whether it is.
func (o *Outbox) awaitIdle(over func() bool) bool {
	conn := o.conn
	for o.conn == conn && o.writing && !o.pace.stalled && !over() {
		o.beginPace()
		o.settled.Wait()
	}
	o.pace.waits = false
	return o.conn == conn && o.idle()
}

// write writes m to conn, and waits as long as that takes some of it every PaceTime.
func (m *Lent) write(conn Conn, over func() bool) (n int, err error) {
	pieces := [...][]byte{m.Front, m.Tail}
	left := pieces[:]
	step := func(write func([]byte) (int, error)) (done bool) {
		for len(left) > 0 {
			var k int
			k, err = write(left[0])
			n += k
			if err != nil {
				return true
			}
			if k < len(left[0]) {
				left[0] = left[0][k:]
				return false
			}
			left = left[1:]
		}
		return true
	}
	for before := -1; n > before && !over(); {
		before = n
		done, failed := conn.WriteWithin(PaceTime, step)
		if err == nil {
			err = failed
		}
		if done || err != nil {
			break
		}
	}
	return n, err
}
