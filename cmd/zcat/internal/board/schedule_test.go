package board

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// TestSchedules runs boards of a few ports around a command, all of which take their
// time: queues fill and empty, peers leave, the command stops, pauses sockets and writes
// without reading, and now and then all is given up. Whatever the schedule, each message
// arrives once and in order, or comes back, and all of it ends; each that was written is
// sent, came back or is left.
func TestSchedules(t *testing.T) {
	count := 400
	if testing.Short() {
		count = 50
	}
	for seed := range count {
		synctest.Test(t, func(t *testing.T) { newSchedule(t, uint64(seed)).run() })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// schedule is one run.
type schedule struct {
	*testing.T
	rand  *rand.Rand
	board *Board
	names []string
	ports map[string]*fakePort
	each  int // messages that come at each port

	mu       sync.Mutex
	returned map[string]int // of the messages that came back
	doubled  bool           // the command writes each message twice
	killed   bool           // all is given up in the middle
}

// fakePort is a socket with room for some messages, which somebody takes.
type fakePort struct {
	s     *schedule
	name  string
	most  int
	gone  int // of so many, one is for a peer that left
	slow  time.Duration
	mu    sync.Mutex
	held  []string
	took  []string
	room  chan struct{}
	taken chan struct{}
}

func newSchedule(t *testing.T, seed uint64) *schedule {
	t.Helper()
	s := &schedule{T: t, rand: rand.New(rand.NewPCG(seed, 1)), ports: map[string]*fakePort{}, returned: map[string]int{}}
	s.each = 1 + s.rand.IntN(150)
	s.doubled = s.rand.IntN(3) == 0
	for i := range 2 + s.rand.IntN(3) {
		name := fmt.Sprintf("p%d", i)
		p := &fakePort{
			s: s, name: name, most: 1 + s.rand.IntN(20), slow: time.Duration(s.rand.IntN(3)) * time.Millisecond,
			room: make(chan struct{}, 1), taken: make(chan struct{}, 1),
		}
		if s.rand.IntN(3) == 0 {
			p.gone = 2 + s.rand.IntN(5)
		}
		s.names = append(s.names, name)
		s.ports[name] = p
	}
	return s
}

// send is the Send of a port.
func (p *fakePort) send(ctx context.Context, b *frames.Batch) error {
	for b.Len() > 0 {
		p.mu.Lock()
		for b.Len() > 0 && len(p.held) < p.most {
			text := string(b.Next()[0])
			if n, _ := strconv.Atoi(text[3:]); p.gone > 0 && n%p.gone == 0 {
				p.mu.Unlock()
				return &ReturnedError{Message: frames.Strings(text), Reason: "gone", Gone: true}
			}
			p.held = append(p.held, text)
		}
		p.mu.Unlock()
		select {
		case p.taken <- struct{}{}:
		default:
		}
		if b.Len() == 0 {
			return nil
		}
		select {
		case <-p.room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// rest lets the bubble's time pass, without a channel: the timers of those that many
// goroutines drop have crashed Go's runtime under the race detector.
func rest(d time.Duration) { time.Sleep(d) } //nolint:forbidigo // nothing else happens in it

// drink takes what a port was sent, in its own time.
func (p *fakePort) drink(done <-chan struct{}) {
	for {
		select {
		case <-p.taken:
		case <-done:
			return
		}
		rest(p.slow)
		p.mu.Lock()
		p.took = append(p.took, p.held...)
		p.held = nil
		p.mu.Unlock()
		select {
		case p.room <- struct{}{}:
		default:
		}
	}
}

func (s *schedule) run() {
	toIn, toOut := io.Pipe()
	fromIn, fromOut := io.Pipe()
	hard, kill := context.WithCancel(s.Context())
	defer kill()
	settings := Settings{
		Say: &say.Speech{W: io.Discard}, Verdict: &outcome.Verdict{}, To: stream.NewTail(toOut, nil), From: fromIn, Name: "the command",
		Hangup: func() { _ = toOut.Close() }, Gone: func(err error) error { return err }, Hard: hard,
	}
	for _, name := range s.names {
		port := Port{Name: name, Send: s.ports[name].send, Messages: 1 + s.rand.IntN(30), Single: s.rand.IntN(4) == 0}
		if s.rand.IntN(3) == 0 {
			port.Patience = time.Duration(1+s.rand.IntN(3)) * time.Millisecond
		}
		settings.Ports = append(settings.Ports, port)
	}
	if s.rand.IntN(3) == 0 {
		settings.Tick = time.Millisecond
	}
	s.board = New(settings)
	s.board.Start()
	done := make(chan struct{})
	var peers, feeders sync.WaitGroup
	for _, name := range s.names {
		peers.Go(func() { s.ports[name].drink(done) })
		seed := s.rand.Uint64()
		feeders.Go(func() { s.feed(hard, name, rand.New(rand.NewPCG(seed, 2))) })
	}
	if s.killed = s.rand.IntN(4) == 0; s.killed {
		defer time.AfterFunc(time.Duration(s.rand.IntN(30_000))*time.Microsecond, kill).Stop()
	}
	commanded := make(chan struct{})
	seed := s.rand.Uint64()
	go func() {
		defer close(commanded)
		s.command(toIn, fromOut, rand.New(rand.NewPCG(seed, 3)))
	}()
	feeders.Wait()
	s.board.Shut()
	s.board.HangUp()
	<-s.board.Orders()
	if err := s.board.Ordered(); err != nil {
		s.Errorf("the lines ended with %v", err)
	}
	s.board.Finish()
	<-commanded
	synctest.Wait()
	rest(time.Second) // of the bubble: the last is taken
	close(done)
	peers.Wait()
	s.account()
	if !s.killed {
		s.verify()
	}
}

// feed has messages come at a port.
func (s *schedule) feed(ctx context.Context, name string, r *rand.Rand) {
	for n := 0; n < s.each; {
		var b frames.Batch
		for range 1 + r.IntN(100) {
			if n < s.each {
				b.AppendFrom(frames.Source{Peer: "peer"}, frames.Strings(fmt.Sprintf("%s %d", name, n)))
				n++
			}
		}
		if err := s.board.Feed(ctx, name, &b); err != nil && ctx.Err() == nil {
			s.Errorf("feeding %s: %v", name, err)
		}
		if r.IntN(3) == 0 {
			rest(time.Duration(r.IntN(3)) * time.Millisecond)
		}
	}
}

// target is where the command sends a message.
func (s *schedule) target(text string) string {
	n, _ := strconv.Atoi(text[3:])
	return s.names[(n/3+int(text[1]))%len(s.names)]
}

// command reads records to their end and writes where they are to go.
func (s *schedule) command(in io.Reader, out io.WriteCloser, r *rand.Rand) {
	defer func() { _ = out.Close() }()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	write := func(format string, args ...any) {
		_, err := fmt.Fprintf(out, format+"\n", args...)
		if err != nil && !errors.Is(err, io.ErrClosedPipe) {
			s.Errorf("writing: %v", err)
		}
	}
	paused := ""
	for lines.Scan() {
		var record struct {
			Event  string
			Frames []string
		}
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			s.Errorf("%v: %s", err, lines.Bytes())
		}
		switch {
		case record.Event == "unsent":
			s.mu.Lock()
			s.returned[record.Frames[0]]++
			s.mu.Unlock()
			continue
		case record.Event != "":
			continue
		}
		switch r.IntN(20) {
		case 0:
			rest(time.Duration(r.IntN(5)) * time.Millisecond)
		case 1:
			if paused == "" {
				paused = s.names[r.IntN(len(s.names))]
				write(`{"pause":%q}`, paused)
				pause, name := time.Duration(r.IntN(3))*time.Millisecond, paused
				rest(pause)
				write(`{"resume":%q}`, name)
				paused = ""
			}
		}
		text := record.Frames[0]
		for range s.copies() {
			write(`{"to":%q,"frames":[%q]}`, s.target(text), text)
		}
	}
}

func (s *schedule) copies() int {
	if s.doubled {
		return 2
	}
	return 1
}

// verify counts what arrived and what came back.
func (s *schedule) verify() {
	seen, missing := map[string]int{}, 0
	for name, p := range s.ports {
		last := map[string]int{}
		for _, text := range p.took {
			n, _ := strconv.Atoi(text[3:])
			if before, some := last[text[:2]]; some && n < before || n == before && some && !s.doubled {
				s.Errorf("%s took %q after %d", name, text, before)
			}
			last[text[:2]] = n
			if want := s.target(text); want != name {
				s.Errorf("%s took %q, which was for %s", name, text, want)
			}
			seen[text]++
		}
	}
	for _, name := range s.names {
		for n := range s.each {
			text := fmt.Sprintf("%s %d", name, n)
			got := seen[text] + s.returned[text]
			if missing += s.copies() - got; got > s.copies() {
				s.Errorf("%q: %d arrived, %d came back, of %d", text, seen[text], s.returned[text], s.copies())
			}
		}
	}
	if n := int(s.board.Untold()); missing != n {
		s.Errorf("%d messages are missing, and %d were counted that nobody could be told of", missing, n)
	}
	if n := s.board.Unread() + s.board.Unsent(); n > 0 {
		s.Errorf("%d left", n)
	}
}

// account holds each message that the command wrote to be in one count.
func (s *schedule) account() {
	b := s.board
	if sent, back, left := b.Sent(), b.Returned(), b.Unsent(); sent+back+left != b.Written() {
		s.Errorf("%d written: %d sent, %d came back, %d left", b.Written(), sent, back, left)
	}
}
