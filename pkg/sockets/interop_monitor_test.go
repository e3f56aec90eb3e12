package sockets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/sockets/zap"
)

// badHandshakes lists what a peer may send that fails at a REP of each mechanism,
// which libzmq reports in the same way. ours is our report where it differs.
var badHandshakes = []struct{ name, mechanism, said, ours string }{
	{"HTTP", "NULL", "GET / HTTP/1.1\r\n" + strings.Repeat("x", 64), "HANDSHAKE_FAILED_PROTOCOL 268435456"}, // libzmq takes it for ZMTP 1 and waits
	{"another mechanism", "NULL", plainGreeting, ""},
	{"silence", "NULL", "", fmt.Sprintf("HANDSHAKE_FAILED_NO_DETAIL %d", syscall.ETIMEDOUT)}, // libzmq has EAGAIN
	{"silence behind a greeting", "NULL", greeting(1), fmt.Sprintf("HANDSHAKE_FAILED_NO_DETAIL %d", syscall.ETIMEDOUT)},
	{"another type", "NULL", greeting(1) + ready("PUB"), "HANDSHAKE_FAILED_PROTOCOL 268435480"}, // libzmq tells no reason
	{"another command", "NULL", greeting(1) + command("PING", "\x00\x00"), ""},
	{"a message", "NULL", greeting(1) + message("x"), ""},
	{"a bad ERROR", "NULL", greeting(1) + command("ERROR", "\x04400"), ""},
	{"an ERROR", "NULL", greeting(1) + command("ERROR", "\x03400"), ""},
	{"a bad HELLO", "PLAIN", plainGreeting + command("HELLO", "\x01u\x05p"), ""},
	{"an INITIATE", "PLAIN", plainGreeting + command("INITIATE", ""), ""},
	{"a stranger", "PLAIN", plainGreeting + plainHello("u", "p"), ""},
	{"a short HELLO", "CURVE", curveGreeting + command("HELLO", "\x01\x00"), ""},
	{"another version", "CURVE", curveGreeting + command("HELLO", "\x02\x00"+strings.Repeat("\x00", 192)), ""},
	{"a closed box", "CURVE", curveGreeting + command("HELLO", "\x01\x00"+strings.Repeat("\x00", 72)+strings.Repeat("\x07", 32)+strings.Repeat("\x00", 88)), ""},
	{"an INITIATE", "CURVE", curveGreeting + command("INITIATE", strings.Repeat("\x00", 248)), ""},
}

// TestInteropMonitor: our monitor reports a handshake that fails as libzmq's does,
// number for number, and also that the connection is over.
func TestInteropMonitor(t *testing.T) {
	keys := newKeys(t)
	for mechanism, ends := range map[string]struct {
		flags []string
		ours  Option
	}{
		"NULL":  {nil, with(nil)},
		"PLAIN": {[]string{"-o", "plain_server=1", "--allow", "joe:secret"}, plainStrict},
		"CURVE": {curveFlags(keys, nil), with(CurveServer(keys))},
	} {
		t.Run(mechanism, func(t *testing.T) {
			dir, err := os.MkdirTemp("/tmp", "zcat")
			try(t, err)
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			file, told := filepath.Join(dir, "endpoint"), filepath.Join(dir, "events")
			flags := append([]string{"--bind", anyPort, "--endpoint-file", file, "--events", told, "--timeout", "60", "-o", "handshake_ivl=500"}, ends.flags...)
			startLibzmq(t, Rep, flags...)
			theirs := awaitEndpoint(within(t), t, file)
			events, monitored := monitor(t)
			s := newSocket(t, Rep, monitored, ends.ours, func(o *Options) { o.HandshakeTimeout = 500 * time.Millisecond })
			ours := bind(t, s, anyPort)
			seen := 0
			for _, row := range badHandshakes {
				if row.mechanism != mechanism {
					continue
				}
				dialRaw(t, theirs).send(row.said)
				want := row.ours
				var lines []string
				eventually(t, func() bool {
					text, _ := os.ReadFile(told) // it may not be there yet
					lines = strings.Split(string(text), "\n")
					return strings.Count(string(text), "DISCONNECTED") > seen
				})
				if seen++; want == "" {
					want = failureIn(lines)
				}
				dialRaw(t, ours).send(row.said)
				e := events.await(EventHandshakeFailed, EventHandshakeProtocol, EventHandshakeAuth)
				if got := fmt.Sprint(e.Kind, " ", e.Value); got != want {
					t.Errorf("%s: %s, want %s", row.name, got, want)
				}
				if over := events.await(EventDisconnected, EventHandshakeDone, EventAccepted); over.Kind != EventDisconnected || over.Peer != e.Peer || over.Endpoint != ours {
					t.Errorf("%s: %+v", row.name, over)
				}
			}
		})
	}
}

// plainStrict is a PLAIN server that knows nobody.
func plainStrict(o *Options) {
	o.Security = PlainServer()
	o.Authorize = func(context.Context, *zap.Request) zap.Reply { return zap.Deny("unknown") }
}

// failureIn returns the failed handshake before libzmq's last DISCONNECTED.
func failureIn(lines []string) string {
	failure := ""
	for _, line := range lines {
		if strings.HasPrefix(line, "HANDSHAKE_FAILED") {
			failure = line
		}
	}
	return failure
}
