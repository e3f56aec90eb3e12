package sockets

import "time"

// Queues may grow up to their high-water marks, but as long as the other end
// keeps taking from them there is nothing to gain beyond a little: more messages
// on their way only push each other out of the processor's caches. So who puts
// messages into a queue waits while a little is there and some is being taken.
// Once nothing was taken for a moment, the queue fills up to its marks.

const (
	// paceSize is that little, in bytes: enough to keep both ends busy.
	paceSize = 1 << 20
	// paceTime is that moment.
	paceTime = 5 * time.Millisecond
)

// pace is the account of whether a queue is being taken from. The lock of the
// queue guards it.
type pace struct {
	waits   bool // who puts into the queue waits for something to be taken
	moved   bool // something was
	stalled bool // the last wait was in vain
}

// took notes that something was taken.
func (p *pace) took() { p.moved, p.stalled = true, false }

// begin begins a wait.
func (p *pace) begin() { p.waits, p.moved = true, false }

// over reports, paceTime later, whether the wait is to end: nothing was taken.
func (p *pace) over() bool {
	if p.moved {
		p.moved = false
		return false
	}
	p.waits, p.stalled = false, true
	return true
}

// ahead reports whether the sender should wait for the peer.
func (o *outbox) ahead() bool {
	return o.paced && o.writing && !o.pace.stalled && o.unsent().size >= paceSize && (o.alone == nil || o.alone())
}

// waitPaced bounds the wait of a sender that is ahead.
func (o *outbox) waitPaced() {
	if !o.ahead() || o.pace.waits {
		return
	}
	o.pace.begin()
	if o.paceTimer == nil {
		o.paceTimer = time.AfterFunc(paceTime, o.watchPace)
		return
	}
	o.paceTimer.Reset(paceTime)
}

// watchPace lets the sender go on in spite of a peer that takes nothing.
func (o *outbox) watchPace() {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case !o.pace.waits:
	case !o.pace.over():
		o.paceTimer.Reset(paceTime)
	case o.notify == whenRoom:
		o.notify = noNotice
		o.wake()
	}
}

// restPaced rests the reader of a peer whose messages the application is busy
// with. The socket's lock is not held.
func (p *peer) restPaced() {
	timer := time.NewTimer(paceTime)
	defer timer.Stop()
	for {
		select {
		case <-p.in.room:
			return
		case <-p.socket.ctx.Done():
			return
		case <-timer.C:
		}
		p.socket.mu.Lock()
		over := p.in.pace.over()
		if over {
			if !p.in.waiting {
				<-p.in.room // released meanwhile
			}
			p.in.waiting = false
		}
		p.socket.mu.Unlock()
		if over {
			return
		}
		timer.Reset(paceTime)
	}
}
