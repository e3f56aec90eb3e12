package sockets

import "context"

// Stats counts what a socket did since New. Messages are whole ones.
type Stats struct {
	Sent        uint64 // accepted from the application
	Received    uint64 // given to the application
	Dropped     uint64 // for a peer whose queue was full, or that had gone
	Lost        uint64 // queued for a peer that then went away
	Unmet       uint64 // queued for an endpoint that refused before it ever had a peer
	Unroutable  uint64 // with a routing id that no peer had, or a reply given back by Options.Presence
	Discarded   uint64 // received by a REQ or REP, and thrown away because of their envelope
	Waiting     int    // received from peers, and not yet by the application
	Queued      int    // for peers, not yet taken by the kernel
	Refused     uint64 // connections to bound endpoints that never became a peer: turned away, or failed in the handshake
	Broken      uint64 // peers dropped because they broke the protocol or a limit
	Peers       int    // peers whose handshake is done
	Subscribers int    // peers with a subscription
	Kept        int    // topics of which the newest message is kept (Options.LastValueBytes)
	KeptBytes   int    // of memory for them
	LetGo       uint64 // topics that there was no memory for
	Untold      uint64 // peers that came and went in silence, without the notices of Options.Presence: too many waited
	EventsLost  uint64 // left out for readers of Events that were too slow
}

// Stats returns the counts so far.
func (s *Socket) Stats() Stats {
	s.mu.Lock()
	defer s.unlock()
	st := Stats{
		Sent: s.sent.Load(), Received: s.received.Load(), Dropped: s.dropped.Load(),
		Lost: s.lost.Load(), Unmet: s.unmetMessages.Load(), Unroutable: s.unroutable.Load(),
		Refused: s.refused.Load(), Broken: s.broken.Load(), Peers: int(s.online.Load()),
		Discarded: s.discards.count.Load(), Waiting: s.inboxes(), EventsLost: s.watchers.lost.Load(),
		LetGo: s.evicted.Load(), Untold: s.untold,
	}
	for p := range s.peers {
		st.Queued += p.out.Waiting()
	}
	if f, ok := s.pattern.(feeder); ok {
		st.Kept, st.KeptBytes = f.kept()
	}
	if p, ok := s.pattern.(publisher); ok {
		st.Subscribers = p.subscribers(nil)
	}
	return st
}

// publisher is a pattern that peers subscribe to.
type publisher interface {
	subscribers(topic []byte) int
}

// WaitPeers waits until n peers have finished their handshake. It fails with
// ctx's error, ErrClosed or *RefusedError.
func (s *Socket) WaitPeers(ctx context.Context, n int) error {
	return s.waitUntil(ctx, func() bool { return int(s.online.Load()) >= n })
}

// WaitSubscribers waits until n peers would get a message with this first frame;
// where topic is empty or nil, until n peers have any subscription. PUB, XPUB
// and RADIO, whose topics are groups, only. It fails as WaitPeers does.
func (s *Socket) WaitSubscribers(ctx context.Context, n int, topic []byte) error {
	p, ok := s.pattern.(publisher)
	if !ok {
		return ErrDirection
	}
	return s.waitUntil(ctx, func() bool { return p.subscribers(topic) >= n })
}

func (s *Socket) waitUntil(ctx context.Context, done func() bool) error {
	ctx = orBackground(ctx)
	for {
		ended := ctx.Err() // what was met by then counts
		s.mu.Lock()
		met, refusal, closing := done(), s.refusal, s.dead()
		if s.news == nil {
			s.news = make(chan struct{})
		}
		news := s.news
		s.unlock()
		switch {
		case met:
			return nil
		case refusal != nil: // also once the socket is closed: it says why nobody was met
			return refusal
		case closing:
			return ErrClosed
		case ended != nil:
			return ended
		}
		select {
		case <-news:
		case <-ctx.Done():
		}
	}
}

// changed wakes the calls that wait for peers or subscriptions. The socket's lock
// is held.
func (s *Socket) changed() {
	if s.news != nil {
		close(s.news)
		s.news = nil
	}
}
