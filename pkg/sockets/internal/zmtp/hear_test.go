package zmtp

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// pieces is a peer that sends its pieces, at most one in each read, and hangs up.
type pieces struct {
	net.Conn
	left   []string
	closed bool
}

func (c *pieces) Read(b []byte) (int, error) {
	for len(c.left) > 0 && c.left[0] == "" {
		c.left = c.left[1:]
	}
	if len(c.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b, c.left[0])
	c.left[0] = c.left[0][n:]
	return n, nil
}

func (c *pieces) Write(b []byte) (int, error) { return len(b), nil }

func (c *pieces) Close() error {
	c.closed = true
	return nil
}

// outcome is everything that a Conn made of a peer's input.
type outcome struct {
	messages []string // in wire form
	control  []string // commands queued for the peer
	commands []string // names
	err      string   // "" for a peer that hung up
}

// hear lets a Conn read the bytes that arrived with the handshake and then the
// pieces, one in each read.
func hear(tb testing.TB, s Setup, rest string, said ...string) outcome {
	tb.Helper()
	return hearAs(tb, Peer{Major: 3, Minor: 1}, s, rest, said...)
}

// hearAs is hear after a handshake that returned p.
func hearAs(tb testing.TB, p Peer, s Setup, rest string, said ...string) outcome {
	tb.Helper()
	var got outcome
	s.Control = func(wire []byte) { got.control = append(got.control, string(wire)) }
	s.Commanded = func(name string) { got.commands = append(got.commands, name) }
	c := NewConn(&pieces{left: slices.Clone(said)}, p, []byte(rest), s)
	defer c.Close()
	for {
		slab, err := c.Read()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				got.err = err.Error()
			}
			if slab != nil {
				tb.Fatal("a slab beside an error")
			}
			return got
		}
		if slab.Count == 0 {
			tb.Fatal("a slab without a message")
		}
		wire := slab.Wire
		for range slab.Count {
			var message []byte
			message, wire = framing.CutMessage(wire)
			got.messages = append(got.messages, string(message))
		}
		if len(wire) > 0 {
			tb.Fatalf("%d bytes behind the last message of a slab", len(wire))
		}
		slab.Recycle()
	}
}

// frame returns a frame with the given flags, in the short form if possible, else
// with LONG.
func frame(flags byte, body string) string {
	return string(framing.AppendHeader(nil, flags, len(body))) + body
}

// longFrame returns a frame in the long form whatever its size.
func longFrame(flags byte, body string) string {
	return sizeOnly(flags, uint64(len(body))) + body
}

// sizeOnly returns the header of a frame in the long form.
func sizeOnly(flags byte, size uint64) string {
	return string([]byte{flags | framing.FlagLong}) + long(size)[1:]
}

// message returns a message in wire form.
func message(parts ...string) string {
	return string(framing.AppendMessage(nil, frames.Strings(parts...)))
}

// mistaken returns a command as libzmq up to 4.3.4 sends the longer subscriptions:
// the size in eight octets without the LONG flag.
func mistaken(name, prefix string) string {
	body := string([]byte{byte(len(name))}) + name + prefix
	return "\x04" + long(uint64(len(body)))[1:] + body
}

func checkOutcome(t *testing.T, what string, got, want outcome) {
	t.Helper()
	if !slices.Equal(got.messages, want.messages) || !slices.Equal(got.control, want.control) ||
		!slices.Equal(got.commands, want.commands) || got.err != want.err {
		t.Fatalf("%s: %s\nwant %s", what, got, want)
	}
}

func (o outcome) String() string {
	text := fmt.Sprintf("%q", o.messages)
	return fmt.Sprintf("%s, control %q, commands %q, error %q", text[:min(len(text), 2000)], o.control, o.commands, o.err)
}

// many returns n times s.
func many(n int, s string) []string {
	return slices.Repeat([]string{s}, n)
}

var letters = strings.Repeat("abcdefghijklmnopqrstuvwxyz", 50)
