//go:build linux

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// under returns a command line that runs with a file in place of /etc/hosts.
func under(hosts string, argv []string) []string {
	return with([]string{"unshare", "-m", "sh", "-c", `mount --bind "$0" /etc/hosts && exec "$@"`, hosts}, argv...)
}

// TestName connects to a name that does not resolve yet, then stands for one
// machine, then for another.
func TestName(t *testing.T) {
	long(t)
	const size = 500
	const second = "10.77.0.3"
	line := newCable(t)
	line.b.sh(t, "ip addr add "+second+"/24 dev "+device)
	hosts := filepath.Join(t.TempDir(), "hosts")
	know := func(text string) {
		if err := os.WriteFile(hosts, []byte(text), 0o644); err != nil { // in place, for it is mounted
			t.Fatal(err)
		}
	}
	know("127.0.0.1 localhost\n")
	n := newCount(t, size)
	push := start(t, line.a, n.taker(), slices.Concat(under(hosts, with(zcat, "push", "-c", "tcp://service.test"+port, "-v", "-l", "60", "--reconnect", "100ms..500ms")), buffers)...)
	f := n.feedLines(push, 1000)
	pull := start(t, line.b, n.taker(), with(zcat, "pull", "-b", "tcp://"+addrB+port, "--hwm", fmt.Sprint(hwm))...)
	push.says(`again in`, 3)
	know("127.0.0.1 localhost\n" + addrB + " service.test\n")
	begin := time.Now()
	n.awaitTotal(1000)
	later := time.Since(begin)
	know("127.0.0.1 localhost\n" + second + " service.test # moved\n")
	pull.kill()
	begin = time.Now()
	start(t, line.b, n.taker(), with(zcat, "pull", "-b", "tcp://"+second+port)...)
	n.awaitTotal(n.total() + 1000)
	moved := time.Since(begin)
	sent := f.end()
	_ = push.stdin.Close()
	push.wantStatus(0)
	n.await(sent - 1)
	n.check(row{
		order: 600, fault: "name that resolves later, then to another address", between: "PUSH to PULL",
		promise:  "looked up at each attempt; what was in flight at the move is lost",
		measured: fmt.Sprintf("reached %.1f s after it resolved, %.1f s after it moved", later.Seconds(), moved.Seconds()),
	}, sent, (inFlight+inMemory)/size+hwm)
}

// TestIPv6Only has machines without any IPv4.
func TestIPv6Only(t *testing.T) {
	line := newCable(t)
	for _, r := range []*room{line.a, line.b} {
		r.sh(t, "ip -4 addr flush dev "+device)
		r.sh(t, "ip -4 addr flush dev lo")
	}
	hosts := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(hosts, []byte(addr6B+" service.test\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	const trips = 200
	sent := 0
	n := newCount(t, 100)
	for i, c := range []struct{ bind, connect string }{
		{"tcp://[" + addr6B + "]:5556", "tcp://[" + addr6B + "]:5556"},
		{"tcp://*:5557", "tcp://service.test:5557"},
	} {
		sender := fmt.Sprint("s", i)
		start(t, line.b, func([]byte) {}, with(zcat, "rep", "-b", c.bind, "--echo")...)
		req := start(t, line.a, n.taker(), under(hosts, with(zcat, "req", "-c", c.connect))...)
		for k := range trips {
			if err := req.feed(n.line(sender, k) + "\n"); err != nil {
				t.Fatal(err)
			}
		}
		_ = req.stdin.Close()
		req.wantStatus(0)
		<-req.read
		sent += trips
	}
	n.check(row{order: 610, fault: "IPv6 only, by address and by name", between: "REQ and REP", promise: "no IPv4 is needed", measured: "-"}, sent, 0)
}
