package sockets

import (
	"errors"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// errTooManyTopics is the reason why a peer that subscribes without end is dropped.
var errTooManyTopics = errors.New("more subscriptions than one peer may hold")

// shedder is a pattern that may have much to forget of a peer. The socket's lock is
// held for one step at a time.
type shedder interface {
	// shed forgets some of p's subscriptions, and reports whether there are more.
	shed(p *peer) (more bool)
}

// sheds reports whether forgetting p takes more than one step. The socket's lock is
// held.
func (s *Socket) sheds(p *peer) bool {
	_, ok := s.pattern.(shedder)
	return ok && (p.topics.Len() > shedding || p.asker != nil && p.asker.asked.Len() > shedding)
}

// shed has the pattern forget p in steps, before detach does the rest. The
// cancellations that an XPUB shows wait in p's queue; while that is full, shed
// waits for room.
func (s *Socket) shed(p *peer) {
	p.out.Drop()
	for more := true; more; {
		s.mu.Lock()
		l, ok := s.pattern.(shedder)
		more = ok && !s.closing && !p.gone && l.shed(p)
		full := more && s.full(p)
		if full {
			p.rest = forRoom
		}
		s.unlock()
		if full {
			s.await(p, 0)
		}
	}
}

// pub sends each message to the peers that subscribed to it (RFC 29).
type pub struct {
	unable
	out fanOut
}

func pubRow() typeRow {
	return typeRow{
		name: "PUB", number: 1, peers: []Type{Sub, XSub}, pattern: newPub,
		sends: true, Traits: Traits{Publishes: true, Copies: true, Conflates: true},
		linkOnce: true, full: fullPublisher,
	}
}

func newPub(s *Socket) pattern { return &pub{unable: unable{s}, out: newFanOut(s)} }

func (p *pub) attach(q *peer) error {
	p.out.add(q)
	return nil
}

// online begins anew: a peer that comes back sends its subscriptions again.
func (p *pub) online(q *peer) error {
	p.out.remove(q, nil)
	p.out.add(q)
	return nil
}

func (p *pub) detach(q *peer) { p.out.remove(q, nil) }

func (p *pub) shed(q *peer) bool { return p.out.shed(q, nil) }

// arrive takes in the subscriptions; whatever else peers send is dropped. A
// subscription that came inside a message, which may never end, arrives here as a
// message of its own.
func (p *pub) arrive(q *peer, s *slab.Slab) error {
	defer s.Recycle()
	for wire := s.Wire; len(wire) > 0; {
		var message []byte
		message, wire = framing.CutMessage(wire)
		for scan := (frameScan{rest: message, onlyFirst: p.socket.opts.OnlyFirstSubscribe}); scan.next(); {
			switch {
			case !scan.subscribes:
			case scan.cancel:
				p.out.cancel(q, scan.prefix)
			default:
				if _, err := p.out.subscribe(q, scan.prefix); err != nil {
					return err
				}
			}
		}
	}
	p.socket.changed()
	return nil
}

func (p *pub) send(b *framing.Batch) error {
	p.out.send(b)
	return nil
}

func (p *pub) ready() bool { return p.out.ready() }

func (p *pub) subscribers(topic []byte) int { return p.out.subscribers(topic) }
