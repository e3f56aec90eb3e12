package sockets

import (
	"fmt"
	"slices"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/locks"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
	"github.com/zcat/zcat/pkg/sockets/internal/topics"
)

// fanOut copies each message to every peer with a subscription to a prefix of
// its first frame, once, and drops it for those that have no room (RFC 29), or with NoDrop
// waits for them. With groups, it is for every peer that joined the group which its first frame is (RFC 48).
type fanOut struct {
	socket *Socket
	groups bool

	// mu guards the subscriptions. It is taken inside the socket's lock, never
	// around it, and not held while anything is sent.
	mu     locks.Mutex[locks.FanOut]
	tree   topics.Tree[*peer]
	memory *topicMemory       // of the tree
	peers  map[*peer]struct{} // all, with and without subscriptions

	values *lastValues // nil without Options.LastValueBytes

	stamp  uint64 // the number of the search, in which each peer is to be found once
	full   *peer  // with NoDrop: the peer that the sender waits for
	counts []*peer

	// The sender's alone.
	matches []*peer          // of the current message
	same    []*peer          // of the run of messages before it
	found   bool             // matches are those of the first message that is not sent
	touched []*peer          // with messages not yet written
	kept    queue.SharedCopy // of the run being sent
}

// fullPublisher has a publisher wait for a subscriber if it may not drop.
func fullPublisher(s *Socket) queue.Policy { return queue.Policy{Paced: s.opts.NoDrop} }

func newFanOut(s *Socket) fanOut {
	memory := new(topicMemory)
	return fanOut{
		socket: s, groups: s.row.Grouped, tree: topics.New[*peer](memory), memory: memory, peers: map[*peer]struct{}{},
		values: newLastValues(&s.opts),
	}
}

// topicMemory is the account of subscriptions, in bytes.
type topicMemory int

// Charge implements topics.Account.
func (m *topicMemory) Charge(bytes int) { *m += topicMemory(bytes) }

func (f *fanOut) add(p *peer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.peers[p] = struct{}{}
	f.tree.Enter(&p.topics, p)
}

// orphaned is called with a prefix that a peer leaves behind, and with last if
// nobody holds it any more. The prefix is valid only until it returns.
type orphaned = func(prefix []byte, last bool)

// remove forgets p and calls tell for each of its prefixes, unless tell is nil.
func (f *fanOut) remove(p *peer, tell orphaned) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.endFeed(p)
	f.tree.Shed(&p.topics, p.topics.Len(), tell)
	delete(f.peers, p)
	f.full = nil
}

// shedding is the number of subscriptions of a peer that left that are removed
// before others get their turn: a million of them take a second.
const shedding = 500

// shed begins what remove ends: it removes some of p's subscriptions, and reports
// whether there are more. Nothing is sent to p any more.
func (f *fanOut) shed(p *peer, tell orphaned) (more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p.parting = true
	f.endFeed(p)
	f.tree.Shed(&p.topics, shedding, tell)
	return p.topics.Len() > 0
}

// subscribe notes p's subscription; first says that nobody else held it.
func (f *fanOut) subscribe(p *peer, prefix []byte) (first bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.peers[p]; !known || f.tree.Holds(prefix, &p.topics) {
		return false, nil
	}
	if err := f.checkSubscription(p, &p.topics, prefix); err != nil {
		return false, err
	}
	_, first = f.tree.Add(prefix, &p.topics)
	f.beginFeed(p, prefix)
	return first, nil
}

// join notes that p joins a group. As in libzmq it leaves it as often as it joined.
func (f *fanOut) join(p *peer, group []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.peers[p]; !known {
		return nil
	}
	if !f.tree.Holds(group, &p.topics) {
		if err := f.checkSubscription(p, &p.topics, group); err != nil {
			return err
		}
	}
	f.tree.Add(group, &p.topics)
	return nil
}

// leave undoes one join of p, if there is one.
func (f *fanOut) leave(p *peer, group []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tree.Release(group, &p.topics)
}

// checkSubscription returns why p may not have prefix as well among those of h.
func (f *fanOut) checkSubscription(p *peer, h *topics.Holder[*peer], prefix []byte) error {
	o, more := &f.socket.opts, topics.Part(len(prefix))
	switch {
	case o.MaxPrefix > 0 && len(prefix) > o.MaxPrefix:
		return fmt.Errorf("a subscription to a prefix of %d bytes, the limit is %d", len(prefix), o.MaxPrefix)
	case o.MaxSubscriptions > 0 && h.Len() >= o.MaxSubscriptions:
		return errTooManyTopics
	case o.RecvHWMBytes > 0 && h.Bytes()+len(prefix) > o.RecvHWMBytes:
		return fmt.Errorf("subscriptions of more than %d bytes in all, the limit is %d", h.Bytes(), o.RecvHWMBytes)
	case o.MaxMemory > 0 && !p.dialed && h.Part()+more > o.MaxMemory-int(*f.memory)-more:
		return fmt.Errorf("the subscriptions of all peers take %d of %d bytes of memory, and this one's up to %d", int(*f.memory), o.MaxMemory, h.Part())
	}
	return nil
}

// cancel ends p's subscription; last says that nobody holds it now, also where
// nobody did before, as in libzmq.
func (f *fanOut) cancel(p *peer, prefix []byte) (last bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if held, last := f.tree.Remove(prefix, &p.topics); held {
		return last
	}
	return !f.tree.Held(prefix)
}

