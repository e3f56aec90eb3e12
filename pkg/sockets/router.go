package sockets

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// taken is the reason why a peer whose routing id another one has is refused.
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
	full    *peer   // the peer that the sender waits for; the sender alone changes it
	stall   stall   // of that peer
	touched []*peer // with messages not yet written
}

func routerRow() typeRow {
	return typeRow{
		name: "ROUTER", number: 6, peers: []Type{Req, Dealer, Router}, pattern: newRouter,
		sends: true, receives: true, envelopes: true, Traits: Traits{Replies: true, Addressed: true, LeastFrames: 2, Enveloped: true, Announces: true, Greets: true},
		probes: true, full: fullRouter, left: dropped, gates: true,
	}
}

// fullRouter makes a ROUTER that may not drop wait for the peer that a message is
// for, whose queue a sender may then fill twice.
func fullRouter(s *Socket) queue.Policy {
	if !s.waits() {
		return queue.Policy{}
	}
	return queue.Policy{Paced: true, Reoffered: true, Twice: true, Alone: s.lonely}
}

func newRouter(s *Socket) pattern {
	r := &router{}
	r.begin(s)
	return r
}

func (r *router) begin(s *Socket) {
	s.fair.gate = takesFrom
	r.fairIn, r.byID, r.counter = fairIn{unable{s}}, map[string]*peer{}, rand.Uint32()
	r.stall.look = r.callForLook
}

// attach gives a peer that we connect to the id that Options.ConnectIDs has for it.
func (r *router) attach(p *peer) error {
	if p.dialer == nil || p.dialer.id == "" {
		return nil
	}
	if r.byID[p.dialer.id] != nil {
		return taken(p.dialer.id)
	}
	r.name(p, p.dialer.id)
	return nil
}

// name makes id the routing id of p.
func (r *router) name(p *peer, id string) {
	p.id, p.idWire = id, framing.AppendFrame(nil, []byte(id), true)
	r.byID[id] = p
	r.socket.fair.former.inherit(p)
}

// online gives p its routing id: the identity that it announced, else five
// bytes beginning with zero. A peer keeps its id when it reconnects.
func (r *router) online(p *peer) error {
	theirs := rowOf(p.conn.Peer.Type)
	if p.strict, p.gates = "", theirs.gates; theirs.strict {
		p.strict = theirs.name
	}
	if p.id != "" {
		if r.byID[p.id] != p {
			return taken(p.id) // handed over while the connection was down
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
		old.leave(fmt.Errorf("another peer took over the routing id %s", frames.FormatBytes([]byte(id))))
	}
	r.name(p, id)
	return nil
}

// place returns the routing id that a newcomer announces, where it is not handed over.
func (r *router) place(newcomer *peer, told *zmtp.Peer) (id string, alone bool) {
	id = string(told.Identity)
	known := newcomer != nil && newcomer.id != ""
	return id, id != "" && id[0] != 0 && !known && !r.socket.opts.Handover
}

// holder returns the peer that has a routing id, nil where none has.
func (r *router) holder(id string) *peer { return r.byID[id] }

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
		r.socket.fair.former.give(p)
	}
	if r.full == p {
		r.socket.wakeSender()
	}
}

func (r *router) recv(b *framing.Batch, t takes) error {
	t.edit = func(b *framing.Batch, p *peer, message []byte) {
		b.AppendPart(p.idWire)
		b.AppendWire(message, 1)
	}
	return r.fairIn.recv(b, t)
}

// reply returns the wire form of a reply, as the peer is to get it.
func (r *router) reply(message []byte) []byte {
	_, _, body := framing.CutFrame(message)
	return body
}

func (r *router) ready() bool {
	p := r.full
	return p == nil || p.gone || r.byID[p.id] != p || p.out.Unreachable() || p.out.RoomFor()
}

