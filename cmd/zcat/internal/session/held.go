package session

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// heldLook is the pause between two looks at a send that takes long. At the third that
// finds nothing moved it is reported, after a second at least.
const (
	heldLook  = 500 * time.Millisecond
	heldLooks = 3
)

// held is the watch over a send that may wait for peers without room, which nobody would
// know of: the first such wait is reported.
type held struct {
	timer *time.Timer
	waits atomic.Bool // a send is under way
	told  atomic.Bool

	mu    sync.Mutex // of the looks: the last of one send may meet the first of the next
	still int        // looks in a row that found nothing moved
	sent  uint64     // as the last look found it
}

// beginSend watches what is sent until endSend.
func (s *Session) beginSend() {
	h := &s.held
	if s.Timeout > 0 || h.told.Load() {
		return
	}
	h.waits.Store(true)
	if h.timer == nil {
		h.timer = time.AfterFunc(time.Hour, s.lookAtSend) // it looks at the timer
	}
	h.timer.Reset(heldLook)
}

func (s *Session) endSend() {
	if s.held.waits.Swap(false) {
		s.held.timer.Stop()
	}
}

// lookAtSend reports a send that has not moved for long. One that waits for a peer to be
// there is no such: others may start later.
func (s *Session) lookAtSend() {
	h := &s.held
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.waits.Load() || h.told.Load() {
		return
	}
	stats := s.socket.Stats()
	h.still++
	if stats.Sent != h.sent || stats.Peers == 0 {
		h.sent, h.still = stats.Sent, 1
	}
	if h.still < heldLooks {
		h.timer.Reset(heldLook)
		return
	}
	h.told.Store(true)
	who, advice := s.fullest()+" has had no", "--timeout 10 would limit the wait"
	switch {
	case s.command.Traits().Publishes:
		advice = "without -o xpub_nodrop=1 it would miss messages"
	case !s.command.Traits().Addressed && stats.Peers > 1:
		who = "none of " + say.Plural(uint64(stats.Peers), "peer") + " has had"
	}
	s.Say.Notice("%s room for a message for a second, and the input waits; %s", who, advice)
}

// fullest names the peer for which most waits.
func (s *Session) fullest() (name string) {
	most := -1
	for _, p := range s.socket.PeerStats() {
		if p.Connected && p.Queued > most {
			name, most = p.Peer, p.Queued
		}
	}
	return name
}
