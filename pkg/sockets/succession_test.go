package sockets

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// TestSuccession has peers start again and again with the same routing ids, whether those
// are handed over or not, while the application takes its time. For each id it hears of one
// after the other: that one joined, what it sent, that it left, and only then of the next.
// Nothing is missing, but of one whose id was handed over the end.
func TestSuccession(t *testing.T) {
	for seed := range uint64(24) {
		handover, told := seed%2 == 0, seed%4 < 2
		t.Run(fmt.Sprintf("%d, handover %v, told %v", seed, handover, told), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 5))
			const ids, lives = 3, 6
			met := make(chan struct{}, ids*lives)
			s := newSocket(t, Router, func(o *Options) {
				o.Presence, o.Handover, o.RecvHWM = told, handover, 1+r.IntN(2000)
				o.Monitor = func(e Event) {
					if e.Kind == EventHandshakeDone {
						met <- struct{}{}
					}
				}
			})
			endpoint := bind(t, s, anyPort)
			var sent [ids][lives]int
			for id := range ids {
				for life := range lives {
					sent[id][life] = 1 + r.IntN(300)
				}
			}
			came := make(chan struct{}, ids*lives)
			t.Cleanup(func() {
				for range came { // their goroutine ends before the test does
				}
			})
			go func() {
				defer close(came)
				for life := range lives {
					for id := range ids {
						p := meet(t, endpoint, "DEALER", identity(fmt.Sprint("id ", id)))
						<-met // else the next could be there first
						for n := range sent[id][life] {
							p.send(message(fmt.Sprintf("%d %d", life, n)))
						}
						if !handover || life == lives-1 {
							p.endInput()
						}
						came <- struct{}{}
					}
				}
			}()
			type heard struct {
				life, messages int
				here           bool
			}
			var of [ids]heard
			// over ends a life, of which all has come.
			over := func(id int) {
				h := &of[id]
				if h.life < lives && h.messages != sent[id][h.life] && (!handover || h.life == lives-1) {
					t.Fatalf("%d of %d messages of life %d of id %d came before the next", h.messages, sent[id][h.life], h.life, id)
				}
				*h = heard{life: h.life + 1}
			}
			var b frames.Batch
			for range 2 * ids {
				<-came
			}
			for left := ids; left > 0; {
				if r.IntN(3) == 0 {
					<-came // or all have
				}
				try(t, s.RecvBatch(within(t), &b))
				notice := b.Source().Notice
				for b.Len() > 0 {
					m := b.Next()
					id := int(m[0][len(m[0])-1] - '0')
					h := &of[id]
					switch {
					case notice == frames.Joined && !h.here:
						h.here = true
					case notice == frames.Left && h.here:
						over(id)
					case notice != 0 || told && !h.here:
						t.Fatalf("notice %v, message %q of id %d, of which was heard %+v", notice, m, id, *h)
					default:
						var life, n int
						if _, err := fmt.Sscan(string(m[1]), &life, &n); err != nil {
							t.Fatal(err)
						}
						for !told && h.life < life {
							over(id)
						}
						if life != h.life || n != h.messages {
							t.Fatalf("message %d of life %d of id %d, of which was heard %+v", n, life, id, *h)
						}
						h.messages++
					}
					if h.life == lives || !told && h.life == lives-1 && h.messages == sent[id][lives-1] {
						left--
					}
				}
			}
			for range came { // until all peers have ended their input
			}
			eventually(t, func() bool {
				s.mu.Lock()
				defer s.unlock()
				return len(s.fair.former) == 0
			})
		})
	}
}
