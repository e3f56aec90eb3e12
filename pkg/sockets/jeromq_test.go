package sockets

import (
	"os/exec"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// jeromqJar is that of Debian's JeroMQ 0.3.6, which speaks ZMTP 2.0.
const jeromqJar = "/usr/share/java/jeromq.jar"

// startJeroMQ makes a starter of JeroMQ's sockets.
func startJeroMQ(t *testing.T) func(*testing.T, Type, ...string) *libzmq {
	t.Helper()
	classes := t.TempDir()
	compile := exec.CommandContext(t.Context(), "javac", "-cp", jeromqJar, "-d", classes, "../../scripts/peers/JeroPeer.java")
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return func(t *testing.T, kind Type, flags ...string) *libzmq {
		t.Helper()
		program := []string{"java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", classes + ":" + jeromqJar, "JeroPeer"}
		return startPeer(t, program, kind, flags...)
	}
}

// jeromqPairs are the conversations with JeroMQ.
func jeromqPairs() map[[2]Type]func(ours, *libzmq) {
	pairs := interopPairs()
	pairs[[2]Type{XPub, XSub}] = func(o ours, z *libzmq) { // its XSUB sends nothing but subscriptions
		z.send(frames.Message{{1}})
		o.gets(frames.Message{{1}})
		for _, m := range interopMessages() {
			o.send(m)
			z.prints(m)
		}
	}
	return pairs
}
