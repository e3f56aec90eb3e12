package sockets

import (
	"strconv"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/topics"
)

// With Options.Manual an XPUB shows what its peers ask for, and does nothing about it:
// the application answers. What a peer asked for is remembered apart from what it was
// granted, so that its end can be shown too.

// manual is what such an XPUB knows beside its fan-out, whose lock guards asked, and
// whose account has its memory. The socket's lock guards the rest.
type manual struct {
	asked topics.Tree[*peer]
	named map[string]*peer // by what their messages say where they come from
	last  *peer            // whose subscription was received last; nil before the first
	alike int              // peers that were given a number so far
}

// asker is what such an XPUB knows of a peer.
type asker struct {
	asked topics.Holder[*peer]
	name  string // in manual.named, and that of the source of its messages
}

func newManual(o *Options, memory *topicMemory) *manual {
	if !o.Manual {
		return nil
	}
	return &manual{asked: topics.New[*peer](memory), named: map[string]*peer{}}
}

// enter makes p one that may ask. An answer names the peer that it is for, and peers of
// ipc have no names of their own: they get numbers, of which none comes twice, so that a
// late answer is not taken for one to another peer.
func (x *xpub) enter(p *peer) {
	m := x.manual
	name := p.remote
	if m.named[name] != nil || !p.dialed && name == p.endpoint {
		m.alike++
		name += "#" + strconv.Itoa(m.alike)
	}
	p.asker = &asker{name: name}
	m.asked.Enter(&p.asker.asked, p)
	m.named[name] = p
}

// quit forgets p, and shows the end of each thing that it asked for, in its name.
func (x *xpub) quit(p *peer) {
	m, a := x.manual, p.asker
	if a == nil {
		return
	}
	for x.unask(p, a.asked.Len()) {
	}
	delete(m.named, a.name)
	p.asker = nil
	if m.last == p {
		m.last = nil
	}
}

// unask shows the end of some of what p asked for, and reports whether there is more.
func (x *xpub) unask(p *peer, most int) (more bool) {
	x.out.mu.Lock()
	defer x.out.mu.Unlock()
	x.manual.asked.Shed(&p.asker.asked, most, func(prefix []byte, _ bool) {
		p.deliverMessage(framing.AppendFrame(nil, append([]byte{0}, prefix...), false))
	})
	return p.asker.asked.Len() > 0
}

// ask notes what a peer asks for, or asks for no more.
func (x *xpub) ask(p *peer, cancel bool, prefix []byte) error {
	x.out.mu.Lock()
	defer x.out.mu.Unlock()
	tree, h := &x.manual.asked, &p.asker.asked
	switch {
	case cancel:
		tree.Remove(prefix, h)
	case tree.Holds(prefix, h):
	default:
		if err := x.out.checkSubscription(p, h, prefix); err != nil {
			return err
		}
		tree.Add(prefix, h)
	}
	return nil
}

// endsWithSubscription reports whether a received message is one, or ends with one: a
// subscription that is shown ends a message.
func (x *xpub) endsWithSubscription(message []byte) bool {
	scan := frameScan{rest: message, onlyFirst: x.socket.opts.OnlyFirstSubscribe}
	for scan.next() {
	}
	return scan.subscribes
}

// answer takes the answer at the front of b: that a peer is to get what begins with
// prefix, or is to get it no more. It is the peer that the answer says it came from,
// or, where it does not say, the one whose subscription was received last. An answer for a
// peer that has left means nothing.
func (x *xpub) answer(b *framing.Batch, cancel bool, prefix []byte) {
	m := x.manual
	x.socket.mu.Lock()
	defer x.socket.unlock()
	p := m.last
	if from := peerOf(b); from != "" {
		p = m.named[from]
	}
	x.grant(p, cancel, prefix)
}

// grant gives a peer a subscription, or takes it away. The socket's lock is held.
func (x *xpub) grant(p *peer, cancel bool, prefix []byte) {
	if p == nil || p.asker == nil {
		return
	}
	if cancel {
		x.out.cancel(p, prefix)
	} else if _, err := x.out.subscribe(p, prefix); err != nil {
		p.leave(err)
	}
	x.socket.changed()
}

// sendManual takes the answers out of what is sent.
func (x *xpub) sendManual(b *framing.Batch) {
	for b.Len() > 0 {
		messages := 0
		for wire := b.Wire(); len(wire) > 0; messages++ {
			message, rest := framing.CutMessage(wire)
			if _, _, answers := cutAnswer(message); answers {
				break
			}
			wire = rest
		}
		if messages > 0 {
			left := b.Len() - messages
			if x.out.sendFirst(b, messages); b.Len() > left {
				return // somebody has no room
			}
			continue
		}
		message, _ := framing.CutMessage(b.Wire())
		cancel, prefix, _ := cutAnswer(message)
		x.answer(b, cancel, prefix)
		b.Discard(len(message), 1)
	}
}

// cutAnswer reads an answer to a subscription, which has the form of one.
func cutAnswer(message []byte) (cancel bool, prefix []byte, ok bool) {
	frame, more, _ := framing.CutFrame(message)
	if more {
		return false, nil, false
	}
	return cutSubscription(frame)
}

func (x *xpub) subscribes() bool { return x.manual != nil }

// subscribe has the peer whose subscription was received last get what begins with prefix.
// The socket's lock is held.
func (x *xpub) subscribe(prefix []byte) { x.grant(x.manual.last, false, prefix) }

func (x *xpub) unsubscribe(prefix []byte) { x.grant(x.manual.last, true, prefix) }
