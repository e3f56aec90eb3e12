package sockets

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// Thousands of schedules of loss, restart and delay, in no time: each runs in a
// bubble whose clock jumps. A seed fixes all decisions of a schedule, so that a
// failing one can be run again:
//
//	go test ./pkg/sockets -run Schedules -seed 4711 -v
var (
	onlySeed  = flag.Uint64("seed", 0, "run the one schedule with this seed")
	schedules = flag.Int("schedules", 300, "how many schedules to run of each kind")
)

// eachSchedule runs schedules until one fails.
func eachSchedule(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	first, count := uint64(1), *schedules
	if raced {
		count /= 5
	}
	if testing.Short() {
		count /= 10
	}
	if *onlySeed > 0 {
		first, count = *onlySeed, 1
	}
	for seed := first; seed < first+uint64(count) && !t.Failed(); seed++ {
		synctest.Test(t, func(t *testing.T) {
			w := &world{TB: t, seed: seed, endpoint: fmt.Sprintf("inproc://%s-%d", t.Name(), seed)}
			w.rand = rand.New(rand.NewPCG(seed, 0))
			run(t, w)
		})
	}
}

// world is a schedule under way. Its lock guards what its goroutines share.
type world struct {
	testing.TB
	seed     uint64
	endpoint string

	mu   sync.Mutex
	rand *rand.Rand
	open []*Socket // whose connections may be cut
}

func (w *world) failf(format string, args ...any) {
	w.Errorf("seed %d: %s", w.seed, fmt.Sprintf(format, args...))
}

// below returns a number from 0 to n-1.
func (w *world) below(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rand.IntN(n)
}

// rest waits for up to most. For no time at all it makes no timer: two goroutines of a
// bubble that find theirs over at once crash the race detector (go.dev/issue/78156).
func (w *world) rest(most time.Duration) {
	if d := time.Duration(w.below(int(most))); d > 0 {
		<-time.After(d)
	}
}

// socket makes a socket that takes part until the returned function is called.
func (w *world) socket(kind Type, opts ...Option) (s *Socket, end func() error) {
	s, err := New(kind, append([]Option{func(o *Options) {
		o.Linger, o.ReconnectMin, o.ReconnectMax = 0, 10*time.Millisecond, 100*time.Millisecond
	}}, opts...)...)
	try(w, err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = append(w.open, s)
	return s, func() error {
		w.mu.Lock()
		for i, o := range w.open {
			if o == s {
				w.open = append(w.open[:i], w.open[i+1:]...)
				break
			}
		}
		w.mu.Unlock()
		return s.Close()
	}
}

// cut ends a connection of one of the sockets, if there is any.
func (w *world) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.open) == 0 {
		return
	}
	if conns := w.open[w.rand.IntN(len(w.open))].conns(); len(conns) > 0 {
		conns[w.rand.IntN(len(conns))].Close()
	}
}

// bindingSide is a REP that echoes, and that is started again and again.
type bindingSide struct {
	*world
	seen map[string]bool // requests
	end  func() error
	done chan struct{}
}

func (v *bindingSide) start() {
	s, end := v.socket(Rep)
	_, err := s.Bind(context.Background(), v.endpoint)
	try(v, err)
	v.end, v.done = end, make(chan struct{})
	go func(done chan struct{}) {
		defer close(done)
		var ahead frames.Message // a request that was there when the last reply was sent
		for {
			m, err := ahead, error(nil)
			if ahead == nil {
				m, err = s.Recv(context.Background())
			}
			if err != nil {
				return
			}
			request := string(m[0])
			v.mu.Lock()
			twice := v.seen[request]
			v.seen[request] = true
			v.mu.Unlock()
			if twice {
				v.failf("the request %s came twice", request)
			}
			v.rest(20 * time.Millisecond)
			if s.Send(context.Background(), m) != nil {
				return
			}
			if err := s.Send(context.Background(), m); !errors.Is(err, ErrState) && !errors.Is(err, ErrClosed) {
				v.failf("a REP could reply twice: %v", err)
			}
			if ahead, err = s.Recv(canceled); err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, ErrClosed) {
				v.failf("a REP that replied cannot receive: %v", err)
			}
		}
	}(v.done)
}

func (v *bindingSide) stop() {
	_ = v.end() // what it did not send is lost
	<-v.done
}

// mostAttempts is more than any schedule needs: it ends one that makes no progress.
const mostAttempts = 1000

