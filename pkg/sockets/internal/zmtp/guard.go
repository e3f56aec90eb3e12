package zmtp

import (
	"io"
	"net"
	"slices"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/zcat/zcat/pkg/sockets/internal/transport"
)

// guard is the connection that zmq4.Open gets. Nothing reaches Open before it has
// been judged: Open allocates whatever size a peer announces, and panics on what it
// does not know. Its writes go out as whole commands, after our own greeting.
type guard struct {
	net.Conn
	config    *Config
	deadline  time.Time // of the handshake; zero is none
	mechanism string
	inClear   bool     // the metadata is not encrypted
	script    []string // the commands that the peer has still to send

	out     *handshakeWriter
	pending []byte // not yet sent
	own     ownGreeting
	settled bool // this side may say its last word

	in     []byte // read off the wire, not yet judged
	judged []byte // not yet read by Open
	peer   Peer
	failed *HandshakeError // the failure that ended the handshake; stays
}

func newGuard(nc net.Conn, c *Config, sec zmq4.Security) *guard {
	_, isSealed := sec.(sealed)
	g := &guard{
		Conn:      nc,
		config:    c,
		mechanism: string(sec.Type()),
		inClear:   !isSealed,
		script:    handshakeScript(sec.Type(), c.Server),
		out:       newHandshakeWriter(nc),
	}
	if m, ok := sec.(attended); ok {
		m.attend(g)
	}
	if up, ok := nc.(transport.Upgraded); ok {
		up.BeforeAnswer(g.settle)
	}
	return g
}

// Write keeps p until Open waits for the peer, so that a command goes out as one
// segment.
func (g *guard) Write(p []byte) (int, error) {
	switch {
	case g.peer.old(): // what Open writes is not for it
	case g.own.last != nil:
		g.own.last = append(g.own.last, p...)
	default:
		g.pending = append(g.pending, p...)
	}
	return len(p), nil
}

// flush sends what was written. The first thing that Open writes, before it waits,
// is its greeting, which knows neither 3.1 nor as-server, so ours replaces it, a
// part at a time.
func (g *guard) flush() {
	if len(g.pending) == 0 {
		return
	}
	if g.own.whole == nil {
		g.beginGreeting()
	}
	g.out.send(g.pending)
	g.pending = nil
}

// Read gives Open the peer's greeting and commands in a form that Open knows, each
// once it has arrived in full and been judged.
func (g *guard) Read(p []byte) (int, error) {
	g.flush()
	if len(g.judged) == 0 && g.failed == nil {
		early := g.own.early
		if g.peer.Major == 0 {
			g.judged, g.failed = g.readGreeting()
		}
		if g.failed == nil && (early || len(g.judged) == 0) {
			g.judged, g.failed = g.readCommand()
		}
	}
	if g.failed != nil {
		return 0, g.failed
	}
	n := copy(p, g.judged)
	g.judged = g.judged[n:]
	return n, nil
}

// fill reads what has arrived, at least one byte.
func (g *guard) fill() error {
	const (
		step  = 512 // a thousand silent peers should not cost a thousand large buffers
		tries = 100 // as bufio; a write of nothing to a net.Pipe ends a read of nothing
	)
	if len(g.in) == cap(g.in) {
		g.in = slices.Grow(g.in, step)
	}
	for range tries {
		n, err := g.Conn.Read(g.in[len(g.in):cap(g.in)])
		g.in = g.in[:len(g.in)+n]
		if n > 0 {
			return nil // an error stays for the next read
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// closeFailed closes the connection of a failed handshake, after it has sent what
// was written before and the ERROR command for failed. On a connection that is gone
// it sends nothing.
func (g *guard) closeFailed(failed *HandshakeError) {
	g.speak()
	if up, ok := g.Conn.(transport.Upgraded); ok {
		switch failed.Kind {
		case FailureProtocol:
			up.Blame(transport.Breach)
		case FailureMechanism, FailureRole, FailureType, FailureAuth, FailureTimeout:
			up.Blame(transport.Refusal)
		case FailureLost, FailureRefused, FailureDeclined:
		}
	}
	drained := make(chan struct{})
	// A box that does not open gets no answer: a flood of them must cost little.
	if failed.Fatal() && failed.Code != CodeCryptographic && g.SetWriteDeadline(time.Now().Add(refusalTimeout)) == nil {
		// Reading on lets a peer that writes before it reads finish. It also keeps
		// TCP from sending a reset, which could overtake our last command.
		go func() {
			defer close(drained)
			_, _ = io.Copy(io.Discard, g.Conn)
		}()
		if failed.reason != "" && !g.peer.old() {
			g.pending = AppendError(g.pending, failed.reason)
		}
	} else {
		close(drained)
		_ = g.Close()
	}
	g.flush()
	_ = g.out.finish() // the failure is known
	_ = g.Close()
	<-drained
}