// subscribers counts the peers that a message with this first frame would
// reach, or, where it is empty, those with any subscription.
func (f *fanOut) subscribers(topic []byte) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(topic) > 0 {
		f.counts = f.find(topic, f.counts)
		return len(f.counts)
	}
	n := 0
	for p := range f.peers {
		if p.topics.Len() > 0 && !p.parting {
			n++
		}
	}
	return n
}

// find collects the peers that get a message with this first frame, and reuses
// found for them. mu is held.
func (f *fanOut) find(topic []byte, found []*peer) []*peer {
	f.stamp++
	found = found[:0]
	visit := func(holds []topics.Hold[*peer]) {
		for i := range holds {
			if p := holds[i].Owner(); p.matched != f.stamp && !p.parting {
				p.matched = f.stamp
				found = append(found, p)
			}
		}
	}
	if f.groups {
		f.tree.At(topic, visit)
	} else {
		f.tree.Match(topic, visit)
	}
	if f.socket.opts.InvertMatching {
		found = found[:0]
		for p := range f.peers {
			if p.matched != f.stamp && !p.parting {
				found = append(found, p)
			}
		}
	}
	return found
}

// send gives each run of messages that go to the same peers to all of them at
// once: most batches are one run.
func (f *fanOut) send(b *framing.Batch) {
	if f.values != nil {
		f.sendKept(b)
		return
	}
	f.sendFirst(b, b.Len())
}

// sendFirst is send for the first messages of b.
func (f *fanOut) sendFirst(b *framing.Batch, messages int) {
	f.found = false
	for messages > 0 {
		run, count, peers := f.nextRun(b, messages)
		whole := len(run) == b.Size()
		if f.socket.opts.NoDrop {
			all := count
			if run, count = f.fitting(peers, run, count, atOnce(run, whole)); count == 0 {
				break
			}
			f.found = f.found && count == all
		}
		f.spread(peers, run, count, whole)
		b.Discard(len(run), count)
		messages -= count
	}
	f.flush()
}

// flush writes what was queued.
func (f *fanOut) flush() {
	for i, p := range f.touched {
		p.out.Flush()
		p.touched = false
		f.touched[i] = nil
	}
	f.touched = f.touched[:0]
}

// nextRun returns the messages at the front of b, of which there are so many, that go to
// the same peers.
func (f *fanOut) nextRun(b *framing.Batch, messages int) (run []byte, count int, peers []*peer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	wire := b.Wire()
	if holds, alone := f.tree.All(); alone && messages == b.Len() && !f.groups && !f.socket.opts.InvertMatching {
		f.same = f.same[:0]
		for i := range holds {
			if p := holds[i].Owner(); !p.parting {
				f.same = append(f.same, p)
			}
		}
		return wire, b.Len(), f.same
	}
	size := 0
	for count < messages {
		message, _ := framing.CutMessage(wire[size:])
		if !f.found {
			topic, _, _ := framing.CutFrame(message)
			f.matches = f.find(topic, f.matches)
		}
		if count == 0 {
			f.same, f.matches = f.matches, f.same
		} else if f.found = !slices.Equal(f.matches, f.same); f.found {
			break
		}
		f.found = false
		size += len(message)
		count++
	}
	return wire[:size], count, f.same
}

// atOnce reports whether a run is written at once, and not with others at the end: whole
// says that it is all of its batch.
func atOnce(run []byte, whole bool) bool { return whole || len(run) >= queue.LongRest }

// spread gives a run to each peer. Short ones are written together at the end.
func (f *fanOut) spread(peers []*peer, run []byte, count int, whole bool) {
	f.kept.Begin(run)
	dropped := 0
	for _, p := range peers {
		taken := f.offer(p, run, count, atOnce(run, whole))
		if taken < count && !p.out.Closed() {
			dropped += count - taken
		}
	}
	f.kept.End()
	f.socket.countDropped(dropped)
}

// offer gives p as much of a run as it has room for, now or at the end, or with NoDrop
// all of it: there was room when that was looked for, and may be less now.
func (f *fanOut) offer(p *peer, run []byte, count int, now bool) (taken int) {
	if !now && !p.touched {
		p.touched = true
		f.touched = append(f.touched, p)
	}
	if !f.socket.opts.NoDrop {
		if now {
			_, taken = p.out.Offer(run, count, &f.kept)
			return taken
		}
		return p.out.Put(run, count)
	}
	take := p.out.QueueAll
	if now {
		take = p.out.OfferAll
	}
	if take(run, count, &f.kept) {
		return count
	}
	return 0
}

// fitting returns the front of a run that every peer has room for; now says that it is
// written at once.
func (f *fanOut) fitting(peers []*peer, run []byte, count int, now bool) (front []byte, n int) {
	if most := f.socket.opts.SendHWM; now && 0 < most && most < count && len(run) > queue.PassSize {
		if size, fits := framing.Whole(run, queue.PassSize); fits > most {
			run, count = run[:size], fits
		}
	}
	n = count
	for _, p := range peers {
		if n = min(n, p.out.Room(run, count, now)); n == 0 {
			if p.out.RoomFor() {
				n = 1 // since then
				continue
			}
			f.waitFor(p)
			return nil, 0
		}
	}
	f.waitFor(nil)
	if n == count {
		return run, count
	}
	return run[:framing.Front(run, n)], n
}

// waitFor makes the sender wait for p, or for nobody if p is nil.
func (f *fanOut) waitFor(p *peer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full = p
}

func (f *fanOut) ready() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.full == nil || f.full.out.RoomFor()
}
