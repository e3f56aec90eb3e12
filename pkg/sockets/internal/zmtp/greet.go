package zmtp

import (
	"errors"
	"os"
	"time"

	"github.com/go-zeromq/zmq4"
)

// libzmq hangs up on the last byte of a greeting with another mechanism than its
// own, and its own greeting is then lost: that it uses another looks like a link
// that broke. So ours leaves in parts. The signature and the major version are
// enough for libzmq to send all of its greeting, and for a peer of ZMTP 2 to show
// what it is; all but the last byte are for a peer that is as careful; the last
// one follows once the peer's mechanism is known. With libzmq at the other end of a
// loopback this takes 32 µs longer than all at once (ipc: 26), medians of 3,000 pairs
// on two busy processors, where a round trip takes 51 (50).
const (
	greetingOpening  = greetingMajor + 1
	greetingHeldBack = greetingSize - 1
)

// greetingPatience is how long a peer is waited for that may itself wait for the
// whole of our greeting.
const greetingPatience = 200 * time.Millisecond

// ownGreeting is our greeting on its way to the peer.
type ownGreeting struct {
	whole []byte
	told  int  // bytes of it that were sent, or are about to be
	early bool // Open has a greeting that the peer has not yet sent
	alike bool // the peer, which connected to us, is as careful as we are

	served bool // the peer says that it is the server that we are to have

	last []byte // a command that is to follow the peer's, nil while none is

	patient bool // the read deadline is that of greetingPatience
}

// beginGreeting puts the opening of our greeting in the place of zmq4's, which is
// all that is pending.
func (g *guard) beginGreeting() {
	asServer := g.config.Server && hasRoles(zmq4.SecurityType(g.mechanism))
	g.own.whole = newGreeting(g.mechanism, asServer)
	g.pending = g.pending[:0]
	g.tell(greetingOpening)
}

// tell has our greeting sent up to n bytes, at the next flush.
func (g *guard) tell(n int) {
	if n > g.own.told {
		g.pending = append(g.pending, g.own.whole[g.own.told:n]...)
		g.own.told = n
	}
}

// readGreeting reads the peer's greeting, tells ours meanwhile, and returns one
// for Open. The end of ours leaves with the first command behind it.
func (g *guard) readGreeting() ([]byte, *HandshakeError) {
	if g.own.told < greetingSize {
		g.waitFor(greetingPatience)
		defer g.endPatience()
	}
	for fills := 0; ; fills++ {
		b := g.in[:min(len(g.in), greetingSize)]
		if failed := g.judgeGreeting(b); failed != nil {
			g.tell(greetingSize) // RFC 37: the peer is to learn why, too
			return nil, failed
		}
		switch {
		case len(b) == greetingSize:
			g.tell(greetingSize)
			g.in = g.in[greetingSize:]
			g.peer.Major, g.peer.Minor = int(b[greetingMajor]), int(b[greetingMinor])
			return newGreeting(g.mechanism, false), nil
		case len(b) >= greetingServer:
			g.tell(greetingSize)
		case len(b) == greetingOpening && fills == 1 && g.config.Bound:
			// It began with just what we begin with, which libzmq never does: a peer as
			// careful as we are does not hang up on what it learns, but waits for it.
			g.tell(greetingSize)
			if g.mayBeEarly() {
				g.own.early = true
				return newGreeting(g.mechanism, false), nil
			}
		case len(b) > greetingMajor:
			g.tell(greetingHeldBack)
		}
		// Where nothing more has come yet, a peer waits that is one of ours: libzmq
		// hardly ever stops there.
		g.own.alike = g.own.alike || g.config.Bound && (len(b) == greetingOpening || len(b) == greetingHeldBack)
		g.flush()
		err := g.fill()
		if errors.Is(err, os.ErrDeadlineExceeded) && g.endPatience() {
			g.tell(greetingSize)
			continue
		}
		if err != nil {
			stage := "in the greeting"
			if len(b) > greetingTail && len(b) < greetingServer {
				stage += " (does the peer use another security mechanism?)" // some close at once
			}
			return nil, lost(stage, err)
		}
		if len(b) == 0 && g.config.Heard != nil {
			g.config.Heard()
		}
	}
}

// mayBeEarly reports whether our READY may leave before the peer's greeting is
// read: nobody is to be asked about the peer, and it saves a round trip.
func (g *guard) mayBeEarly() bool {
	return !hasRoles(zmq4.SecurityType(g.mechanism)) && g.config.Authorize == nil
}

// judgeGreeting judges what has arrived of the peer's greeting.
func (g *guard) judgeGreeting(b []byte) *HandshakeError {
	if err := checkGreeting(b); err != nil {
		return protocolFailure("%w", err)
	}
	if len(b) < greetingServer {
		return nil
	}
	if name := peerMechanism(b); name != g.mechanism {
		failed := protocolFailure("the peer uses the security mechanism %s, this side %s: both need the same", printable(name), g.mechanism)
		failed.Kind, failed.Code = FailureMechanism, CodeMechanismMismatched
		return failed
	}
	// NULL has no roles, and in its greeting the bit means nothing.
	if len(b) > greetingServer && b[greetingServer]&1 == 1 && hasRoles(zmq4.SecurityType(g.mechanism)) {
		if g.config.Server {
			return g.sameRole()
		}
		g.own.served = true
	}
	return nil
}

// letSpeak keeps what is written next until the peer has sent its command, or for
// as long as it may be waiting for ours. libzmq that gets a READY of another
// socket type than it wants hangs up, and has not told its own if ours comes in
// one piece with the end of our greeting.
func (g *guard) letSpeak() {
	if g.own.alike {
		return // one of two has to begin
	}
	g.own.last = []byte{}
	g.waitFor(greetingPatience)
}

// speak says what was kept, and reports whether anything was.
func (g *guard) speak() bool {
	if g.own.last == nil {
		return false
	}
	g.pending = append(g.pending, g.own.last...)
	g.own.last = nil
	g.endPatience()
	return true
}

// waitFor sets an end to reading, if that is before the handshake's own.
func (g *guard) waitFor(patience time.Duration) {
	if limit := g.config.Timeout; limit > 0 {
		patience = min(patience, limit/2)
	}
	end := time.Now().Add(patience)
	if g.deadline.IsZero() || end.Before(g.deadline) {
		g.own.patient = g.SetReadDeadline(end) == nil
	}
}

// endPatience leaves only the limit of the whole handshake, and reports whether
// it did.
func (g *guard) endPatience() (ended bool) {
	ended = g.own.patient && g.SetReadDeadline(g.deadline) == nil
	g.own.patient = false
	return ended
}
