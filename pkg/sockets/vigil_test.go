package sockets

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// shore is an endpoint on which somebody listens or not, and those who wait for that.
type shore struct {
	key      vigilKey
	listens  atomic.Bool
	attempts atomic.Int64
	in       atomic.Int64
	trying   atomic.Int64 // handshakes under way
	most     atomic.Int64 // the most of those at a time
}

// newShore returns one that no other test has.
func newShore(t *testing.T) *shore {
	t.Helper()
	return &shore{key: vigilKey{endpoint: t.Name(), least: 100 * time.Millisecond, most: 5 * time.Second}}
}

// dial tries until it is in, as a dialer does, or until ctx is done. A handshake takes
// for what handshake returns.
func (s *shore) dial(ctx context.Context, handshake func() time.Duration) {
	a := absence{key: s.key}
	defer a.end()
	o := DefaultOptions()
	wait := o.ReconnectMin
	next := func() time.Duration {
		if d, early := a.pause(time.Now()); early {
			return d
		}
		defer func() { wait = min(2*wait, o.ReconnectMax) }()
		return o.gap(wait, 0)
	}
	for {
		s.attempts.Add(1)
		if s.listens.Load() {
			s.most.Store(max(s.most.Load(), s.trying.Add(1)))
			select {
			case <-time.After(handshake()):
				s.trying.Add(-1)
				s.in.Add(1)
				a.met()
			case <-ctx.Done():
			}
			return
		}
		a.begin(time.Now())
		if !a.await(ctx, next(), next) {
			return
		}
	}
}

// idle lets a time of the bubble pass.
func idle(d time.Duration) { time.Sleep(d) } //nolint:forbidigo // not ours

func soon() time.Duration { return time.Millisecond }

// checkNoVigil wants nothing to be left of a vigil.
func checkNoVigil(t *testing.T, key vigilKey) {
	t.Helper()
	vigils.mu.Lock()
	defer vigils.mu.Unlock()
	if v := vigils.of[key]; v != nil {
		t.Errorf("a vigil is left in which %d wait and %d try", v.waiting.Len(), v.trying)
	}
}

// Ten thousand that wait for the same endpoint make as many attempts as one, at any time
// of the absence, and once somebody listens all are in soon, of which never more than a
// listener's backlog holds are in their handshake.
func TestVigilOfACrowd(t *testing.T) {
	const crowd = 10_000
	for _, absent := range []time.Duration{time.Second, 30 * time.Second, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			s := newShore(t)
			var all sync.WaitGroup
			for range crowd {
				all.Go(func() { s.dial(t.Context(), soon) })
			}
			synctest.Wait()
			if n := s.attempts.Load(); n != crowd {
				t.Errorf("%d attempts at the beginning, want one each", n)
			}
			idle(absent)
			// 5 to 6 a second in the first minute, and at most 10 then.
			if n, most := s.attempts.Load()-crowd, 100+10*int64(absent/time.Second); n > most {
				t.Errorf("%d attempts in %v, want at most %d", n, absent, most)
			}
			begun := time.Now()
			s.listens.Store(true)
			all.Wait()
			within := 200*time.Millisecond + crowd/mostTrying*time.Millisecond + 20*time.Millisecond
			if absent > earlyEnd {
				within += 5 * time.Second
			}
			if took := time.Since(begun); took > within {
				t.Errorf("all were in after %v, want %v", took, within)
			}
			if n := s.most.Load(); n > mostTrying+1 { // and the lookout
				t.Errorf("%d were in their handshake", n)
			}
			checkNoVigil(t, s.key)
		})
	}
}

// Nobody who waits depends on another: whoever goes, is refused again, or hangs in the
// handshake, while the listener comes and goes, the rest get in.
func TestVigilDependsOnNobody(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			s := newShore(t)
			var all sync.WaitGroup
			quits := int64(0)
			const crowd = 200
			for range crowd {
				handshake, ctx := soon, t.Context()
				switch rand.IntN(4) {
				case 0:
					handshake = func() time.Duration { return time.Hour }
				case 1:
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, rand.N(10*time.Second))
					defer cancel()
					quits++
				}
				all.Go(func() {
					idle(rand.N(time.Second))
					s.dial(ctx, handshake)
				})
			}
			for range 5 {
				idle(rand.N(time.Second))
				s.listens.Store(true)
				idle(rand.N(30 * time.Millisecond))
				s.listens.Store(false)
			}
			s.listens.Store(true)
			// Those that hang have all called one by one, 200 ms each, at the worst.
			idle(crowd * 200 * time.Millisecond)
			if n := s.in.Load() + s.trying.Load(); n < crowd-quits {
				t.Errorf("%d of %d came to a handshake", n, crowd-quits)
			}
			all.Wait()
			checkNoVigil(t, s.key)
		})
	}
}

// Who is new is not made to wait for a vigil that has become rare: the absence begins
// with it, and the others are in as soon.
func TestVigilBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShore(t)
		var all sync.WaitGroup
		all.Go(func() { s.dial(t.Context(), soon) })
		idle(time.Hour)
		all.Go(func() { s.dial(t.Context(), soon) })
		idle(50 * time.Millisecond)
		begun := time.Now()
		s.listens.Store(true)
		all.Wait()
		if took := time.Since(begun); took > 10*time.Millisecond {
			t.Errorf("both were in after %v", took)
		}
	})
}

// Dialers of several sockets get in together, and again once the listener was away.
func TestVigilOfSockets(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		endpoint := freeEndpoint(t, transport)
		const sockets, links = 3, 20
		all := make([]*Socket, sockets)
		for i := range all {
			all[i] = newSocket(t, Push)
			for range links {
				try(t, all[i].Connect(endpoint))
			}
		}
		for range 2 {
			pull := newSocket(t, Pull)
			bind(t, pull, endpoint)
			try(t, pull.WaitPeers(within(t), sockets*links))
			try(t, pull.Close())
		}
	}
}
