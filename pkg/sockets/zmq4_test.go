package sockets

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// startZMQ4 makes a starter of go-zeromq/zmq4's sockets.
func startZMQ4(t *testing.T) func(*testing.T, Type, ...string) *libzmq {
	t.Helper()
	program := filepath.Join(t.TempDir(), "zmq4")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../scripts/peers/zmq4").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return func(t *testing.T, kind Type, flags ...string) *libzmq {
		t.Helper()
		return startPeer(t, []string{program}, kind, flags...)
	}
}

// zmq4Faults are what its sockets do otherwise than ZeroMQ's, by the type of theirs: the
// conversations with these go around it.
var zmq4Faults = map[Type]string{
	Rep:  "splits a request behind its last empty frame: no message has one",
	XPub: "shows no subscriptions, and nothing else that subscribers send",
}

// zmq4Pairs are the conversations with go-zeromq/zmq4.
func zmq4Pairs() map[[2]Type]func(ours, *libzmq) {
	pairs := interopPairs()
	theySend := func(o ours, z *libzmq) {
		for _, m := range interopMessages() {
			z.send(m)
			o.gets(m)
		}
	}
	pairs[[2]Type{Sub, XPub}] = theySend
	pairs[[2]Type{XSub, XPub}] = func(o ours, z *libzmq) {
		o.send(frames.Message{{1}})
		theySend(o, z)
	}
	for _, kind := range []Type{Req, Dealer} {
		var front []string
		if kind == Dealer {
			front = []string{"id", ""}
		}
		pairs[[2]Type{kind, Rep}] = func(o ours, z *libzmq) {
			for _, m := range interopMessages() {
				m = slices.DeleteFunc(m, func(frame []byte) bool { return len(frame) == 0 })
				o.send(withFront(m, front...))
				z.prints(m)
				z.send(m)
				o.gets(withFront(m, front...))
			}
		}
	}
	return pairs
}

// TestInteropZMQ4 has every legal pair talk with go-zeromq/zmq4, whichever side binds.
func TestInteropZMQ4(t *testing.T) {
	start := startZMQ4(t)
	for pair, talk := range zmq4Pairs() {
		for _, binds := range []bool{true, false} {
			t.Run(pair[0].String()+"-"+pair[1].String()+map[bool]string{true: "/we bind", false: "/zmq4 binds"}[binds], func(t *testing.T) {
				t.Parallel()
				interopWith(t, start, pair, "tcp", binds, talk, nil)
			})
		}
	}
}
