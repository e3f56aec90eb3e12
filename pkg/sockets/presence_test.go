package sockets

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// TestPresence has peers come, send or not, and leave, while the application receives in
// its own time: of each it hears once that it joined, before anything that it sent, and
// once that it left, behind all of it, with its routing id where there are such.
func TestPresence(t *testing.T) {
	for kind, peerType := range map[Type]string{Router: "DEALER", Pull: "PUSH", Dealer: "DEALER", Rep: "REQ", Sub: "PUB", Push: "PULL", Pub: "SUB"} {
		t.Run(kind.String(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(kind), 3))
			s := newSocket(t, kind, func(o *Options) { o.Presence, o.RecvHWM = true, 1+r.IntN(20) })
			if kind == Sub {
				try(t, s.Subscribe(nil))
			}
			endpoint := bind(t, s, anyPort)
			const count = 12
			sends := kind != Push && kind != Pub && kind != Rep
			peers := make([]string, count)
			sent := make([]int, count)
			done := make(chan struct{})
			go func() {
				defer close(done)
				for i := range count {
					p := meet(t, endpoint, peerType, identity(fmt.Sprintf("peer %d", i)))
					peers[i] = "tcp://" + p.LocalAddr().String()
					if sends {
						sent[i] = r.IntN(40)
					}
					for n := range sent[i] {
						p.send(message(fmt.Sprintf("%d %d", i, n)))
					}
					p.endInput()
				}
			}()
			type heard struct {
				joined, left bool
				messages     int
				id           string
			}
			all := map[string]*heard{}
			var b frames.Batch
			for left := 0; left < count; {
				try(t, s.RecvBatch(within(t), &b))
				source := b.Source()
				h := all[source.Peer]
				switch {
				case source.Notice == frames.Joined && h == nil:
					all[source.Peer] = &heard{joined: true, id: string(b.Next()[0])}
				case source.Notice == frames.Left && h != nil && !h.left:
					h.left = true
					left++
					if id := string(b.Next()[0]); id != h.id {
						t.Errorf("%q left as %q", h.id, id)
					}
				case source.Notice == 0 && h != nil && !h.left:
					for b.Len() > 0 {
						if b.Source().Peer != source.Peer {
							source = b.Source()
							if h = all[source.Peer]; h == nil || h.left {
								t.Fatalf("a message of %s, of which %+v was heard", source.Peer, h)
							}
						}
						b.Next()
						h.messages++
					}
				default:
					t.Fatalf("notice %v of %s, of which %+v was heard", source.Notice, source.Peer, h)
				}
				if b.Len() != 0 {
					t.Fatalf("%d more come with a notice", b.Len())
				}
			}
			<-done
			for i, peer := range peers {
				h := all[peer]
				if h == nil || h.messages != sent[i] {
					t.Errorf("of %s, which sent %d messages, %+v was heard", peer, sent[i], h)
					continue
				}
				if want := fmt.Sprintf("peer %d", i); kind == Router && h.id != want || kind != Router && h.id != "" && h.id != want {
					t.Errorf("%q joined as %q", want, h.id)
				}
			}
		})
	}
}

// Strangers come and go in silence, and nobody receives: no more of them are told of than a
// bound, nothing of it counts as a message, and who stays is told of.
func TestPresenceOfTooMany(t *testing.T) {
	s := newSocket(t, Pull, func(o *Options) { o.Presence = true })
	visit := func() *peer {
		p := newPeer(s, "tcp://127.0.0.1:1", false)
		p.source = &framing.Source{Endpoint: p.endpoint}
		try(t, s.attach(p))
		s.tell(p, framing.Joined)
		return p
	}
	leave := func(p *peer) {
		s.tell(p, framing.Left)
		s.detach(p)
	}
	s.mu.Lock()
	stays := visit()
	for range mostNotices {
		leave(visit())
	}
	waiting := s.fair.waiting()
	s.unlock()
	if most := mostNotices/2 + 1; waiting > most {
		t.Errorf("%d wait to be told of, at most %d should", waiting, most)
	}
	if st := s.Stats(); st.Untold != uint64(mostNotices-waiting+1) || st.Dropped > 0 {
		t.Errorf("%d wait, and %+v", waiting, st)
	}
	var b frames.Batch
	try(t, s.RecvBatch(within(t), &b))
	if b.Source().Notice != frames.Joined || stays.waits() {
		t.Errorf("who stays is not told of: %+v", b.Source())
	}
}
