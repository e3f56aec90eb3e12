package sockets

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// placed are the types with places for one peer alone, and a peer for one.
var placed = []struct {
	kind     Type
	peer     string
	identity []string
}{
	{Router, "DEALER", []string{identity("same")}},
	{Pair, "PAIR", nil},
}

// Who left may come back at once, whatever of what it sent is unread.
func TestPlaceOfALeaver(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the end of a connection is not known there before all is read")
	}
	const sent = 50 // more than is read at a time
	for _, c := range placed {
		for _, transport := range []string{"tcp", "ipc"} {
			t.Run(c.kind.String()+"/"+transport, func(t *testing.T) {
				// What is unread keeps the end out of sight: it is not read before the
				// application takes what is in front of it.
				s := newSocket(t, c.kind, func(o *Options) { o.RecvHWM, o.RecvHWMBytes, o.MaxMemory = 1, 1000, 0 })
				endpoint := bind(t, s, endpointOn(t, transport))
				old := meet(t, endpoint, c.peer, c.identity...)
				old.send(strings.Repeat(message("old", strings.Repeat("x", 2500)), sent))
				try(t, s.WaitPeers(within(t), 1))
				old.hangUp()
				again := meet(t, endpoint, c.peer, c.identity...)
				again.send(message("new"))
				again.expectOpen()
				seen := map[string]int{}
				for range sent + 1 {
					m, err := s.Recv(within(t))
					try(t, err)
					if c.kind == Router {
						m = m[1:]
					}
					seen[string(m[0])]++
				}
				if seen["old"] != sent || seen["new"] != 1 {
					t.Errorf("received %v", seen)
				}
				reply := []string{"reply"}
				if c.kind == Router {
					reply = []string{"same", "reply"}
				}
				sendParts(t, s, reply...)
				again.expectMessage("reply")
			})
		}
	}
}

// A place that is taken stays so, however many want it, and they hold up nobody.
func TestPlaceOfALivePeer(t *testing.T) {
	for _, c := range placed {
		t.Run(c.kind.String(), func(t *testing.T) {
			s := newSocket(t, c.kind)
			endpoint := bind(t, s, anyPort)
			first := meet(t, endpoint, c.peer, c.identity...)
			first.expectOpen()
			var rivals []*rawPeer
			for range maxHeirs + 5 {
				rivals = append(rivals, meet(t, endpoint, c.peer, c.identity...))
			}
			if c.kind == Router {
				meet(t, endpoint, c.peer, identity("other")).expectOpen()
			}
			for _, p := range rivals {
				p.expectCommand("ERROR")
				p.expectClosed()
			}
			first.send(message("still here"))
			if c.kind == Router {
				expectParts(t, s, "same", "still here")
			} else {
				expectParts(t, s, "still here")
			}
		})
	}
}

// A socket that closes does not wait for who waits for a place.
func TestPlaceAtClose(t *testing.T) {
	s := newSocket(t, Router)
	endpoint := bind(t, s, anyPort)
	first := meet(t, endpoint, "DEALER", identity("same"))
	first.expectOpen()
	for range 4 {
		meet(t, endpoint, "DEALER", identity("same"))
	}
	try(t, s.Close())
}

// Clients that come back the moment that they left, each time on a new connection,
// are never refused: whatever the schedule.
func TestReturningSchedules(t *testing.T) {
	eachSchedule(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		kind, peers := Router, 1+w.below(4)
		clientKind := []Type{Dealer, Req, Router}[w.below(3)]
		if w.below(4) == 0 {
			kind, clientKind, peers = Pair, Pair, 1
		}
		s, end := w.socket(kind, func(o *Options) { o.RecvHWM = 1 + w.below(10) })
		_, err := s.Bind(ctx, w.endpoint)
		try(t, err)
		var served, clients sync.WaitGroup
		served.Go(func() {
			for {
				m, err := s.Recv(ctx)
				if err != nil {
					return
				}
				if w.below(3) == 0 {
					w.rest(20 * time.Millisecond)
				}
				_ = s.Send(ctx, m) // who asked may be gone
			}
		})
		for i := range peers {
			clients.Go(func() {
				for visit := range 5 {
					c, leave := w.socket(clientKind, func(o *Options) {
						if clientKind != Pair {
							o.Identity = fmt.Append(nil, "client ", i)
						}
					})
					if err := c.Connect(w.endpoint); err != nil {
						w.failf("visit %d: %v", visit, err)
					}
					try(w, c.WaitPeers(ctx, 1))
					if clientKind != Router { // to whom the server has no name
						for range w.below(4) {
							if err := c.Send(ctx, frames.Strings("", "hello")); err != nil {
								w.failf("visit %d: %v", visit, err)
							}
							if w.below(2) == 0 && clientKind != Req {
								continue // its reply is not waited for
							}
							if _, err := c.Recv(ctx); err != nil {
								w.failf("visit %d: %v", visit, err)
							}
						}
					}
					_ = leave()
				}
			})
		}
		clients.Wait()
		try(t, end())
		served.Wait()
	})
}
