package sockets

import (
	"bytes"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// How a peer gets the last values of what it subscribes to (Options.LastValueBytes).
// It is fed: the topics that begin with the prefix, and that no other of its
// subscriptions covers, are queued in their order, as the peer takes them. A message
// that is sent meanwhile goes to the peer at once, unless its turn is still to come:
// then it is what the peer will get. So for each topic a peer gets the newest message
// at its subscription, or a newer one in its place, and each one after that.
//
// A topic is looked at, kept and queued under one lock, so that nothing comes between
// these: the outboxes are written to once it is open. One subscription of a peer is
// fed at a time. Those that the peer makes meanwhile, and cancellations, have to wait
// in front of its reader (xpub.arrive), as it has no room for what they ask for.

// feed is where the feed of a peer is. The lock of the fan-out guards it.
type feed struct {
	next *lastValue // whose turn is next; nil where nothing is to be fed
	size int        // of the prefix, in bytes: next begins with it
}

// feedStep is the number of topics that are looked at before others get their turn.
const feedStep = 512

// waits reports whether the turn of a topic is still to come.
func (f *feed) waits(topic []byte) bool {
	if f.next == nil || len(topic) < f.size {
		return false
	}
	next := f.next.topic()
	return bytes.Equal(topic[:f.size], next[:f.size]) && bytes.Compare(topic, next) >= 0
}

// sendKept is send for a publisher that keeps last values. What it queues is written
// before there is half a queue of it: so whoever has no room is slow.
func (f *fanOut) sendKept(b *framing.Batch) {
	o := &f.socket.opts
	letGo, count, size := 0, 0, 0
	for b.Len() > 0 {
		message, _ := framing.CutMessage(b.Wire())
		gone, sent := f.publish(message)
		if letGo += gone; !sent {
			break
		}
		count, size = count+1, size+len(message)
		b.Discard(len(message), 1)
		if o.SendHWM > 0 && count >= o.SendHWM/2 || o.SendHWMBytes > 0 && size >= o.SendHWMBytes/2 {
			f.flush()
			count, size = 0, 0
		}
	}
	f.flush()
	if letGo > 0 {
		f.socket.evicted.Add(uint64(letGo))
		f.socket.report(Event{Kind: EventLetGo, Endpoint: f.socket.somewhere(), Value: int64(letGo)})
	}
}

// publish keeps a message, and queues it for all who subscribed to it. It returns the
// number of topics that were let go for it, and false where the sender has to wait.
func (f *fanOut) publish(message []byte) (letGo int, sent bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	topic, more, _ := framing.CutFrame(message)
	f.matches = f.find(topic, f.matches)
	if f.full = nil; f.socket.opts.NoDrop {
		for _, p := range f.matches {
			if !p.out.RoomFor() {
				f.full = p
				return 0, false
			}
		}
	}
	f.kept.Begin(message)
	defer f.kept.End()
	kept, dropped := more && f.values.fits(topic, message), 0
	for _, p := range f.matches {
		if kept && p.feed.waits(topic) && f.tree.Covers(topic, &p.topics) == 1 {
			continue
		}
		if !f.queue(p, message) {
			if !p.out.Closed() {
				dropped++
			}
		} else if !p.touched {
			p.touched = true
			f.touched = append(f.touched, p)
		}
	}
	f.socket.countDropped(dropped)
	if kept {
		return f.keep(topic, message), true
	}
	if e := f.values.table.Find(topic); e != nil {
		f.forget(e)
	}
	if more {
		letGo = 1 // it is too large itself
	}
	return letGo, true
}

// queue queues a message of which kept holds a copy, with NoDrop in any case: there was room
// for it when that was looked for.
func (f *fanOut) queue(p *peer, message []byte) (taken bool) {
	if f.socket.opts.NoDrop {
		return p.out.QueueAll(message, 1, &f.kept)
	}
	return p.out.QueueFrom(message, &f.kept)
}

// keep keeps a message, and returns the number of topics that are let go to stay within
// the limit.
func (f *fanOut) keep(topic, message []byte) (letGo int) {
	v := f.values
	v.put(v.table.Find(topic), topic, message)
	for int(v.held) > v.limit && v.oldest != v.newest {
		f.missed(v.oldest.topic())
		f.forget(v.oldest)
		letGo++
	}
	return letGo
}

// missed counts a topic that is let go as dropped for each peer that was to get it.
func (f *fanOut) missed(topic []byte) {
	for p := range f.values.fed {
		if p.feed.waits(topic) && f.tree.Covers(topic, &p.topics) == 1 {
			f.socket.countDropped(1)
		}
	}
}

// forget lets a topic go. Feeds that it is next in go on behind it.
func (f *fanOut) forget(e *lastValue) {
	if e.awaited > 0 {
		next := f.values.behind(e)
		for p := range f.values.fed {
			if p.feed.next == e {
				f.goOnAt(p, next)
			}
		}
	}
	f.values.remove(e)
}

// goOnAt makes e the next topic in the feed of p, which ends where that does not begin
// with the prefix. The current one has to be there still.
func (f *fanOut) goOnAt(p *peer, e *lastValue) {
	last := p.feed.next
	if e != nil && last != nil {
		topic := e.topic()
		if len(topic) < p.feed.size || !bytes.Equal(topic[:p.feed.size], last.topic()[:p.feed.size]) {
			e = nil
		}
	}
	if last != nil {
		last.awaited--
	}
	if p.feed.next = e; e == nil {
		delete(f.values.fed, p)
		return
	}
	e.awaited++
	f.values.fed[p] = struct{}{}
}

// beginFeed begins to feed a peer what it has just subscribed to, unless another of its
// subscriptions covers that.
func (f *fanOut) beginFeed(p *peer, prefix []byte) {
	if f.values == nil || p.unfed || f.tree.Covers(prefix, &p.topics) > 1 {
		return
	}
	if e := f.values.first(prefix); e != nil {
		p.feed.size = len(prefix)
		f.goOnAt(p, e)
		f.feedSome(p)
	}
}

// endFeed ends the feed of a peer that wants nothing more.
func (f *fanOut) endFeed(p *peer) {
	if p.feed.next != nil {
		f.goOnAt(p, nil)
	}
}

// feedSome queues some of what p is fed. full says that there is no more room now, and
// that p is told when there is.
func (f *fanOut) feedSome(p *peer) (full bool) {
	if p.feed.next == nil {
		return false
	}
	var next *lastValue
	prefix, looked := p.feed.next.topic()[:p.feed.size], 0
	f.values.table.From(p.feed.next.topic(), func(e *lastValue) bool {
		next = nil
		topic := e.topic()
		if !bytes.HasPrefix(topic, prefix) {
			return false
		}
		if next = e; looked == feedStep {
			return false
		}
		looked++
		if f.tree.Covers(topic, &p.topics) > 1 {
			next = nil
			return true
		}
		taken, gone := p.out.QueueSpare(e.wire)
		if taken || gone {
			next = nil
		}
		full = !taken && !gone
		return taken
	})
	f.goOnAt(p, next)
	return full
}

// feedOn is feedSome for a peer whose feed has begun. more says that it is not over.
func (f *fanOut) feedOn(p *peer) (more, full bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	full = f.feedSome(p)
	return p.feed.next != nil, full
}

// feeding reports whether the feed of p is not over.
func (f *fanOut) feeding(p *peer) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return p.feed.next != nil
}

// starve ends what p is fed, and lets nothing more begin.
func (f *fanOut) starve(p *peer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.endFeed(p)
	p.unfed = true
}

// unfed returns the number of messages that p was still to be fed.
func (f *fanOut) unfed(p *peer) (count int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p.feed.next == nil {
		return 0
	}
	prefix := p.feed.next.topic()[:p.feed.size]
	f.values.table.From(p.feed.next.topic(), func(e *lastValue) bool {
		topic := e.topic()
		if !bytes.HasPrefix(topic, prefix) {
			return false
		}
		if f.tree.Covers(topic, &p.topics) == 1 {
			count++
		}
		return true
	})
	return count
}

func (f *fanOut) keeping() (topics, bytes int) {
	if f.values == nil {
		return 0, 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.values.table.Len(), int(f.values.held)
}
