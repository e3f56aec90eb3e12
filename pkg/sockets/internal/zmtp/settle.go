package zmtp

import "github.com/go-zeromq/zmq4"

// What this side says last lets its peer take the handshake for done: from then on the
// peer sends, and what it sends is lost if the handshake fails after all. So whoever
// may end a handshake from outside is asked before (Config.Settle), and once only. The
// last word is a READY; the INITIATE of a client; to a peer of ZMTP 2.0 the end of our
// greeting; and where WebSocket has no mechanism, the answer to the peer's request.

// settle asks for leave to say the last word, now that the peer's is there. Its error
// is a *HandshakeError.
func (g *guard) settle() error {
	if failed := g.settleHeard(); failed != nil {
		return failed
	}
	return nil
}

func (g *guard) settleHeard() *HandshakeError {
	if !g.settled && g.config.Settle != nil {
		if err := g.config.Settle(true); err != nil {
			return &HandshakeError{Kind: FailureLost, Err: err}
		}
	}
	g.settled = true
	return nil
}

// versed notes that the peer's HELLO was accepted.
func (g *guard) versed() {
	if g.config.Versed != nil {
		g.config.Versed()
	}
}

// speakLast releases what was held back, now that the peer's command is there.
func (g *guard) speakLast() *HandshakeError {
	if g.own.last != nil && !hasRoles(zmq4.SecurityType(g.mechanism)) {
		if failed := g.settleHeard(); failed != nil {
			return failed
		}
	}
	g.speak()
	return nil
}

// maySpeakFirst reports whether this side may say its last word before the peer's is
// there. Else it has to wait for that: a crowd of silent peers holds no places.
func (g *guard) maySpeakFirst() bool {
	if !g.settled && (g.config.Settle == nil || g.config.Settle(false) == nil) {
		g.settled = true
	}
	return g.settled
}

// speakUnheard releases what letSpeak held back, now that the peer has had its time,
// if that may leave before the peer's word is there. It reports whether the handshake
// goes on.
func (g *guard) speakUnheard() bool {
	if g.own.last == nil || !g.endPatience() {
		return false
	}
	if hasRoles(zmq4.SecurityType(g.mechanism)) || g.maySpeakFirst() {
		g.speak()
	}
	return true
}
