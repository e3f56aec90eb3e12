package zmtp

import (
	"fmt"
	"slices"

	"github.com/go-zeromq/zmq4"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// ZMTP 2.0 (RFC 15) is what libzmq 3, JeroMQ up to 0.4 and NetMQ up to 4.0.0 speak.
// Behind the signature and the version come the number of the socket type and the
// identity in a frame, then messages: there are no commands, so neither READY nor
// ERROR, nor heartbeats, nor security, and subscriptions are messages.

// oldVersion is the major version of ZMTP 2.0 in a Peer. In its greeting it is 1, and
// RFC 37 takes 2 for it as well.
const oldVersion = 2

// isOld reports whether what has arrived of a greeting is that of a ZMTP 2.0 peer.
// checkGreeting has let it pass.
func isOld(b []byte) bool { return len(b) > greetingMajor && b[greetingMajor] < majorVersion }

// isTooOld reports whether what has arrived of a greeting is that of a peer which
// would take the rest of ours for frames.
func isTooOld(b []byte) bool {
	return isFirst(b) || len(b) > 0 && b[0] == greetingFirst && isOld(b)
}

// isFirst reports whether what a peer began with is ZMTP 1.0 (RFC 13), which has no
// greeting: the frame of an identity, empty or not beginning with a zero, in the short
// form or in the long one; or a signature whose revision is 0.
func isFirst(b []byte) bool {
	switch {
	case len(b) == 0:
		return false
	case b[0] == greetingFirst:
		return len(b) > greetingTail && b[greetingTail]&1 == 0 || len(b) > greetingMajor && b[greetingMajor] == 0
	case len(b) < 2 || b[0] == 0 || b[1] != 0:
		return false
	}
	return b[0] == 1 || len(b) > 2 && b[2] != 0
}

// mayBeFirst reports whether b may become that with what follows. A long identity
// comes in one piece with its header.
func mayBeFirst(b []byte) bool {
	return len(b) == 1 && b[0] > 0 && b[0] < ' ' || len(b) == 2 && b[0] > 1 && b[0] < greetingFirst && b[1] == 0
}

func (p *Peer) old() bool { return p.Major == oldVersion }

// judgeOld refuses a ZMTP 2.0 peer where it could get around what this side demands
// of peers.
func (g *guard) judgeOld() *HandshakeError {
	why := ""
	switch {
	case hasRoles(zmq4.SecurityType(g.mechanism)):
		why = "for " + g.mechanism
	case g.config.Authorize != nil:
		why = "to be authorized"
	case g.own.told > greetingOpening:
		return &HandshakeError{
			Kind:  FailureLost,
			Hasty: true,
			Err:   fmt.Errorf("the peer speaks ZMTP 2.0, and was told of 3.1 before it showed that"),
		}
	default:
		return nil
	}
	return protocolFailure("the peer speaks ZMTP 2.0, too old %s: that needs 3.0 (libzmq 4) or newer", why)
}

// answerOld continues our greeting as one of ZMTP 2.0, and returns one of ZMTP 3 for
// Open, which knows no other. What Open writes from here on goes nowhere.
func (g *guard) answerOld() []byte {
	g.peer.Major = oldVersion
	g.in = g.in[greetingMinor:]
	g.own.told = greetingSize
	c := g.config
	end := []byte{byte(slices.Index(c.Types(), c.Type))}
	end = append(framing.AppendHeader(end, 0, len(c.Identity)), c.Identity...)
	if g.maySpeakFirst() {
		g.pending = append(g.pending, end...)
	} else {
		g.own.last = end
	}
	return newGreeting(g.mechanism, false)
}

// readOld reads the end of a ZMTP 2.0 greeting, and returns it as the READY that Open
// waits for.
func (g *guard) readOld() ([]byte, *HandshakeError) {
	for {
		header, size, failed := g.judgeOldEnd(g.in)
		if failed != nil {
			return nil, failed
		}
		if end := 1 + header + size; header > 0 && len(g.in) >= end {
			id := g.in[1+header : end]
			if err := checkIdentity(string(id)); err != nil {
				return nil, protocolFailure("malformed greeting: %w", err).as(CodeInvalidMetadata)
			}
			if size > 0 {
				g.peer.Identity = slices.Clone(id)
			}
			g.in = g.in[end:]
			if failed := g.speakLast(); failed != nil {
				return nil, failed
			}
			g.script = nil
			return handshakeFrame(zmq4.CmdReady, appendProperty(nil, property{socketTypeProperty, g.peer.Type})), nil
		}
		if err := g.fill(); err != nil {
			return nil, lost("in the greeting of ZMTP 2.0", err)
		}
	}
}

// judgeOldEnd judges what has arrived of the number of the socket type and the frame
// of the identity behind it; header is 0 until all of the frame's has. libzmq does not
// look at the number.
func (g *guard) judgeOldEnd(b []byte) (header, size int, failed *HandshakeError) {
	if len(b) == 0 {
		return 0, 0, nil
	}
	if g.peer.Type == "" {
		names, number := g.config.Types(), int(b[0])
		if number >= len(names) || !g.config.Accepts(names[number]) {
			return 0, 0, g.config.typeFailure(numbered(names, number))
		}
		g.peer.Type = names[number]
	}
	frame := b[1:]
	if len(frame) > 0 && frame[0]&^framing.FlagLong != 0 {
		return 0, 0, protocolFailure("malformed greeting: a frame with the flags %02x where the identity of ZMTP 2.0 was due", frame[0]).as(CodeInvalidMetadata)
	}
	_, n, header := framing.ParseHeader(frame)
	if header > 0 && n > maxIdentity {
		return 0, 0, protocolFailure("malformed greeting: an identity of %d bytes, more than %d", n, maxIdentity).as(CodeInvalidMetadata)
	}
	return header, int(n), nil
}

// numbered returns the name of the socket type that has a number in ZMTP 2.0.
func numbered(names []string, number int) string {
	if number < len(names) && names[number] != "" {
		return names[number]
	}
	return fmt.Sprintf("number %d", number)
}

// AppendRefusal appends the ERROR command that tells the peer why it is not wanted;
// nothing for a peer that knows no commands.
func (c *Conn) AppendRefusal(dst []byte, reason string) []byte {
	if c.Peer.old() || c.raw != nil {
		return dst
	}
	return AppendError(dst, reason)
}
