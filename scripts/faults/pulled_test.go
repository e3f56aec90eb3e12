//go:build linux

package faults

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// cutPatience bounds the wait after a long cut: the pauses of TCP grow to two
// minutes.
const cutPatience = 4 * time.Minute

// TestCable pulls the cable at one end while messages flow, without heartbeats:
// TCP goes on where it was.
func TestCable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		away  time.Duration
		short bool
	}{{time.Second, true}, {5 * time.Second, false}, {65 * time.Second, false}, {3 * time.Minute, false}} {
		t.Run(c.away.String(), func(t *testing.T) {
			if !c.short {
				long(t)
			}
			t.Parallel()
			line := newCable(t)
			n := newCount(t, 300)
			n.patience = cutPatience
			start(t, line.b, n.taker(), with(zcat, "pull", "-b", "tcp://"+addrB+port)...)
			push := start(t, line.a, n.taker(), with(zcat, "push", "-c", "tcp://"+addrB+port, "-l", "60")...)
			f := n.feedLines(push, 2000)
			n.await(500)
			line.a.sh(t, "ip link set "+device+" down")
			pause(c.away)
			line.a.sh(t, "ip link set "+device+" up")
			begin, behind := time.Now(), n.total()
			n.await(behind + 1000)
			back := time.Since(begin)
			sent := f.end()
			_ = push.stdin.Close()
			push.wantStatus(0)
			n.await(sent - 1)
			n.check(row{
				order: 200, fault: fmt.Sprintf("cable pulled for %v", c.away), between: "PUSH to PULL, no heartbeats",
				promise:  "all arrive, in order: TCP waits",
				measured: fmt.Sprintf("flowed again %.1f s after the cable was back", back.Seconds()),
			}, sent, 0)
		})
	}
}

// TestCableWithHeartbeats cuts the cable for longer than heartbeats allow: the
// connection is given up and made again, which loses what was in flight. How soon
// depends on the attempts to connect: one ends after 10 s and the next follows at
// once, while the system alone would try ever more rarely.
func TestCableWithHeartbeats(t *testing.T) {
	long(t)
	t.Parallel()
	for i, c := range []struct {
		away  time.Duration
		fault string
		flags []string
		most  time.Duration // until it is back; 0 is any time
	}{
		{0, "cable cut until both sides gave up", nil, 30 * time.Second},
		{20 * time.Second, "cable cut for 20 s", nil, 30 * time.Second},
		{20 * time.Second, "cable cut for 20 s, connect_timeout=1000", []string{"-o", "connect_timeout=1000", "--reconnect", "100ms..1"}, 30 * time.Second},
		{3 * time.Minute, "cable cut for 3 minutes", nil, 30 * time.Second},
		{3 * time.Minute, "cable cut for 3 minutes, connect_timeout=0 as in libzmq", []string{"-o", "connect_timeout=0"}, 0},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			const size = 500
			line := newCable(t)
			n := newCount(t, size)
			n.patience = cutPatience
			flags := with(buffers, "--heartbeat", "300ms", "--heartbeat-timeout", "1", "-v")
			pull := start(t, line.b, n.taker(), slices.Concat(with(zcat, "pull", "-b", "tcp://"+addrB+port), flags)...)
			push := start(t, line.a, n.taker(), slices.Concat(with(zcat, "push", "-c", "tcp://"+addrB+port, "-l", "60"), flags, c.flags)...)
			f := n.feedLines(push, 0)
			n.await(500)
			line.set(weather{cut: true})
			push.says(` left`, 1)
			pull.says(` left`, 1)
			pause(c.away)
			line.set(weather{})
			begin := time.Now()
			push.says(`is there, a PULL`, 2)
			back := time.Since(begin)
			if c.most > 0 && back > c.most {
				t.Errorf("back after %v", back)
			}
			n.await(n.total() + 1000)
			flows := time.Since(begin)
			sent := f.end()
			_ = push.stdin.Close()
			push.wantStatus(0)
			n.await(sent - 1)
			n.check(row{
				order: 210 + i, fault: c.fault, between: "PUSH to PULL, heartbeats",
				promise:     "reconnects; what was in flight is lost",
				measured:    fmt.Sprintf("connected %.1f s, flowed %.1f s after the cable was back", back.Seconds(), flows.Seconds()),
				connections: 2,
			}, sent, inFlight/size)
		})
	}
}
