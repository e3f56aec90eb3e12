package sockets

import (
	"errors"
	"sync/atomic"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// The reasons why a REQ or a REP throws a message away (RFC 28), or a proxy does
// not pass it on.
var (
	errNoDelimiter = errors.New("it has no delimiter, the empty frame in front of the body")
	errNoBody      = errors.New("nothing follows its delimiter, the empty frame")
	errNoEnvelope  = errors.New("it has one frame only, where the request's id and a delimiter belong in front of the body")
	errLoneFrame   = errors.New("it has one frame only, where the routing id of a peer belongs in front of the message")
)

// faultOfRequest returns the reason why a message is no request.
func faultOfRequest(message []byte) error {
	for rest := message; len(rest) > 0; {
		var frame []byte
		if frame, _, rest = framing.CutFrame(rest); len(frame) == 0 {
			return errNoBody
		}
	}
	return errNoDelimiter
}

// discards holds the last message that a pattern threw away until it is reported.
// The socket's lock guards it, and is not held for the report.
type discards struct {
	last  *discard
	count atomic.Uint64
}

// discard is one message that was thrown away.
type discard struct {
	endpoint, peer string
	why            error
}

// put notes that a message of p was thrown away. A pattern that has done so
// returns at once, with nothing received: it is called again.
func (d *discards) put(p *peer, why error) {
	d.last = &discard{p.endpoint, p.remote, why}
}

// take returns what was put, once.
func (d *discards) take() *discard {
	last := d.last
	if last != nil {
		d.last = nil
	}
	return last
}

// discarded counts and reports a message that was thrown away. The socket's lock
// is not held.
func (s *Socket) discarded(d *discard) {
	s.discards.count.Add(1)
	s.tellDiscarded(d)
}

// tellDiscarded reports a message that is counted already.
func (s *Socket) tellDiscarded(d *discard) {
	s.report(Event{Kind: EventDiscarded, Endpoint: d.endpoint, Peer: d.peer, Err: d.why})
}

// unpassed reports the first message of b, which a proxy cannot pass on through
// this socket. An application learns it of its own socket by an error.
func (s *Socket) unpassed(b *framing.Batch, why error) {
	if !s.proxied.Load() {
		return
	}
	s.stray(b)
	s.discarded(&discard{s.somewhere(), peerOf(b), why})
}

// unsendable takes the first message of b off it, which sockets of this type cannot send, and
// returns why. Divert of a proxy gets it back; without that, the proxy reports it.
func (s *Socket) unsendable(b *framing.Batch, why, plain error) error {
	if s.diverted.Load() {
		s.stray(b)
		return &UnfitError{Message: frames.Message(b.Next()).Clone(), Reason: why}
	}
	s.unpassed(b, why)
	b.NextWire()
	return plain
}

// stray notes that the first message of b is not sent, for the counts of the proxy.
func (s *Socket) stray(b *framing.Batch) {
	message, _ := framing.CutMessage(b.Wire())
	s.strayedBytes.Add(uint64(framing.Payload(message)))
	s.strayed.Add(1)
}

// peerOf returns the peer that the first message of b came from, "" where it is not
// known.
func peerOf(b *framing.Batch) string {
	if source := b.Source(); source != nil {
		return source.Peer
	}
	return ""
}

// somewhere returns one of the socket's endpoints.
func (s *Socket) somewhere() string {
	s.mu.Lock()
	defer s.unlock()
	for _, l := range s.listeners {
		return l.Endpoint()
	}
	for d := range s.dialers {
		return d.text
	}
	return ""
}
