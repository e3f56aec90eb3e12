//go:build linux

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// errand is one visit: a socket of a type, count messages, and gone.
type errand struct {
	visitor  string // the socket type
	endpoint string
	name     string
	count    int
}

// String returns the errand as peers in other processes read it.
func (e errand) String() string {
	return fmt.Sprintf("%s %s %s %d\n", e.visitor, e.endpoint, e.name, e.count)
}

// visitWithOurs makes a visit with a socket of this library.
func visitWithOurs(ctx context.Context, e errand) (err error) {
	kind, err := sockets.ParseType(e.visitor)
	if err != nil {
		return err
	}
	s, err := sockets.New(kind)
	if err != nil {
		return err
	}
	defer func() {
		if closed := s.CloseContext(ctx); err == nil {
			err = closed
		}
	}()
	if kind == sockets.Sub || kind == sockets.XSub {
		if err := s.Subscribe(nil); err != nil {
			return err
		}
	}
	if err := s.Connect(e.endpoint); err != nil {
		return err
	}
	switch e.visitor {
	case "pub", "xpub":
		if err := s.WaitSubscribers(ctx, 1, nil); err != nil {
			return err
		}
		return give(ctx, s, e)
	case "push":
		return give(ctx, s, e)
	case "req", "dealer", "pair":
		return talk(ctx, s, e)
	}
	return take(ctx, s, e)
}

func give(ctx context.Context, s *sockets.Socket, e errand) error {
	for n := 1; n <= e.count; n++ {
		if err := s.Send(ctx, newMessage(e.name, n)); err != nil {
			return err
		}
	}
	return nil
}

// talk wants each message back before it sends the next.
func talk(ctx context.Context, s *sockets.Socket, e errand) error {
	for n := 1; n <= e.count; n++ {
		if err := s.Send(ctx, newMessage(e.name, n)); err != nil {
			return err
		}
		m, err := s.Recv(ctx)
		if err != nil {
			return err
		}
		if sender, got, err := read(m); err != nil || sender != e.name || got != n {
			return altered(fmt.Sprintf("%s got message %d of %q as the answer to %d: %v", e.name, got, sender, n, err))
		}
	}
	return nil
}

func take(ctx context.Context, s *sockets.Socket, e errand) error {
	o := newOrder()
	for range e.count {
		m, err := s.Recv(ctx)
		if err != nil {
			return err
		}
		if err := o.verify(m); err != nil {
			return err
		}
	}
	return nil
}

// altered is the error that must never occur.
type altered string

func (a altered) Error() string { return string(a) }

func (o order) verify(m frames.Message) error {
	if err := o.check(m); err != nil {
		return altered(err.Error())
	}
	return nil
}

// promises reports whether all that a visitor sends must arrive.
func (e errand) promises() bool {
	return strings.Contains(" push pub xpub req dealer pair ", " "+e.visitor+" ")
}
