//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// hub is a bound socket that stays, and its behaviour towards visitors.
type hub struct {
	kind     sockets.Type
	visitor  string // the socket type that visits it
	work     func(*soak, *hub) error
	socket   *sockets.Socket
	endpoint string

	mu     sync.Mutex
	order  order
	change chan struct{} // closed at the next message
}

// hubs covers all types, half of them at the other end.
func hubs() []*hub {
	return []*hub{
		{kind: sockets.Pull, visitor: "push", work: (*soak).collect},
		{kind: sockets.Sub, visitor: "pub", work: (*soak).collect},
		{kind: sockets.XSub, visitor: "xpub", work: (*soak).collect},
		{kind: sockets.Rep, visitor: "req", work: (*soak).echo},
		{kind: sockets.Router, visitor: "dealer", work: (*soak).echo},
		{kind: sockets.Pair, visitor: "pair", work: (*soak).echo},
		{kind: sockets.Push, visitor: "pull", work: (*soak).stream},
		{kind: sockets.Pub, visitor: "sub", work: (*soak).stream},
		{kind: sockets.XPub, visitor: "xsub", work: (*soak).stream},
		{kind: sockets.Dealer, visitor: "router", work: (*soak).stream},
	}
}

// open binds the hub: to tcp and to ipc in turn.
func (h *hub) open(ctx context.Context, dir string, number int) error {
	s, err := sockets.New(h.kind, func(o *sockets.Options) {
		o.Linger = 0
		o.Identity = nil
	})
	if err != nil {
		return err
	}
	h.socket, h.order, h.change = s, newOrder(), make(chan struct{})
	if h.kind == sockets.Sub || h.kind == sockets.XSub {
		if err := s.Subscribe(nil); err != nil {
			return err
		}
	}
	endpoint := "tcp://127.0.0.1:*"
	if number%2 == 1 {
		endpoint = "ipc://" + filepath.Join(dir, fmt.Sprint(number))
	}
	h.endpoint, err = s.Bind(ctx, endpoint)
	return err
}

// collect checks what comes.
func (s *soak) collect(h *hub) error {
	for {
		m, err := h.socket.Recv(s.ctx)
		if err != nil {
			return err
		}
		if err := h.note(m); err != nil {
			return err
		}
		s.messages.Add(1)
	}
}

// echo checks what comes and sends it back.
func (s *soak) echo(h *hub) error {
	for {
		m, err := h.socket.Recv(s.ctx)
		if err != nil {
			return err
		}
		if err := h.note(m); err != nil {
			return err
		}
		s.messages.Add(1)
		// A visitor may have been killed; a PAIR then waits for the next one,
		// which must not get this.
		answer, cancel := context.WithTimeout(s.ctx, time.Second)
		err = h.socket.Send(answer, m)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
}

// stream sends to the peers that are there.
func (s *soak) stream(h *hub) error {
	if h.kind == sockets.XPub {
		go s.takeSubscriptions(h)
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for n := 0; ; {
		select {
		case <-tick.C:
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
		for range 4 {
			n++
			if err := h.socket.Send(s.ctx, newMessage("hub", n)); err != nil {
				return err
			}
		}
	}
}

// takeSubscriptions reads the subscriptions that an XPUB receives: otherwise those
// of all visitors so far would wait to be read.
func (s *soak) takeSubscriptions(h *hub) {
	for {
		if _, err := h.socket.Recv(s.ctx); err != nil {
			return // the end
		}
	}
}

// note checks a message and wakes the goroutine that waits for it.
func (h *hub) note(m frames.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	err := h.order.check(m)
	close(h.change)
	h.change = make(chan struct{})
	return err
}

// await waits until message n of a visitor has come, and forgets the visitor.
func (h *hub) await(ctx context.Context, visitor string, n int) error {
	for {
		h.mu.Lock()
		last, change := h.order.last[visitor], h.change
		if last == n {
			delete(h.order.last, visitor)
		}
		h.mu.Unlock()
		if last == n {
			return nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return fmt.Errorf("%s ended in good order as %s, and %d of its %d messages came", visitor, h.visitor, last, n)
		}
	}
}

// forget drops what is remembered of visitors, which have all gone.
func (h *hub) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.order.last)
}

// workDir is short, as the path of an ipc socket must be.
func workDir() (string, error) { return os.MkdirTemp("", "soak") }
