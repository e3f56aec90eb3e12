package sockets

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// jeromqJar is that of Debian's JeroMQ 0.3.6, which speaks ZMTP 2.0.
const jeromqJar = "/usr/share/java/jeromq.jar"

// C06, C28: every legal pair talks with JeroMQ, whichever side binds.
func TestC28InteropJeroMQ(t *testing.T) {
	if os.Getenv("ZCAT_PEERS") == "" {
		t.Skip("make peers runs it")
	}
	classes := t.TempDir()
	compile := exec.CommandContext(t.Context(), "javac", "-cp", jeromqJar, "-d", classes, "../../scripts/peers/JeroPeer.java")
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	start := func(t *testing.T, kind Type, flags ...string) *libzmq {
		t.Helper()
		program := []string{"java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", classes + ":" + jeromqJar, "JeroPeer"}
		return startPeer(t, program, kind, flags...)
	}
	pairs := interopPairs()
	pairs[[2]Type{XPub, XSub}] = func(o ours, z *libzmq) { // its XSUB sends nothing but subscriptions
		z.send(frames.Message{{1}})
		o.gets(frames.Message{{1}})
		for _, m := range interopMessages() {
			o.send(m)
			z.prints(m)
		}
	}
	for pair, talk := range pairs {
		for _, binds := range []bool{true, false} {
			name := fmt.Sprintf("%s-%s %s", pair[0], pair[1], map[bool]string{true: "we bind", false: "JeroMQ binds"}[binds])
			t.Run(strings.ReplaceAll(name, " ", "/"), func(t *testing.T) {
				interopWith(t, start, pair, "tcp", binds, talk, nil)
			})
		}
	}
}
