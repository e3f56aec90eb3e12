//go:build linux

package faults

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// play runs this program as a crowd of peers, for which a test starts it: the file
// descriptors of both sides would not fit into one process.
func play(role string) error {
	words := strings.Fields(role)
	if len(words) != 3 {
		return fmt.Errorf("unknown role %q", role)
	}
	n, err := strconv.Atoi(words[2])
	if err != nil {
		return err
	}
	switch words[0] {
	case "dealers":
		return dealers(words[1], n)
	case "subscribers":
		return subscribers(words[1], n)
	case "reconnects":
		return reconnects(words[1], n)
	case "storm":
		return storm(words[1], n)
	case "listeners":
		return listeners(words[1], n)
	}
	return fmt.Errorf("unknown role %q", role)
}

// cast starts this program in a role, in a room; its lines go to out.
func cast(t *testing.T, r *room, out sink, role, endpoint string, n int) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return start(t, r, out, "env", fmt.Sprintf("%s=%s %s %d", envRole, role, endpoint, n), self)
}

func say(format string, args ...any) { _, _ = fmt.Fprintf(os.Stdout, format+"\n", args...) } // the test notices what it misses

// dealers opens n sockets that connect, and reports it. For each line of stdin each
// of them makes a round trip.
func dealers(endpoint string, n int) error {
	ctx := context.Background()
	all := make([]*sockets.Socket, n)
	for i := range all {
		s, err := sockets.New(sockets.Dealer)
		if err != nil {
			return err
		}
		all[i] = s
		if err := s.Connect(endpoint); err != nil {
			return err
		}
	}
	for _, s := range all {
		if err := s.WaitPeers(ctx, 1); err != nil {
			return err
		}
	}
	say("connected")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		for i, s := range all {
			if err := s.Send(ctx, frames.Message{fmt.Append(nil, i)}); err != nil {
				return err
			}
		}
		for i, s := range all {
			m, err := s.Recv(ctx)
			if err != nil {
				return err
			}
			if string(m[0]) != strconv.Itoa(i) {
				return fmt.Errorf("dealer %d received %q", i, m)
			}
		}
		say("answered")
	}
	for _, s := range all {
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

// subscribers opens n sockets, each of which subscribes to a prefix of its own, and
// reports what each of them receives.
func subscribers(endpoint string, n int) error {
	var all sync.WaitGroup
	failed := make(chan error, n)
	for i := range n {
		s, err := sockets.New(sockets.Sub)
		if err != nil {
			return err
		}
		if err := errors.Join(s.Subscribe(fmt.Appendf(nil, "%d.", i)), s.Connect(endpoint)); err != nil {
			return err
		}
		all.Go(func() {
			for {
				m, err := s.Recv(context.Background())
				if err != nil {
					failed <- err
					return
				}
				say("%d %s", i, m[0])
			}
		})
	}
	all.Wait()
	return <-failed
}

// listeners opens n sockets that subscribe to everything, and reports when each of
// them has received as many messages as a line of stdin asks for.
func listeners(endpoint string, n int) error {
	all := make([]*sockets.Socket, n)
	for i := range all {
		s, err := sockets.New(sockets.Sub)
		if err != nil {
			return err
		}
		if err := errors.Join(s.Subscribe(nil), s.Connect(endpoint)); err != nil {
			return err
		}
		all[i] = s
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		messages, err := strconv.Atoi(lines.Text())
		if err != nil {
			return err
		}
		for _, s := range all {
			for range messages {
				if _, err := s.Recv(context.Background()); err != nil {
					return err
				}
			}
		}
		say("received")
	}
	return lines.Err()
}

// reconnects connects, makes a round trip and leaves, n times, eight at a time.
func reconnects(endpoint string, n int) error {
	const lanes = 8
	var all sync.WaitGroup
	failed := make(chan error, lanes)
	for range lanes {
		all.Go(func() {
			for range n / lanes {
				if err := visit(endpoint); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(failed)
	return <-failed
}

func visit(endpoint string) error {
	s, err := sockets.New(sockets.Dealer)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err = errors.Join(s.Connect(endpoint), s.Send(ctx, frames.Message{[]byte("here")}))
	if err == nil {
		_, err = s.Recv(ctx)
	}
	return errors.Join(err, s.Close())
}

// storm opens n sockets that stay connected, and reports when each of them is, in
// nanoseconds of the clock that both processes read.
func storm(endpoint string, n int) error {
	var lock sync.Mutex
	for range n {
		s, err := sockets.New(sockets.Dealer, func(o *sockets.Options) {
			o.Monitor = func(e sockets.Event) {
				if e.Kind == sockets.EventHandshakeDone {
					lock.Lock()
					defer lock.Unlock()
					say("%d", e.Time.UnixNano())
				}
			}
		})
		if err != nil {
			return err
		}
		if err := s.Connect(endpoint); err != nil {
			return err
		}
	}
	<-time.After(math.MaxInt64)
	return nil
}
