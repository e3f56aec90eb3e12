package sockets

import (
	"hash/maphash"
	"slices"
	"time"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/locks"
)

// With Options.Unanswered a socket keeps, for each peer, the requests that have no reply
// yet: how many they are, and since when the oldest waits. Whoever sends first on a
// connection asks there, whatever the types: a proxy's DEALER asks its workers, and a
// hub's may be a worker itself.

// The most requests of a peer, and of all peers of a socket, whose times are kept, at 24
// bytes each; others are only counted.
const (
	mostKept    = 1 << 12
	mostKeptAll = 1 << 16
)

// leastRoom is the number of requests whose room a peer's list keeps.
const leastRoom = 64

// unanswered are the requests between a socket and one peer that have no reply yet.
type unanswered struct {
	socket *Socket

	mu     locks.Mutex[locks.Leaf]
	begun  bool // a message was seen
	over   bool // the peer is gone for good
	theirs bool // the peer asks
	open   []request
	done   int // of them, at the front, have their reply
	others int // requests that came when as many as may be were kept
}

// request is one without a reply.
type request struct {
	envelope, first uint64        // hashes of its envelope, of its first frame
	at              time.Duration // in the life of the socket
}

// newUnanswered returns nil where nothing is to be kept: with Options.Conflate a message
// takes the place of another one, which gets no reply.
func newUnanswered(s *Socket) *unanswered {
	if !s.opts.Unanswered || !s.row.Replies || s.opts.Conflate {
		return nil
	}
	return &unanswered{socket: s}
}

// Sending notes count messages before they are written: a reply may come at once.
func (u *unanswered) Sending(wire []byte, count int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if wire, count = u.begin(false, wire, count); !u.theirs {
		u.ask(wire, count)
	}
}

// Sent notes that the first taken of count messages that were to be sent are taken; the
// others will be noted again.
func (u *unanswered) Sent(wire []byte, count, taken int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.theirs {
		u.answer(wire, taken)
	} else {
		u.takeBack(count - taken)
	}
}

// received notes messages of the peer.
func (u *unanswered) received(wire []byte, count int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if wire, count = u.begin(true, wire, count); u.theirs {
		u.ask(wire, count)
	} else {
		u.answer(wire, count)
	}
}

// begin has the first message say who asks, and returns the messages without what
// Options.ProbeRouter sends before, which asks for nothing.
func (u *unanswered) begin(theirs bool, wire []byte, count int) ([]byte, int) {
	if !u.begun && count > 0 && u.socket.row.envelopes && isProbe(wire) {
		_, wire = framing.CutMessage(wire)
		count--
	}
	if !u.begun && count > 0 {
		u.begun, u.theirs = true, theirs
	}
	return wire, count
}

// isProbe reports whether messages begin with an empty one.
func isProbe(wire []byte) bool {
	body, more, _ := framing.CutFrame(wire)
	return !more && len(body) == 0
}

// ask notes requests.
func (u *unanswered) ask(wire []byte, count int) {
	if u.over {
		return
	}
	at := time.Since(u.socket.born)
	for ; count > 0; count-- {
		if u.waiting() >= mostKept || !u.socket.keepOne() {
			u.others += count
			return
		}
		var message []byte
		message, wire = framing.CutMessage(wire)
		r := u.read(message)
		r.at = at
		u.open = append(u.open, r)
	}
}

// waiting is the number of requests that are kept.
func (u *unanswered) waiting() int { return len(u.open) - u.done }

// answer notes replies. One belongs to the oldest request with its envelope; a worker that
// keeps only the first frame, where a ROUTER's routing id is, is right as well. A further
// reply to the same request belongs to none, nor does what has another envelope, such as
// the heartbeat of a worker that has a request in hand.
func (u *unanswered) answer(wire []byte, count int) {
	for ; count > 0; count-- {
		var message []byte
		message, wire = framing.CutMessage(wire)
		switch at := u.find(u.read(message)); {
		case at >= 0:
			u.close(at)
		case u.others > 0:
			u.others--
		}
	}
}

// find returns the place of the oldest request that a reply belongs to, or -1.
func (u *unanswered) find(reply request) int {
	near := -1
	for i := u.done; i < len(u.open); i++ {
		switch o := &u.open[i]; {
		case o.envelope == reply.envelope:
			return i
		case near < 0 && o.first == reply.first:
			near = i
		}
	}
	return near
}

// close forgets the request at a place. Most are the oldest, which costs no move.
func (u *unanswered) close(at int) {
	u.socket.kept.Add(-1)
	if at > u.done {
		u.open = slices.Delete(u.open, at, at+1)
	} else {
		u.done++
	}
	u.tidy()
}

// tidy gives back the memory of requests that have their reply.
func (u *unanswered) tidy() {
	switch n := u.waiting(); {
	case cap(u.open) > 4*n+leastRoom:
		u.open, u.done = append(make([]request, 0, 2*n), u.open[u.done:]...), 0
	case 2*u.done >= len(u.open):
		u.open, u.done = append(u.open[:0], u.open[u.done:]...), 0
	}
}

// read returns what tells a message from others.
func (u *unanswered) read(message []byte) request {
	seed := u.socket.seed
	envelope, _, enveloped := framing.Split(message)
	first, more, _ := framing.CutFrame(message)
	if !more {
		first = nil // the body
	}
	if !enveloped {
		envelope = nil
	}
	return request{envelope: maphash.Bytes(seed, envelope), first: maphash.Bytes(seed, first)}
}

// takeBack forgets the newest requests.
func (u *unanswered) takeBack(count int) {
	n := min(count, u.others)
	u.others -= n
	n = min(count-n, u.waiting())
	u.open = u.open[:len(u.open)-n]
	u.socket.kept.Add(int64(-n))
	u.tidy()
}

// hangUp forgets what can get no reply any more, since the connection has ended: all but
// the newest requests, those that still wait to be sent on the next one.
func (u *unanswered) hangUp(waiting int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.theirs {
		waiting = 0
	}
	u.others = min(u.others, waiting)
	gone := max(u.waiting()-(waiting-u.others), 0)
	u.open, u.done = append(u.open[:0], u.open[u.done+gone:]...), 0
	u.socket.kept.Add(int64(-gone))
	u.tidy()
	if len(u.open)+u.others == 0 {
		u.begun, u.theirs, u.open = false, false, nil
	}
}

// end forgets all of a peer that is gone for good: what is queued for it goes with it.
func (u *unanswered) end() {
	u.hangUp(0)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.over = true
}

// tell puts what there is into stats.
func (u *unanswered) tell(stats *PeerStats) {
	u.mu.Lock()
	defer u.mu.Unlock()
	n := u.waiting() + u.others
	if u.theirs {
		stats.Owed = n
	} else {
		stats.Owes = n
	}
	if u.waiting() > 0 {
		stats.Oldest = time.Since(u.socket.born) - u.open[u.done].at
	}
}

// keepOne reports whether there is room for one more request to be kept.
func (s *Socket) keepOne() bool {
	if s.kept.Add(1) <= mostKeptAll {
		return true
	}
	s.kept.Add(-1)
	return false
}
