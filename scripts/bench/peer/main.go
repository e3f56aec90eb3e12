//go:build linux

// Command peer does the work that is compared with pkg/sockets: it takes the modes
// and arguments of libzmq/peer.c, which explains them; text- before a mode makes the
// messages printable, and idle SOCKET N has N sockets that say nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/zcat/zcat/pkg/sockets"
	"github.com/zcat/zcat/pkg/sockets/curve"
)

// damage is the error of a message that was lost or changed: the process exits with
// 3.
type damage string

func (d damage) Error() string { return string(d) }

func main() {
	err := run(os.Args[1:])
	if err == nil {
		return
	}
	_, _ = fmt.Fprintln(os.Stderr, "peer:", err)
	var lost damage
	if errors.As(err, &lost) {
		os.Exit(3)
	}
	os.Exit(1)
}

// task is the work of a mode and its arguments behind the endpoint.
type task struct {
	endpoint      string // behind @ or >
	curve         bool
	size          int
	seconds, rate float64 // rate is N for pub and sub
	clients       int     // of req
	text          bool    // messages are printable
}

func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: peer MODE SOCKET [SIZE [SECONDS [N [CLIENTS]]]]")
	}
	numbers := [4]float64{}
	for i, text := range args[2:] {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || i >= len(numbers) {
			return fmt.Errorf("argument %q", text)
		}
		numbers[i] = v
	}
	endpoint, curve := strings.CutPrefix(args[1], "!")
	mode, isText := strings.CutPrefix(args[0], "text-")
	t := task{endpoint, curve, int(numbers[0]), numbers[1], numbers[2], int(numbers[3]), isText}
	switch mode {
	case "push":
		return t.with(sockets.Push, t.produce)
	case "pub":
		return t.with(sockets.Pub, t.produce)
	case "pull":
		return t.with(sockets.Pull, t.consume)
	case "sub":
		return t.subscribe()
	case "req":
		return t.requests()
	case "rep":
		return t.with(sockets.Rep, echo)
	case "client":
		return t.with(sockets.Dealer, t.client)
	case "worker":
		return t.with(sockets.Dealer, echo)
	case "crowd":
		return t.with(sockets.Push, t.crowd)
	case "idle":
		return t.idle()
	case "hold":
		return t.with(sockets.Pull, func(*sockets.Socket) error { awaitEnd(); return nil })
	}
	return fmt.Errorf("unknown mode %s", args[0])
}

// with opens a socket for work.
func (t task) with(kind sockets.Type, work func(*sockets.Socket) error) error {
	s, err := t.open(kind)
	if err != nil {
		return err
	}
	err = work(s)
	if closed := s.Close(); !errors.Is(closed, sockets.ErrClosed) {
		err = errors.Join(err, closed)
	}
	return err
}

// open makes a socket that loses nothing. One that binds prints its endpoint.
func (t task) open(kind sockets.Type) (*sockets.Socket, error) {
	security, err := t.security()
	if err != nil {
		return nil, err
	}
	s, err := sockets.New(kind, func(o *sockets.Options) {
		o.NoDrop = kind == sockets.Pub
		o.Security = security
	})
	if err != nil {
		return nil, err
	}
	if kind == sockets.Sub {
		if err := s.Subscribe(nil); err != nil {
			return nil, err
		}
	}
	if t.endpoint[0] != '@' {
		return s, s.Connect(t.endpoint[1:])
	}
	resolved, err := s.Bind(context.Background(), t.endpoint[1:])
	if err == nil {
		_, err = fmt.Fprintln(os.Stdout, resolved)
	}
	return s, err
}

// crowd makes as many links as it is told, all from one socket, and reports when
// they are up.
func (t task) crowd(s *sockets.Socket) error {
	for range t.size - 1 {
		if err := s.Connect(t.endpoint[1:]); err != nil {
			return err
		}
	}
	if err := s.WaitPeers(context.Background(), t.size); err != nil {
		return err
	}
	_, err := fmt.Fprintln(os.Stdout, t.size)
	awaitEnd()
	return err
}

// idle connects as many sockets as it is told, which then are silent, and reports when
// all are connected.
func (t task) idle() error {
	for range t.size {
		s, err := t.open(sockets.Dealer)
		if err != nil {
			return err
		}
		if err := s.WaitPeers(context.Background(), 1); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(os.Stdout, t.size)
	awaitEnd()
	return err
}

// secretKey is the secret key of both sides of CURVE, as in libzmq/peer.c.
const secretKey = "j+>tD![&8M.)Un.sb.}6gj}bHVosfwFT=ca9>sC]"

// security returns the mechanism of the task, NULL where none was asked for.
func (t task) security() (sockets.Security, error) {
	if !t.curve {
		return nil, nil //nolint:nilnil // nil is NULL
	}
	secret, err := curve.ParseSecretKey(secretKey)
	if err != nil {
		return nil, err
	}
	keys := curve.Pair{Public: secret.Public(), Secret: secret}
	if t.endpoint[0] == '@' {
		return sockets.CurveServer(keys), nil
	}
	return sockets.CurveClient(keys.Public, keys), nil
}

// awaitEnd waits for the end of stdin, which ends every peer that cannot tell by
// itself when it has finished.
func awaitEnd() { _, _ = io.Copy(io.Discard, os.Stdin) }
