package zmtp

import (
	"errors"
	"os"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/zcat/zcat/pkg/sockets/internal/transport"
	"github.com/zcat/zcat/pkg/sockets/internal/ws"
)

// libzmq hangs up on the last byte of a greeting with another mechanism than its
// own, and its own greeting is then lost: another mechanism looks like a broken
// connection. So ours leaves in parts. The signature and the major version are
// enough for libzmq to send all of its greeting, and for a peer of ZMTP 2 to show
// its version; all but the last byte are for a peer that is as careful; the last
// one follows once the peer's mechanism is known. With libzmq at the other end of a
// loopback this takes 32 µs longer than all at once (ipc: 26), medians of 3,000
// pairs on two busy processors, where a round trip takes 51 (50).
const (
	greetingOpening  = greetingMajor + 1
	greetingHeldBack = greetingSize - 1
)

// greetingPatience is the time that we wait for a peer that may itself wait for the
// whole of our greeting. One that connected to us has all the time of the handshake to
// show its version: of the rest of our greeting, one of ZMTP 2.0 would make a frame, and
// it may have no second try. libzmq waits for its peer's version too, on both sides.
const greetingPatience = 200 * time.Millisecond

// ownGreeting is our greeting on its way to the peer.
type ownGreeting struct {
	whole []byte
	told  int  // bytes of it that were sent, or are about to be
	early bool // Open was given a greeting that the peer has not yet sent
	alike bool // the peer, which connected to us, is as careful as we are

	served bool // the peer's greeting says that it is the server

	last []byte // a command of ours that is held back until the peer's has come; nil: none is

	patient bool // the read deadline is that of greetingPatience
}

// beginGreeting replaces zmq4's greeting, which is all that is pending, by the
// opening of ours.
func (g *guard) beginGreeting() {
	asServer := g.config.Server && hasRoles(zmq4.SecurityType(g.mechanism))
	g.own.whole = newGreeting(g.mechanism, asServer)
	g.pending = g.pending[:0]
	g.tell(greetingOpening)
}

// tell makes the next flush send our greeting up to n bytes.
func (g *guard) tell(n int) {
	if n > g.own.told {
		g.pending = append(g.pending, g.own.whole[g.own.told:n]...)
		g.own.told = n
	}
}

// readGreeting reads the peer's greeting, sends ours meanwhile, and returns one for
// Open. The end of ours leaves with the first command after it.
func (g *guard) readGreeting() ([]byte, *HandshakeError) {
	defer g.endPatience()
	if g.own.told < greetingSize && !g.config.Bound && !g.config.Patient {
		g.waitFor(greetingPatience)
	}
	versionKnown := false
	for fills := 0; ; fills++ {
		b := g.in[:min(len(g.in), greetingSize)]
		if failed := g.judgeGreeting(b); failed != nil {
			if !isTooOld(b) {
				g.tell(greetingSize) // RFC 37: so that the peer learns the reason, too
			}
			return nil, failed
		}
		if whole := g.answer(b, fills == 1); whole != nil {
			return whole, nil
		}
		// A peer that has sent so much and waits is one of ours: libzmq hardly ever
		// stops there.
		g.own.alike = g.own.alike || g.config.Bound && (len(b) == greetingOpening || len(b) == greetingHeldBack)
		if len(b) > greetingMajor && !versionKnown && g.own.told < greetingSize {
			versionKnown = true
			g.waitFor(greetingPatience)
		}
		g.flush()
		err := g.fill()
		if errors.Is(err, os.ErrDeadlineExceeded) && g.endPatience() {
			g.tell(greetingSize)
			continue
		}
		if err != nil {
			return nil, lostInGreeting(b, err)
		}
		g.heard(len(b))
	}
}

// lostInGreeting is the failure of a connection that ended behind b of a greeting.
func lostInGreeting(b []byte, err error) *HandshakeError {
	if failed := notUpgraded(err); failed != nil {
		return failed
	}
	if bad := checkGreeting(b); bad != nil { // it might have been ZMTP 1.0
		return protocolFailure("%w", bad)
	}
	stage := "in the greeting"
	if len(b) > greetingTail && len(b) < greetingServer {
		stage += " (does the peer use another security mechanism?)" // some close at once
	}
	return lost(stage, err)
}