func (r *router) send(b *framing.Batch) error {
	defer r.flush()
	r.waitForNobody()
	for b.Len() > 0 {
		message, _ := framing.CutMessage(b.Wire())
		id, more, body := framing.CutFrame(message)
		if !more {
			return r.socket.unsendable(b, errLoneFrame, ErrMessage)
		}
		p, strict := r.find(id)
		size, count, taken := len(message), 1, 0
		if strict != "" {
			r.foresee(b, p, strict, body)
		} else if p != nil {
			size, count = framing.Alike(b.Wire(), len(message)-len(body), batchSize)
		}
		if p != nil {
			taken = p.out.PutBodies(b.Wire()[:size], len(message)-len(body), count)
		}
		switch {
		case taken > 0:
			r.touch(p)
			if taken < count {
				size = framing.Front(b.Wire(), taken)
			}
			b.Discard(size, taken)
			continue
		case p == nil || p.out.Unreachable():
			r.socket.unroutable.Add(1)
			if r.socket.opts.Mandatory && r.socket.diverted.Load() {
				r.socket.stray(b) // Pass fails, and so tells of it
			} else {
				r.socket.unpassed(b, &UnroutableError{RoutingID: id})
			}
			if r.socket.opts.Mandatory {
				return &UnroutableError{RoutingID: bytes.Clone(id), Message: frames.Message(b.Next()).Clone()}
			}
			b.Discard(len(message), 1)
			continue
		case r.socket.waits():
			r.waitFor(p, b)
			return nil
		default:
			r.socket.countDropped(count)
		}
		b.Discard(size, count)
	}
	return nil
}

// touch notes that p has messages that are not yet written.
func (r *router) touch(p *peer) {
	if len(r.touched) == 0 || r.touched[len(r.touched)-1] != p {
		r.touched = append(r.touched, p)
	}
}

// waitFor makes the sender wait until p takes the first message of b.
func (r *router) waitFor(p *peer, b *framing.Batch) {
	behind := false
	for wire := b.Wire(); len(wire) > 0 && !behind; {
		id, _, _ := framing.CutFrame(wire)
		behind = string(id) != p.id
		_, wire = framing.CutMessage(wire)
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

// find returns the peer that has a routing id, nil where none has, and its type if
// that discards messages without a delimiter.
func (r *router) find(id []byte) (p *peer, strict string) {
	s := r.socket
	s.mu.Lock()
	if p = r.byID[string(id)]; p != nil {
		strict = p.strict
	}
	s.unlock()
	return p, strict
}

// foresee reports a reply that its peer, which is of a strict type, will throw
// away. The reply is sent all the same, as in libzmq.
func (r *router) foresee(b *framing.Batch, p *peer, strict string, reply []byte) {
	if _, _, ok := framing.Split(reply); !ok && p.out.RoomFor() {
		why := fmt.Errorf("it goes to %s, a %s, which discards it: %w", p.remote, strict, faultOfRequest(reply))
		r.socket.discarded(&discard{p.endpoint, peerOf(b), why})
	}
}

func (r *router) flush() {
	for i, p := range r.touched {
		p.out.Flush()
		r.touched[i] = nil
	}
	r.touched = r.touched[:0]
}

// takesFrom reports whether a ROUTER that may not drop takes messages of p: as long
// as there is room for replies, unless p does the same, since two such could come
// to wait for each other.
func takesFrom(p *peer) bool {
	return hasRoom(p) || !p.socket.waits() || p.conn == nil || p.gates
}

// waits reports whether a ROUTER waits for a peer that has no room.
func (s *Socket) waits() bool { return s.opts.Mandatory || s.opts.NoDrop }

// joined makes the ROUTER wait for its peers, as with Options.NoDrop, since what it
// sends comes from other.
func (r *router) joined(other *Socket) {
	s := r.socket
	s.opts.NoDrop = true
	s.opts.Backlog = other.holdsForOthers
	for p := range s.peers {
		p.out.Arrange(s.row.full(s))
	}
}
