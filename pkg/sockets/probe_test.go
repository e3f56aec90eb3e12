package sockets

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

func probeIt(t *testing.T, endpoint string) Probed {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), watchdog)
	defer cancel()
	p, err := Probe(ctx, endpoint)
	try(t, err)
	return p
}

func checkProbed(t *testing.T, p Probed, endpoint string, kind Type) {
	t.Helper()
	if p.Endpoint != endpoint || p.Version() != "3.1" || p.Mechanism != "NULL" || p.AsServer || !p.Usable() ||
		p.Type != kind.String() || !p.Ready || len(p.Metadata) != 0 || p.Took <= 0 {
		t.Errorf("%v at %s tells %+v", kind, endpoint, p)
	}
	if (p.Identity != nil) != kind.row().Announces {
		t.Errorf("%v tells the identity %q", kind, p.Identity)
	}
}

func TestProbeTellsEveryType(t *testing.T) {
	for _, kind := range zmtpTypes() {
		for _, endpoint := range []string{"tcp://127.0.0.1:*", "ipc://*", "inproc://probed-" + kind.String()} {
			s, err := New(kind)
			try(t, err)
			resolved, err := s.Bind(t.Context(), endpoint)
			try(t, err)
			checkProbed(t, probeIt(t, resolved), resolved, kind)
			try(t, s.Close())
		}
	}
}

func TestProbeTellsLibzmqs(t *testing.T) {
	for _, kind := range stableTypes() {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "endpoint")
			startLibzmq(t, kind, "-b", "tcp://127.0.0.1:*", "--endpoint-file", file)
			endpoint := awaitEndpoint(t.Context(), t, file)
			if kind == Pub {
				kind = XPub // which the peer opens to count subscriptions
			}
			checkProbed(t, probeIt(t, endpoint), endpoint, kind)
		})
	}
	for name, options := range map[string][]string{
		"PLAIN": {"plain_server=1"},
		"CURVE": {"curve_server=1", "curve_secretkey=JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "endpoint")
			flags := []string{"-b", "tcp://127.0.0.1:*", "--endpoint-file", file}
			for _, o := range options {
				flags = append(flags, "-o", o)
			}
			startLibzmq(t, Rep, flags...)
			p := probeIt(t, awaitEndpoint(t.Context(), t, file))
			if p.Mechanism != name || p.Type != "" || p.Ready || p.Identity != nil || p.Metadata != nil {
				t.Errorf("it tells %+v", p)
			}
		})
	}
}

// No message is handed to a probe, whatever type sends them.
func TestProbeTakesNoMessage(t *testing.T) {
	const probes = 20
	messages := func(send func(frames.Message)) {
		for _, text := range []string{"one", "two", "three"} {
			send(frames.Strings(text))
		}
	}
	expect := func(t *testing.T, kind Type, endpoint string) {
		t.Helper()
		s, err := New(kind)
		try(t, err)
		defer func() { _ = s.Close() }()
		try(t, s.Connect(endpoint))
		ctx, cancel := context.WithTimeout(t.Context(), watchdog)
		defer cancel()
		messages(func(want frames.Message) {
			got, err := s.Recv(ctx)
			try(t, err)
			if string(got[0]) != string(want[0]) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	for _, pair := range [][2]Type{{Push, Pull}, {Dealer, Dealer}, {Pair, Pair}} {
		t.Run("ours/"+pair[0].String(), func(t *testing.T) {
			s, err := New(pair[0])
			try(t, err)
			endpoint, err := s.Bind(t.Context(), "tcp://127.0.0.1:*")
			try(t, err)
			sent := make(chan struct{})
			go func() {
				defer close(sent)
				messages(func(m frames.Message) {
					if err := s.Send(t.Context(), m); err != nil {
						t.Error(err)
					}
				})
			}()
			for range probes {
				probeIt(t, endpoint)
			}
			expect(t, pair[1], endpoint)
			<-sent
			try(t, s.Close())
		})
		t.Run("libzmq/"+pair[0].String(), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "endpoint")
			z := startLibzmq(t, pair[0], "-b", "tcp://127.0.0.1:*", "--endpoint-file", file)
			messages(z.send)
			endpoint := awaitEndpoint(t.Context(), t, file)
			for range probes {
				probeIt(t, endpoint)
			}
			expect(t, pair[1], endpoint)
		})
	}
}

// A probe never becomes a peer: the handshake is reported as failed with ErrLeft.
func TestProbeLeavesNoTrace(t *testing.T) {
	events := make(chan Event, 100)
	s, err := New(XPub, func(o *Options) { o.Monitor = func(e Event) { events <- e } })
	try(t, err)
	endpoint, err := s.Bind(t.Context(), "tcp://127.0.0.1:*")
	try(t, err)
	probeIt(t, endpoint)
	for e := range events {
		if e.Kind == EventHandshakeFailed {
			if !errors.Is(e.Err, ErrLeft) {
				t.Errorf("it failed: %v", e.Err)
			}
			break
		}
		if e.Kind == EventHandshakeDone {
			t.Error("the handshake was done")
		}
	}
	if n := s.Stats().Peers; n != 0 {
		t.Errorf("%d peers", n)
	}
	try(t, s.Close())
}

func TestProbeFails(t *testing.T) {
	var refused *RefusedError
	_, err := Probe(t.Context(), freeEndpoint(t, "tcp"))
	if err == nil || errors.As(err, &refused) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nobody there: %v", err)
	}
	if _, err := Probe(t.Context(), "tcp://*:5555"); err == nil {
		t.Error("every interface was probed")
	}
	if _, err := Probe(t.Context(), "5555"); err == nil {
		t.Error("no endpoint was probed")
	}
	l := listenRaw(t, "tcp://127.0.0.1:*")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := Probe(ctx, l.endpoint); !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &refused) {
		t.Errorf("silence: %v", err)
	}
	go func() {
		nc, err := l.Accept()
		for range 2 { // the first connection was the silent one
			if err != nil {
				return
			}
			_, _ = nc.Write([]byte("HTTP/1.0 400 Bad Request\r\n\r\n"))
			defer func(nc net.Conn) { _ = nc.Close() }(nc)
			nc, err = l.Accept()
		}
	}()
	if _, err := Probe(t.Context(), l.endpoint); !errors.As(err, &refused) || !refused.Protocol {
		t.Errorf("HTTP: %v", err)
	}
}
