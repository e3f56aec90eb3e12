package sockets

import (
	"hash/maphash"
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

// unanswered are the requests between a socket and one peer that have no reply yet.
type unanswered struct {
	socket *Socket

	mu     locks.Mutex[locks.Leaf]
	begun  bool // a message was seen
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

// newUnanswered returns nil where nothing is to be kept.
func newUnanswered(s *Socket) *unanswered {
	if !s.opts.Unanswered || !s.row.envelopes {
		return nil
	}
	return &unanswered{socket: s}
}

// Sending notes count messages before they are written: a reply may come at once.
func (u *unanswered) Sending(wire []byte, count int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.begun && isProbe(wire) {
		return // of Options.ProbeRouter
	}
	u.begin(false)
	if !u.theirs {
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
	if !u.begun && isProbe(wire) {
		return
	}
	u.begin(true)
	if u.theirs {
		u.ask(wire, count)
	} else {
		u.answer(wire, count)
	}
}

// isProbe reports whether messages begin with an empty one.
func isProbe(wire []byte) bool { return wire[0]&framing.FlagMore == 0 && wire[1] == 0 }

func (u *unanswered) begin(theirs bool) {
	if !u.begun {
		u.begun, u.theirs = true, theirs
	}
}

// ask notes requests.
func (u *unanswered) ask(wire []byte, count int) {
	at := time.Since(u.socket.born)
	for ; count > 0; count-- {
		if u.waiting() >= mostKept || !u.socket.keepOne() {
			u.others += count
			return
		}
		var message []byte
		message, wire = framing.CutMessage(wire)
		r, _ := u.read(message)
		r.at = at
		u.open = append(u.open, r)
	}
}

// waiting is the number of requests that are kept.
func (u *unanswered) waiting() int { return len(u.open) - u.done }

// answer notes replies. One belongs to the oldest request with its envelope; a worker that
// keeps only the first frame, where a ROUTER's routing id is, is right as well. A reply
// without an envelope may belong to any. A further reply to the same request belongs to none.
func (u *unanswered) answer(wire []byte, count int) {
	for ; count > 0; count-- {
		var message []byte
		message, wire = framing.CutMessage(wire)
		r, enveloped := u.read(message)
		at := u.find(func(o *request) bool { return o.envelope == r.envelope })
		if at < 0 {
			at = u.find(func(o *request) bool { return o.first == r.first })
		}
		if at < 0 && !enveloped && u.waiting() > 0 {
			at = u.done
		}
		switch {
		case at >= 0:
			u.close(at)
		case u.others > 0:
			u.others--
		}
	}
}

// find returns the place of the oldest request that is meant, or -1.
func (u *unanswered) find(is func(*request) bool) int {
	for i := u.done; i < len(u.open); i++ {
		if is(&u.open[i]) {
			return i
		}
	}
	return -1
}

// close forgets the request at a place. Most are the oldest, which costs no move.
func (u *unanswered) close(at int) {
	u.socket.kept.Add(-1)
	if at > u.done {
		u.open = append(u.open[:at], u.open[at+1:]...)
		return
	}
	u.done++
	if 2*u.done >= len(u.open) {
		u.open, u.done = append(u.open[:0], u.open[u.done:]...), 0
	}
}

// read returns what tells a message from others, and whether it has a delimiter.
func (u *unanswered) read(message []byte) (r request, enveloped bool) {
	seed := u.socket.seed
	envelope, _, enveloped := framing.Split(message)
	first, more, _ := framing.CutFrame(message)
	if !more {
		first = nil // the body
	}
	if !enveloped {
		envelope = nil
	}
	return request{envelope: maphash.Bytes(seed, envelope), first: maphash.Bytes(seed, first)}, enveloped
}

// takeBack forgets the newest requests.
func (u *unanswered) takeBack(count int) {
	n := min(count, u.others)
	u.others -= n
	n = min(count-n, u.waiting())
	u.open = u.open[:len(u.open)-n]
	u.socket.kept.Add(int64(-n))
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
	if len(u.open)+u.others == 0 {
		u.begun, u.theirs, u.open = false, false, nil
	}
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