// canceled is a context that is done: what can be done at once is done.
var canceled = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// client asks until each of its requests has its own reply. It checks a REQ against
// RFC 28: strict turns, and no reply except that to the current request. After a
// timeout a strict one begins anew, a relaxed one asks again.
func (w *world) client(name string, requests int, relaxed bool, patience func() time.Duration) {
	open := func() (s *Socket, end func() error) {
		s, end = w.socket(Req, func(o *Options) { o.Relaxed, o.Correlate = relaxed, relaxed })
		try(w, s.Connect(w.endpoint))
		return s, end
	}
	s, end := open()
	defer func() { _ = end() }()
	for n, attempt := 0, 0; n < requests && !w.Failed(); attempt++ {
		if _, err := s.Recv(canceled); !relaxed && !errors.Is(err, ErrState) {
			w.failf("a REQ without a request could receive: %v", err)
		}
		request := fmt.Sprintf("%s/%d/%d", name, n, attempt)
		ctx, cancel := context.WithTimeout(context.Background(), patience())
		err := s.Send(ctx, frames.Strings(request))
		if err == nil && !relaxed && w.below(4) == 0 {
			if err := s.Send(ctx, frames.Strings("too soon")); !errors.Is(err, ErrState) {
				w.failf("a REQ could ask twice: %v", err)
			}
		}
		var reply frames.Message
		if err == nil {
			reply, err = s.Recv(ctx)
		}
		cancel()
		switch {
		case attempt == mostAttempts:
			w.failf("%s: no reply after so many attempts", request)
		case err == nil && (len(reply) != 1 || string(reply[0]) != request):
			w.failf("the reply to %s is %q", request, reply)
		case err == nil:
			n++
		case !errors.Is(err, context.DeadlineExceeded):
			w.failf("%s: %v", request, err)
		case !relaxed:
			_ = end() // a request that nobody took is no loss
			s, end = open()
		}
	}
}

// TestRequestReplySchedules makes clients ask a server while connections are cut
// and the server is restarted: every client gets all its replies in the end, each
// its own, and no request arrives twice.
func TestRequestReplySchedules(t *testing.T) {
	eachSchedule(t, func(_ *testing.T, w *world) {
		v := &bindingSide{world: w, seen: map[string]bool{}}
		v.start()
		var clients sync.WaitGroup
		for i := range 1 + w.below(3) {
			relaxed := w.below(2) == 0
			clients.Go(func() {
				w.client(fmt.Sprintf("client %d", i), 1+w.below(8), relaxed, func() time.Duration {
					return time.Duration(20+w.below(300)) * time.Millisecond
				})
			})
		}
		for range w.below(30) {
			w.rest(60 * time.Millisecond)
			switch w.below(4) {
			case 0:
				v.stop()
				w.rest(200 * time.Millisecond)
				v.start()
			default:
				w.cut()
			}
		}
		clients.Wait()
		v.stop()
	})
}

// TestLingerSchedules closes a PUSH while its reader is slow, and in every other
// schedule while connections are cut: accepted messages were delivered in order and
// once, or Close counts them. Only a cut connection loses something uncounted.
func TestLingerSchedules(t *testing.T) {
	eachSchedule(t, func(_ *testing.T, w *world) {
		cuts := w.seed%2 == 0
		pull, endPull := w.socket(Pull, func(o *Options) { o.RecvHWM = 1 + w.below(5) })
		linger := []time.Duration{-1, 0, time.Duration(w.below(300)) * time.Millisecond}[w.below(3)]
		push, endPush := w.socket(Push, func(o *Options) { o.SendHWM, o.Linger = 1+w.below(50), linger })
		bound, other := pull, push
		if w.below(2) == 0 {
			bound, other = push, pull
		}
		if w.below(2) == 0 { // connect before bind
			try(w, other.Connect(w.endpoint))
			_, err := bound.Bind(context.Background(), w.endpoint)
			try(w, err)
		} else {
			_, err := bound.Bind(context.Background(), w.endpoint)
			try(w, err)
			try(w, other.Connect(w.endpoint))
		}
		var (
			received []int
			count    atomic.Int64 // of them
		)
		reading, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		pause := time.Duration(1+w.below(20)) * time.Millisecond
		go func() {
			defer close(done)
			for {
				m, err := pull.Recv(reading)
				if err != nil {
					return
				}
				var n int
				if _, err := fmt.Sscanf(string(m[0]), "%d %d", &n, new(int)); err != nil {
					w.failf("got %q", m)
				}
				received = append(received, n)
				count.Add(1)
				w.rest(pause)
			}
		}()
		sent := 0
		body := make([]byte, w.below(30000))
		for range 1 + w.below(60) {
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			if err := push.Send(ctx, frames.Message{fmt.Appendf(nil, "%d %d", sent, w.seed), body}); err == nil {
				sent++
			}
			cancel()
			if cuts && w.below(10) == 0 {
				w.cut()
			}
		}
		unsent := 0
		var left *UnsentError
		err := endPush()
		if errors.As(err, &left) {
			unsent = left.Messages
		} else if err != nil {
			w.failf("Close: %v", err)
		}
		lost := int(push.Stats().Lost)
		// The reader has everything that was delivered once it waits for longer
		// than it would ever pause.
		for before := int64(-1); before != count.Load(); {
			before = count.Load()
			<-time.After(10 * time.Second)
			synctest.Wait()
		}
		stop()
		<-done
		// Messages from a connection that was cut and those from the next take
		// turns.
		seen := map[int]bool{}
		for i, n := range received {
			if seen[n] {
				w.failf("message %d came twice", n)
			}
			if seen[n] = true; !cuts && n != i {
				w.failf("message %d came behind %d others", n, i)
			}
		}
		switch total := len(received) + unsent + lost; {
		case !cuts && total != sent:
			w.failf("%d sent, %d received, %d unsent, %d lost with their peer", sent, len(received), unsent, lost)
		case total > sent:
			w.failf("%d sent, but %d received and %d unsent", sent, len(received), unsent)
		case linger < 0 && unsent > 0:
			w.failf("%d unsent in spite of an endless linger", unsent)
		}
		_ = endPull()
	})
}
