package sockets

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/frames"
)

// taken is why a peer is refused, or has to leave, whose routing id is another's.
func taken(id string) error {
	return fmt.Errorf("another peer has the routing id %s", frames.FormatBytes([]byte(id)))
}

// router knows its peers by routing id: it puts a peer's id in front of each of
// its messages, and sends a message to the peer that its first frame names
// (RFC 28).
type router struct {
	fairIn
	byID    map[string]*peer
	counter uint32
	full    *peer   // whom the sender waits for; the sender alone changes it
	stall   stall   // of that peer
	touched []*peer // with messages not yet written
}

func newRouter(s *Socket) pattern {
	s.fair.gate = s.takesFrom
	return &router{fairIn: fairIn{unable{s}}, byID: map[string]*peer{}, counter: rand.Uint32()}
}

func (r *router) attach(p *peer) error {
	r.socket.probe(p)
	return nil
}

// online gives p its routing id: the identity that it announced, else five
// bytes beginning with zero. A peer keeps its id when it reconnects.
func (r *router) online(p *peer) error {
	p.asks = p.conn.Peer.Type == Req.String()
	if p.id != "" {
		if r.byID[p.id] != p {
			return taken(p.id) // handed over while the link was down
		}
		return nil
	}
	id := string(p.conn.Peer.Identity)
	for id == "" || id[0] == 0 && r.byID[id] != nil {
		id = r.invent()
	}
	if old := r.byID[id]; old != nil {
		if !r.socket.opts.Handover {
			return taken(id)
		}
		r.forget(old)
		old.leave(taken(id))
	}
	p.id, p.idWire = id, frames.AppendFrame(nil, []byte(id), true)
	r.byID[id] = p
	return nil
}

// invent makes up the next id. The bytes behind the zero are all above 0x7f, so
// that none is a separator of lines, of frames or of words, and together they are
// never UTF-8: such an id is shown in one way, as hex, whatever the counter says.
func (r *router) invent() string {
	for {
		r.counter++
		c := r.counter
		id := []byte{0, 0x80 | byte(c>>21), 0x80 | byte(c>>14), 0x80 | byte(c>>7), 0x80 | byte(c)}
		if !utf8.Valid(id) {
			return string(id)
		}
	}
}

func (r *router) detach(p *peer) { r.forget(p) }

func (r *router) forget(p *peer) {
	if p.id != "" && r.byID[p.id] == p {
		delete(r.byID, p.id)
	}
	if r.full == p {
		r.socket.wakeSender()
	}
}

func (r *router) recv(b *frames.Batch, t takes) error {
	t.edit = func(b *frames.Batch, p *peer, message []byte) {
		b.AppendPart(p.idWire)
		b.AppendWire(message, 1)
	}
	return r.fairIn.recv(b, t)
}

// reply is what a message for the peer that it answers looks like on the wire.
func (r *router) reply(message []byte) []byte {
	_, _, body := frames.CutFrame(message)
	return body
}

func (r *router) ready() bool {
	p := r.full
	return p == nil || p.gone || r.byID[p.id] != p || p.out.Unreachable() || p.out.RoomFor()
}

func (r *router) send(b *frames.Batch) error {
	defer r.flush()
	r.waitForNobody()
	for b.Len() > 0 {
		message, _ := frames.CutMessage(b.Wire())
		id, more, body := frames.CutFrame(message)
		if !more {
			r.socket.unpassed(b, errLoneFrame)
			b.Discard(len(message), 1)
			return ErrMessage
		}
		p, asks := r.find(id)
		if asks {
			r.foresee(b, p, body)
		}
		taken := p != nil && p.out.Put(body, 1) == 1
		switch {
		case taken:
			if len(r.touched) == 0 || r.touched[len(r.touched)-1] != p {
				r.touched = append(r.touched, p)
			}
		case p == nil || p.out.Unreachable():
			r.socket.unpassed(b, &UnroutableError{RoutingID: id})
			b.Discard(len(message), 1)
			r.socket.unroutable.Add(1)
			if r.socket.opts.Mandatory {
				return &UnroutableError{RoutingID: bytes.Clone(id)}
			}
			continue
		case r.socket.waits():
			r.waitFor(p, b)
			return nil
		default:
			r.socket.countDropped(1)
		}
		b.Discard(len(message), 1)
	}
	return nil
}

// waitFor has the sender wait until p takes the first message of b.
func (r *router) waitFor(p *peer, b *frames.Batch) {
	behind := false
	for wire := b.Wire(); len(wire) > 0 && !behind; {
		id, _, _ := frames.CutFrame(wire)
		behind = string(id) != p.id
		_, wire = frames.CutMessage(wire)
	}
	r.socket.mu.Lock()
	defer r.socket.unlock()
	r.full = p
	r.stall.watch(p, behind)
}

func (r *router) waitForNobody() {
	if r.full != nil {
		r.socket.mu.Lock()
		defer r.socket.unlock()
		r.full = nil
	}
}

// find returns the peer that has a routing id, nil where none has, and whether it
// is a REQ.
func (r *router) find(id []byte) (p *peer, asks bool) {
	r.socket.mu.Lock()
	defer r.socket.unlock()
	p = r.byID[string(id)]
	return p, p != nil && p.asks
}

// foresee reports a reply that the REQ which it goes to will throw away. It is
// sent all the same, as libzmq does.
func (r *router) foresee(b *frames.Batch, p *peer, reply []byte) {
	if _, _, ok := frames.SplitWire(reply); !ok && p.out.RoomFor() {
		why := fmt.Errorf("it goes to %s, a REQ, which discards it: %w", p.remote, faultOfRequest(reply))
		r.socket.discarded(&discard{p.endpoint, b.Source(), why})
	}
}

func (r *router) flush() {
	for i, p := range r.touched {
		p.out.Flush()
		r.touched[i] = nil
	}
	r.touched = r.touched[:0]
}
