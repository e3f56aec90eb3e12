package queue

import "time"

// Queues may grow up to their high-water marks, but as long as the other end keeps
// taking from them there is nothing to gain beyond a little: more messages on their
// way only push each other out of the processor's caches. So a goroutine that puts
// messages into a queue waits while a little is there and some is being taken. Once
// nothing was taken for a moment, the queue fills up to its marks.
//
// This doubles the rate of messages of 64 KiB, and does nothing for those below 1
// KiB (push to pull over tcp, scripts/bench).

const (
	// PaceSize is that little, in bytes: enough to keep both ends busy.
	PaceSize = 1 << 20
	// PaceTime is that moment.
	PaceTime = 5 * time.Millisecond
)

// pace notes whether a queue is being taken from. The lock of the queue guards it.
type pace struct {
	waits   bool // the goroutine that fills the queue waits for something to be taken
	moved   bool // something was taken
	stalled bool // the last wait was in vain
}

// took notes that something was taken.
func (p *pace) took() { p.moved, p.stalled = true, false }

// begin begins a wait.
func (p *pace) begin() { p.waits, p.moved = true, false }

// over reports, PaceTime later, whether the wait is to end: nothing was taken.
func (p *pace) over() bool {
	if p.moved {
		p.moved = false
		return false
	}
	p.waits, p.stalled = false, true
	return true
}

// ahead reports whether the sender should wait for the peer.
func (o *Outbox) ahead() bool {
	p := &o.policy
	return p.Paced && o.writing && !o.pace.stalled && o.unsent().Size >= PaceSize && (p.Alone == nil || p.Alone())
}

// waitPaced bounds the wait of a sender that is ahead.
func (o *Outbox) waitPaced() {
	if o.ahead() && !o.pace.waits {
		o.beginPace()
	}
}

// beginPace begins a wait that ends once nothing is taken any more, at the latest.
func (o *Outbox) beginPace() {
	o.pace.begin()
	if o.paceTimer == nil {
		o.paceTimer = time.AfterFunc(PaceTime, o.watchPace)
		return
	}
	o.paceTimer.Reset(PaceTime)
}

// watchPace lets the sender go on in spite of a peer that takes nothing.
func (o *Outbox) watchPace() {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case !o.pace.waits:
		return
	case !o.pace.over():
		o.paceTimer.Reset(PaceTime)
	case o.notify == whenRoom:
		o.notify = noNotice
		o.settings.Wake()
	}
	o.settled.Broadcast() // for awaitIdle
}