// notUpgraded is the failure of a connection that did not become what it has to be before
// ZMTP begins; nil for any other.
func notUpgraded(err error) *HandshakeError {
	var failed *ws.Error
	var unanswered *transport.Unanswered
	var unasked *transport.Unasked
	switch {
	case errors.As(err, &unasked):
		return lost("waiting for its request of HTTP", err)
	case errors.As(err, &failed) && failed.Temporary:
		return &HandshakeError{Kind: FailureLost, Err: failed}
	case errors.As(err, &failed):
		broke := protocolFailure("%w", failed)
		if failed.Declined {
			broke.Kind = FailureDeclined
		}
		return broke
	case errors.As(err, &unanswered):
		gone := lost("waiting for the answer to its request (does the peer use another security mechanism?)", err)
		gone.Unanswered = true
		return gone
	}
	return nil
}

// heard notes that more has come of the peer's greeting than the bytes before.
func (g *guard) heard(before int) {
	if before == 0 && g.config.Heard != nil {
		g.config.Heard()
	}
	if before <= greetingTail && len(g.in) > greetingTail && len(g.in) <= greetingMajor {
		// Its version follows our opening. Of the rest of our greeting a peer of
		// ZMTP 2.0 would make a frame.
		g.endPatience()
	}
}

// answer makes the next flush send what the peer may know of our greeting, now that b
// of its own has come. It returns one for Open once enough has.
func (g *guard) answer(b []byte, atOnce bool) []byte {
	switch {
	case isOld(b):
		return g.answerOld()
	case len(b) == greetingSize:
		g.tell(greetingSize)
		g.in = g.in[greetingSize:]
		g.peer.Major, g.peer.Minor = int(b[greetingMajor]), int(b[greetingMinor])
		return newGreeting(g.mechanism, false)
	case len(b) >= greetingServer:
		g.tell(greetingSize)
	case len(b) == greetingOpening && atOnce && g.config.Bound:
		// It began with just the bytes that we begin with, which libzmq never
		// does: a peer that is as careful as we are does not hang up on our
		// greeting, but waits for it.
		g.tell(greetingSize)
		if g.mayBeEarly() {
			g.own.early = true
			return newGreeting(g.mechanism, false)
		}
	case len(b) > greetingMajor:
		g.tell(greetingHeldBack)
	}
	return nil
}

// mayBeEarly reports whether our READY may leave before the peer's greeting is
// read, which saves a round trip: there is no handler to ask about the peer.
func (g *guard) mayBeEarly() bool {
	return !hasRoles(zmq4.SecurityType(g.mechanism)) && g.config.Authorize == nil && g.maySpeakFirst()
}

// judgeGreeting judges what has arrived of the peer's greeting.
func (g *guard) judgeGreeting(b []byte) *HandshakeError {
	switch {
	case isFirst(b):
		return protocolFailure("%w", errFirst)
	case mayBeFirst(b):
		return nil
	}
	if err := checkGreeting(b); err != nil {
		return protocolFailure("%w", err)
	}
	if isOld(b) {
		return g.judgeOld()
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

// letSpeak holds back what is written next until the peer has sent its command, or
// has had time for that. A libzmq that gets a READY of another socket type than it
// accepts hangs up, and has not sent its own if ours comes in one piece with the
// end of our greeting. last says that it is our last word.
func (g *guard) letSpeak(last bool) {
	up, ok := g.Conn.(transport.Upgraded)
	begins := g.own.alike || ok && up.Polite() // one of the two has to
	if begins && (!last || g.maySpeakFirst()) {
		return
	}
	g.own.last = []byte{}
	if !begins {
		g.waitFor(greetingPatience)
	}
}

// speak releases what was held back.
func (g *guard) speak() {
	if g.own.last == nil {
		return
	}
	g.pending = append(g.pending, g.own.last...)
	g.own.last = nil
	g.endPatience()
}

// waitFor sets a read deadline, if it is before the handshake's own.
func (g *guard) waitFor(patience time.Duration) {
	if limit := g.config.Timeout; limit > 0 {
		patience = min(patience, limit/2)
	}
	end := time.Now().Add(patience)
	if g.deadline.IsZero() || end.Before(g.deadline) {
		g.own.patient = g.SetReadDeadline(end) == nil
	}
}

// endPatience restores the deadline of the whole handshake, and reports whether
// waitFor had changed it.
func (g *guard) endPatience() (ended bool) {
	ended = g.own.patient && g.SetReadDeadline(g.deadline) == nil
	g.own.patient = false
	return ended
}
