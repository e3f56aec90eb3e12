package sockets

import (
	"sync"

	"github.com/zcat/zcat/pkg/frames"
)

// fanOut copies each message to every peer with a subscription to a prefix of
// its first frame, once, and drops it for those that have no room (RFC 29).
type fanOut struct {
	socket *Socket

	// mu guards the subscriptions. It is taken inside the socket's lock, never
	// around it.
	mu    sync.Mutex
	tree  topicTree
	peers map[*peer]struct{} // all, with and without subscriptions

	stamp   uint64  // the message being sent, to find a peer once for it
	matches []*peer // of that message
	touched map[*peer]struct{}
	full    *peer // with NoDrop: whom the sender waits for
}

func newFanOut(s *Socket) fanOut {
	return fanOut{socket: s, peers: map[*peer]struct{}{}, touched: map[*peer]struct{}{}}
}

func (f *fanOut) add(p *peer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.peers[p] = struct{}{}
	p.topics = topicSet{}
}

// remove forgets p and calls orphaned with each prefix that nobody holds any more.
func (f *fanOut) remove(p *peer, orphaned func(prefix string, last bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for topic := range p.topics {
		orphaned(topic, f.tree.remove([]byte(topic), p))
	}
	p.topics = nil
	delete(f.peers, p)
	f.full = nil
}

// subscribe notes p's subscription; first says that nobody else held it.
func (f *fanOut) subscribe(p *peer, prefix []byte) (first bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, held := p.topics[string(prefix)]; held || p.topics == nil {
		return false, nil
	}
	if limit := f.socket.opts.MaxSubscriptions; limit > 0 && len(p.topics) >= limit {
		return false, errTooManyTopics
	}
	p.topics[string(prefix)] = struct{}{}
	return f.tree.add(prefix, p), nil
}

// cancel ends p's subscription; last says that nobody holds it now.
func (f *fanOut) cancel(p *peer, prefix []byte) (last bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, held := p.topics[string(prefix)]; !held {
		return !f.tree.held(prefix) // as libzmq
	}
	delete(p.topics, string(prefix))
	return f.tree.remove(prefix, p)
}

// subscribers counts the peers that a message with this first frame would
// reach, or, for nil, those with any subscription.
func (f *fanOut) subscribers(topic []byte) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if topic != nil {
		return len(f.find(topic))
	}
	n := 0
	for p := range f.peers {
		if len(p.topics) > 0 {
			n++
		}
	}
	return n
}

// find collects the peers that get a message with this first frame.
func (f *fanOut) find(topic []byte) []*peer {
	f.stamp++
	f.matches = f.matches[:0]
	f.tree.match(topic, func(holders []*peer) {
		for _, p := range holders {
			if p.matched != f.stamp {
				p.matched = f.stamp
				f.matches = append(f.matches, p)
			}
		}
	})
	if f.socket.opts.InvertMatching {
		f.matches = f.matches[:0]
		for p := range f.peers {
			if p.matched != f.stamp {
				f.matches = append(f.matches, p)
			}
		}
	}
	return f.matches
}

func (f *fanOut) send(b *frames.Batch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	o := &f.socket.opts
	if f.tree.everything() && !o.NoDrop && !o.InvertMatching {
		f.sendAll(b)
		return
	}
	for b.Len() > 0 {
		message, _ := frames.CutMessage(b.Wire())
		topic, _, _ := frames.CutFrame(message)
		matches := f.find(topic)
		if o.NoDrop && !f.room(matches, len(message)) {
			break
		}
		for _, p := range matches {
			if p.out.put(message) {
				f.touched[p] = struct{}{}
			} else {
				f.socket.countDropped(1)
			}
		}
		b.Discard(len(message), 1)
	}
	for p := range f.touched {
		p.out.flush()
	}
	clear(f.touched)
}

// sendAll gives the whole batch to every subscriber.
func (f *fanOut) sendAll(b *frames.Batch) {
	for _, p := range f.tree.root.holders {
		_, taken := p.out.offer(b.Wire(), b.Len())
		f.socket.countDropped(b.Len() - taken)
	}
	b.Reset()
}

// room reports whether every peer has room for a message of size bytes.
func (f *fanOut) room(peers []*peer, size int) bool {
	for _, p := range peers {
		if !p.out.roomFor(size) {
			f.full = p
			return false
		}
	}
	f.full = nil
	return true
}

func (f *fanOut) ready(size int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.full == nil || f.full.out.roomFor(size)
}
