package sockets

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// part is one side of a mechanism: the side that binds may have either.
type part struct {
	mechanism, role string // "NULL" has no role
	options         []Option
	libzmq          []string
}

func (p part) name() string { return strings.TrimSpace(p.mechanism + " " + p.role) }

func parts(t *testing.T) []part {
	t.Helper()
	all := mechanisms(t)
	ps := []part{{mechanism: "NULL"}}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if m := all[name]; name != "NULL" {
			ps = append(ps, part{name, "server", m.serve, m.libzmqServes}, part{name, "client", m.connect, m.libzmqAsks})
		}
	}
	return ps
}

// outcome returns the error that two parts lead to, "" if they talk.
func outcome(ours, theirs part) (text string, role bool) {
	switch {
	case ours.mechanism != theirs.mechanism:
		return fmt.Sprintf("the peer uses the security mechanism %q", theirs.mechanism), false
	case ours.role == theirs.role && ours.role != "":
		return fmt.Sprintf("the peer is a %s of %s, as this side is", ours.role, ours.mechanism), true
	}
	return "", false
}

// wantOutcome demands that err is the outcome of two parts.
func wantOutcome(t *testing.T, err error, text string, role bool) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) || errors.Is(err, ErrSameRole) != role {
		t.Errorf("%v, want %q", err, text)
	}
}

// C05: every side of every mechanism meets every other, whichever side connects:
// those that fit talk, the others both learn what they met, and the side that
// connected does not come back.
func TestC05RolesOfOurOwn(t *testing.T) {
	all := parts(t)
	for _, theirs := range all {
		for _, ours := range all {
			t.Run(ours.name()+" to "+theirs.name(), func(t *testing.T) {
				heard, monitored := monitor(t)
				bound := newSocket(t, Pull, append([]Option{monitored}, theirs.options...)...)
				endpoint := bind(t, bound, anyPort)
				events, watched := monitor(t)
				push := newSocket(t, Push, append([]Option{watched}, ours.options...)...)
				try(t, push.Connect(endpoint))
				text, role := outcome(ours, theirs)
				if text == "" {
					sendParts(t, push, "hello")
					expectParts(t, bound, "hello")
					return
				}
				err := push.WaitPeers(within(t), 1)
				wantRefusal(t, err, endpoint, false, text)
				wantOutcome(t, err, text, role)
				if n := events.count(EventConnectRetried); n > 0 {
					t.Errorf("%d attempts more", n)
				}
				text, role = outcome(theirs, ours)
				wantOutcome(t, heard.await(EventHandshakeProtocol, EventHandshakeFailed, EventHandshakeAuth).Err, text, role)
			})
		}
	}
}

// C05: libzmq never tells whether it is a server, and hangs up on a HELLO where it
// is a client. We find out its role all the same, though not at the first attempt;
// two servers wait for each other's first command.
func TestC05RolesOfLibzmq(t *testing.T) {
	all := parts(t)
	for _, theirs := range all {
		file := t.TempDir() + "/endpoint"
		startLibzmq(t, Rep, append([]string{"--bind", anyPort, "--endpoint-file", file, "--echo"}, theirs.libzmq...)...)
		endpoint := awaitEndpoint(within(t), t, file)
		for _, ours := range all {
			t.Run(ours.name()+" to "+theirs.name(), func(t *testing.T) {
				events, monitored := monitor(t)
				req := newSocket(t, Req, append([]Option{monitored}, ours.options...)...)
				text, role := outcome(ours, theirs)
				if role && ours.role == "server" {
					req.opts.HandshakeTimeout = 300 * time.Millisecond
				}
				try(t, req.Connect(endpoint))
				switch {
				case text == "":
					sendParts(t, req, "hello")
					expectParts(t, req, "hello")
				case role && ours.role == "server":
					wantOutcome(t, events.await(EventHandshakeFailed).Err, "is the peer a server too?", false)
				default:
					err := req.WaitPeers(within(t), 1)
					wantRefusal(t, err, endpoint, false, text)
					wantOutcome(t, err, text, role)
					if n := events.count(EventConnectRetried); n > 0 && !role {
						t.Errorf("%d attempts more", n)
					}
				}
			})
		}
	}
}

// C05: where libzmq connects it does not come back after a mismatch, so its role
// has to be found out the first time.
func TestC05RolesWhereLibzmqConnects(t *testing.T) {
	all := mechanisms(t)
	for _, name := range []string{"PLAIN", "CURVE"} {
		m := all[name]
		for _, c := range []struct {
			what, role string
			ours       []Option
			theirs     []string
		}{
			{"client to client", "client", m.connect, m.libzmqAsks},
			{"server to client", "", m.connect, m.libzmqServes},
		} {
			t.Run(name+", "+c.what, func(t *testing.T) {
				events, monitored := monitor(t)
				push := newSocket(t, Push, append([]Option{monitored}, c.ours...)...)
				z := startLibzmq(t, Pull, append([]string{"--connect", bind(t, push, anyPort)}, c.theirs...)...)
				if c.role == "" {
					sendParts(t, push, "hello")
					z.prints(frames.Strings("hello"))
					return
				}
				e := events.await(EventHandshakeProtocol, EventHandshakeFailed, EventHandshakeAuth, EventHandshakeDone)
				wantOutcome(t, e.Err, "the peer is a client of "+name, true)
			})
		}
	}
}
