package zmtp

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/zcat/zcat/pkg/sockets/internal/ws"
)

// Told is what a peer sends to a client that connects and only listens.
type Told struct {
	Major, Minor int    // its ZMTP version: 3.1, say
	Mechanism    string // "NULL", "PLAIN", "CURVE"; NULL before ZMTP 3
	AsServer     bool   // the bit of its greeting, which libzmq never sets
	// The rest comes with READY, which only NULL sends to unauthenticated clients,
	// or, as the type alone, in the greeting of ZMTP 2.
	Type     string            // "" where the peer did not send it
	Ready    bool              // a READY came
	Identity []byte            // nil where there is none, empty where there is an empty one
	Metadata map[string]string // the other properties, by their names as sent
}

// Listen asks nc for what a peer tells about itself. It sends a greeting and never
// a READY: without one a peer's handshake is not done, so it opens no pipe and
// hands no message over. The one exception is ZMTP 1.0, which has no handshake:
// such a peer may send at once.
//
// The greeting goes out in two parts, because a peer sends its mechanism as soon as
// it knows our version, and would hang up on another mechanism than its own. A peer
// that waits for the whole of ours gets the rest of it after greetingPatience.
// types are the names of the socket types by their numbers in ZMTP 2.0 (RFC 15, and
// what libzmq adds to it). nc stays open. An error that is a *HandshakeError of
// FailureProtocol or FailureRefused will not go away by itself.
func Listen(nc net.Conn, types []string) (Told, error) {
	p := prober{guard: guard{Conn: nc}, types: types}
	if _, err := nc.Write(newGreeting("", false)[:greetingMinor]); err != nil {
		return Told{}, p.lost(err)
	}
	rest := sync.OnceValue(func() error {
		_, err := nc.Write(newGreeting(string(zmq4.NullSecurity), false)[greetingMinor:])
		return err
	})
	late := time.AfterFunc(greetingPatience, func() { _ = rest() }) // the next read gets its error
	err := p.readGreeting()
	late.Stop()
	if err != nil {
		return Told{}, err
	}
	if p.told.Major < majorVersion || p.told.Mechanism != string(zmq4.NullSecurity) {
		return p.told, nil
	}
	if err := rest(); err != nil {
		return Told{}, p.lost(err)
	}
	if err := p.readReady(); err != nil {
		return Told{}, err
	}
	return p.told, nil
}

// prober reads with the methods of a handshake's guard.
type prober struct {
	guard
	types []string
	told  Told
}

// readGreeting reads a greeting of any version.
func (p *prober) readGreeting() error {
	for {
		b := p.in[:min(len(p.in), greetingSize)]
		switch {
		case isFirst(p.in):
			p.told.Major, p.told.Mechanism = 1, string(zmq4.NullSecurity)
			return nil
		case isOld(b) && b[0] == greetingFirst:
			if len(b) > greetingMinor {
				p.told.Major, p.told.Mechanism = 2, string(zmq4.NullSecurity)
				if number := int(b[greetingMinor]); number < len(p.types) {
					p.told.Type = p.types[number]
				}
				return nil
			}
		case mayBeFirst(b):
		default:
			if err := p.checkGreeting(b); err != nil {
				return err
			}
		}
		if len(b) == greetingSize {
			break
		}
		if err := p.fill(); err != nil {
			return p.lost(err)
		}
	}
	b := p.in[:greetingSize]
	p.in = p.in[greetingSize:]
	p.told.Major, p.told.Minor = int(b[greetingMajor]), int(b[greetingMinor])
	p.told.Mechanism, p.told.AsServer = peerMechanism(b), b[greetingServer]&1 == 1
	return nil
}

// checkGreeting returns an error that names the other protocol, where no ZeroMQ
// peer answers.
func (p *prober) checkGreeting(b []byte) error {
	err := checkGreeting(b)
	if err == nil {
		return nil
	}
	for _, known := range []struct{ start, what string }{
		{"HTTP/", "HTTP, not ZeroMQ: for WebSocket both ends need ws://"},
		{"\x15\x03", "TLS, not ZeroMQ"},
		{"\x16\x03", "TLS, not ZeroMQ"},
		{"SSH-", "SSH, not ZeroMQ"},
		{"RTSP/", "RTSP, not ZeroMQ"},
	} {
		if strings.HasPrefix(string(p.in), known.start) {
			return protocolFailure("it speaks %s", known.what)
		}
	}
	return protocolFailure("it does not speak ZeroMQ: it began with %s", printable(string(p.in)))
}

// readReady reads the READY of a peer that uses NULL.
func (p *prober) readReady() error {
	body, failed := p.readFrame(zmq4.CmdReady)
	if failed != nil {
		if failed.Kind == FailureLost || failed.Kind == FailureTimeout {
			return p.lost(failed.Err)
		}
		return failed
	}
	if refused := p.parseRefusal(string(body)); refused != nil {
		return refused
	}
	name, data, ok := cutName(body)
	if !ok || string(name) != zmq4.CmdReady {
		return protocolFailure("it greeted as ZMTP %d.%d and then sent no READY", p.told.Major, p.told.Minor)
	}
	properties, err := parseMetadata(data)
	if err != nil {
		return protocolFailure("%w", err)
	}
	p.told.Ready, p.told.Metadata = true, map[string]string{}
	for _, prop := range properties {
		switch {
		case prop.is(socketTypeProperty):
			p.told.Type = prop.value
		case prop.is(identityProperty):
			p.told.Identity = []byte(prop.value)
		default:
			p.told.Metadata[prop.name] = prop.value
		}
	}
	return nil
}

// lost makes an error that names the point at which a peer fell silent or hung up.
func (p *prober) lost(err error) error {
	if failed := notUpgraded(err); failed != nil {
		return failed
	}
	stage := "without a greeting"
	switch {
	case p.told.Major > 0:
		stage = "after its greeting, without a READY"
	case len(p.in) > 0:
		stage = fmt.Sprintf("%d bytes into its greeting", len(p.in))
		if len(p.in) == 1 {
			stage = "1 byte into its greeting"
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &HandshakeError{Kind: FailureTimeout, Err: fmt.Errorf("it accepted the connection and stayed silent, %s", stage)}
	}
	var closed *ws.ClosedError
	if errors.As(err, &closed) {
		stage += ": " + closed.Error()
	}
	return &HandshakeError{Kind: FailureLost, Err: fmt.Errorf("it accepted the connection and hung up, %s", stage)}
}
