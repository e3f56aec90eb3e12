package zmtp

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zeromq/zmq4"
)

// listenTo lets Listen meet a peer that sends said as soon as it has the first part
// of our greeting. Then it hangs up, or is silent until the deadline.
func listenTo(t *testing.T, said string, hangsUp bool) (told Told, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		if err := near.SetDeadline(time.Now().Add(watchdog)); err != nil {
			t.Fatal(err)
		}
		go func() {
			_, _ = io.ReadFull(far, make([]byte, greetingMinor))
			if !hangsUp {
				go func() { _, _ = io.Copy(io.Discard, far) }()
			}
			_, _ = io.WriteString(far, said)
			if hangsUp {
				_ = far.Close()
			}
		}()
		told, err = Listen(near, typeNames())
		_ = near.Close()
	})
	return told, err
}

// readyFrame returns a READY with the given properties.
func readyFrame(pairs ...string) string {
	var data []byte
	for i := 0; i < len(pairs); i += 2 {
		data = appendProperty(data, property{pairs[i], pairs[i+1]})
	}
	return string(handshakeFrame(zmq4.CmdReady, data))
}

func greetingOf(mechanism string, major, minor byte) string {
	b := newGreeting(mechanism, false)
	b[greetingMajor], b[greetingMinor] = major, minor
	return string(b)
}

func TestListenHearsWhoIsThere(t *testing.T) {
	old := string([]byte{0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F})
	for _, c := range []struct {
		name, said string
		want       Told
	}{
		{"3.1", greetingOf("NULL", 3, 1) + readyFrame("Socket-Type", "PULL"), Told{3, 1, "NULL", false, "PULL", true, nil, nil}},
		{"3.0", greetingOf("NULL", 3, 0) + readyFrame("socket-type", "REP", "X-a", "b", "Identity", ""), Told{3, 0, "NULL", false, "REP", true, []byte{}, map[string]string{"X-a": "b"}}},
		{"later", greetingOf("NULL", 4, 7) + readyFrame("Socket-Type", "DEALER", "Identity", "me"), Told{4, 7, "NULL", false, "DEALER", true, []byte("me"), nil}},
		{"no type", greetingOf("NULL", 3, 1) + readyFrame(), Told{3, 1, "NULL", false, "", true, nil, nil}},
		{"PLAIN", greetingOf("PLAIN", 3, 1), Told{3, 1, "PLAIN", false, "", false, nil, nil}},
		{"CURVE server", string(newGreeting("CURVE", true)), Told{3, 1, "CURVE", true, "", false, nil, nil}},
		{"2.0", old + "\x01\x08", Told{2, 0, "NULL", false, "PUSH", false, nil, nil}},
		{"2.0, unknown type", old + "\x01\x40", Told{2, 0, "NULL", false, "", false, nil, nil}},
		{"1.0", "\x01\x00", Told{1, 0, "NULL", false, "", false, nil, nil}},
		{"1.0, long", "\xFF" + string(binary.BigEndian.AppendUint64(nil, 1)) + "\x00", Told{1, 0, "NULL", false, "", false, nil, nil}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := listenTo(t, c.said, false)
			if err != nil {
				t.Fatal(err)
			}
			if (got.Identity == nil) != (c.want.Identity == nil) || string(got.Identity) != string(c.want.Identity) {
				t.Errorf("identity %q, want %q", got.Identity, c.want.Identity)
			}
			if len(got.Metadata) != len(c.want.Metadata) || got.Metadata["X-a"] != c.want.Metadata["X-a"] {
				t.Errorf("metadata %v, want %v", got.Metadata, c.want.Metadata)
			}
			got.Identity, got.Metadata, c.want.Identity, c.want.Metadata = nil, nil, nil, nil
			if got.Major != c.want.Major || got.Minor != c.want.Minor || got.Mechanism != c.want.Mechanism ||
				got.AsServer != c.want.AsServer || got.Type != c.want.Type || got.Ready != c.want.Ready {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestListenTellsWhatIsNoPeer(t *testing.T) {
	whole := greetingOf("NULL", 3, 1)
	for _, c := range []struct {
		name, said string
		hangsUp    bool
		kind       FailureKind
		text       string
	}{
		{"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", true, FailureProtocol, "it speaks HTTP, not ZeroMQ"},
		{"TLS alert", "\x15\x03\x01\x00\x02\x02\x46", true, FailureProtocol, "it speaks TLS, not ZeroMQ"},
		{"SSH", "SSH-2.0-OpenSSH_9.2\r\n", false, FailureProtocol, "it speaks SSH, not ZeroMQ"},
		{"SMTP", "220 mail ESMTP\r\n", false, FailureProtocol, `it began with "220 mail ESMTP\r\n"`},
		{"escapes", "\x1b[2J", false, FailureProtocol, `"\x1b[2J"`},
		{"zeros", "\x00", true, FailureProtocol, `it began with "\x00"`},
		{"bad signature", "\xFF\x00\x00\x00\x00\x00\x00\x00\x01\x7D", true, FailureProtocol, `it began with "\xff`},
		{"one byte", "\x01", true, FailureLost, "hung up, 1 byte into its greeting"},
		{"hang-up", "", true, FailureLost, "hung up, without a greeting"},
		{"silence", "", false, FailureTimeout, "stayed silent, without a greeting"},
		{"half a greeting", whole[:20], false, FailureTimeout, "stayed silent, 20 bytes into its greeting"},
		{"no READY", whole, false, FailureTimeout, "stayed silent, after its greeting, without a READY"},
		{"hang-up instead", whole, true, FailureLost, "hung up, after its greeting, without a READY"},
		{"ERROR", whole + string(handshakeFrame("ERROR", []byte("\x04full"))), false, FailureRefused, `"full"`},
		{"another command", whole + string(handshakeFrame("HELLO", nil)), false, FailureProtocol, "sent no READY"},
		{"a message", whole + "\x00\x02hi", false, FailureProtocol, "message where READY was due"},
		{"huge READY", whole + "\x06" + strings.Repeat("\x7F", 8), false, FailureProtocol, "more than 4096"},
		{"cut property", whole + string(handshakeFrame("READY", []byte("\x0BSocket"))), false, FailureProtocol, "malformed metadata"},
	} {
		t.Run(c.name, func(t *testing.T) {
			told, err := listenTo(t, c.said, c.hangsUp)
			var failed *HandshakeError
			if !errors.As(err, &failed) || failed.Kind != c.kind || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("got %+v, %v, want failure %d with %q", told, err, c.kind, c.text)
			}
		})
	}
}

// A probe sends the start of a greeting: never a READY, at which a peer would open
// a pipe.
func TestListenSendsNoReady(t *testing.T) {
	near, far := tcpPair(t)
	if err := far.SetDeadline(time.Now().Add(watchdog)); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = io.WriteString(far, greetingOf("NULL", 3, 1)+readyFrame("Socket-Type", "PUSH"))
	}()
	if _, err := Listen(near, typeNames()); err != nil {
		t.Fatal(err)
	}
	_ = near.Close()
	said, err := io.ReadAll(far)
	if err != nil || string(said) != greetingOf("NULL", 3, 1) {
		t.Errorf("said %q, %v", said, err)
	}
}

// Probes of zmq4's own sockets, which do the handshake where they accept, and live
// on.
func TestListenToZmq4(t *testing.T) {
	for name, open := range map[string]func(context.Context, ...zmq4.Option) zmq4.Socket{
		"REQ": zmq4.NewReq, "REP": zmq4.NewRep, "ROUTER": zmq4.NewRouter, "DEALER": zmq4.NewDealer, "PUB": zmq4.NewPub, "SUB": zmq4.NewSub,
		"PUSH": zmq4.NewPush, "PULL": zmq4.NewPull, "PAIR": zmq4.NewPair, "XPUB": zmq4.NewXPub, "XSUB": zmq4.NewXSub,
	} {
		t.Run(name, func(t *testing.T) {
			socket := open(t.Context(), zmq4.WithLogger(log.New(io.Discard, "", 0)))
			defer func() { _ = socket.Close() }()
			if err := socket.Listen("tcp://127.0.0.1:0"); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				nc, err := net.Dial("tcp", socket.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				if err := nc.SetDeadline(time.Now().Add(watchdog)); err != nil {
					t.Fatal(err)
				}
				told, err := Listen(nc, typeNames())
				_ = nc.Close()
				if err != nil || told.Type != name || !told.Ready {
					t.Fatalf("got %+v, %v", told, err)
				}
			}
		})
	}
}

// A bound side distinguishes a probe from a connection that was lost.
func TestProbedHandshake(t *testing.T) {
	c := configOf("PULL")
	c.Server = true
	near, far := tcpPair(t)
	done := make(chan error, 1)
	go func() {
		_, _, err := Handshake(near, c)
		done <- err
	}()
	told, err := Listen(far, typeNames())
	if err != nil || told.Type != "PULL" {
		t.Fatalf("got %+v, %v", told, err)
	}
	_ = far.Close()
	if err := <-done; !errors.Is(err, ErrLeft) {
		t.Errorf("got %v, want %v", err, ErrLeft)
	}
}

// A peer that sends nothing before it has all of our greeting gets it, in a moment;
// the greeting of one that hangs up on another mechanism than its own has come by
// then.
func TestListenToAPeerThatWaits(t *testing.T) {
	for _, mechanism := range []string{"NULL", "PLAIN", "CURVE"} {
		for _, after := range []int{greetingOpening, greetingSize} {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				go func() {
					defer func() { _ = far.Close() }()
					if _, err := io.ReadFull(far, make([]byte, after)); err != nil {
						t.Error(err)
					}
					_, _ = io.WriteString(far, greetingOf(mechanism, 3, 1))
					if mechanism == "NULL" {
						_, _ = io.ReadFull(far, make([]byte, greetingSize-after))
						_, _ = io.WriteString(far, readyFrame("Socket-Type", "PULL"))
					}
				}()
				begun := time.Now()
				told, err := Listen(near, typeNames())
				took, want := time.Since(begun), time.Duration(0)
				if after == greetingSize {
					want = greetingPatience
				}
				if err != nil || told.Mechanism != mechanism || told.Ready != (mechanism == "NULL") || took != want {
					t.Errorf("%s, after %d bytes: %+v, %v, after %v", mechanism, after, told, err, took)
				}
				_ = near.Close()
			})
		}
	}
}
