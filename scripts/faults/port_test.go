//go:build linux

package faults

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The states of a connection that is over for its program but not for the kernel,
// as /proc/net/tcp writes them.
const (
	finWait1 = "04"
	timeWait = "06"
)

// remnants counts connections of a port that are in a state.
func (r *room) remnants(t *testing.T, port, state string) (n int) {
	t.Helper()
	number, err := strconv.Atoi(strings.TrimPrefix(port, ":"))
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	r.run(func() { text, err = os.ReadFile("/proc/thread-self/net/tcp") })
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) > 3 && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", number)) && fields[3] == state {
			n++
		}
	}
	return n
}

// TestPortReused restarts a listener at once on its port, while the kernel still
// holds what is left of its connections: it binds, and all clients return.
func TestPortReused(t *testing.T) {
	const clients = 100
	for i, c := range []struct {
		fault string
		cut   bool
		state string
	}{
		{"in TIME_WAIT", false, timeWait},
		{"half-open, the cable being cut", true, finWait1},
	} {
		t.Run(c.state, func(t *testing.T) {
			if i > 0 {
				long(t)
			}
			t.Parallel()
			line := newCable(t)
			server := with(zcat, "router", "-b", "tcp://"+addrB+port, "-v", "--echo")
			first := start(t, line.b, func([]byte) {}, server...)
			first.says(`listening on`, 1)
			out, said := lines(10 * clients)
			cast(t, line.a, out, "storm", "tcp://"+addrB+port, clients)
			for range clients {
				hear(t, said)
			}
			line.set(weather{cut: c.cut})
			if c.cut {
				first.kill() // its kernel closes the connection, which nobody learns
			} else {
				first.signal(syscall.SIGTERM)
				first.wantStatus(143)
			}
			left := 0
			until(t, "what is left of the connections", func() bool {
				left = max(left, line.b.remnants(t, port, c.state))
				return left > clients/2
			})
			begin := time.Now()
			second := start(t, line.b, func([]byte) {}, server...)
			second.says(`listening on`, 1)
			bound := time.Since(begin)
			if c.cut {
				pause(3 * time.Second)
			}
			line.set(weather{})
			begin = time.Now()
			for range clients {
				hear(t, said)
			}
			back := time.Since(begin)
			select {
			case more := <-said:
				t.Errorf("a client returned twice: %s", more)
			default:
			}
			noteFigure(figure{50 + i, fmt.Sprintf("listener restarted on its port, %d connections of the old one %s", left, c.fault), fmt.Sprintf(
				"bound %.2f s after it was started; all %d clients back %.1f s after it could be reached, each once", bound.Seconds(), clients, back.Seconds())})
		})
	}
}

// TestPortReusedUnderLoad kills a receiver behind a cable that is cut, and starts
// another on its port: clients whose connections are half-open notice and return.
func TestPortReusedUnderLoad(t *testing.T) {
	long(t)
	t.Parallel()
	const size, clients = 500, 5
	line := newCable(t)
	n := newCount(t, size)
	beat := []string{"--heartbeat", "300ms", "--heartbeat-timeout", "1", "-v"}
	server := slices.Concat(with(zcat, "pull", "-b", "tcp://"+addrB+port, "--hwm", strconv.Itoa(hwm)), buffers, beat)
	first := start(t, line.b, n.taker(), server...)
	var all []*process
	var feeders []*feeder
	for i := range clients {
		p := start(t, line.a, n.taker(), slices.Concat(with(zcat, "push", "-c", "tcp://"+addrB+port, "-l", "60"), buffers, beat)...)
		all = append(all, p)
		feeders = append(feeders, n.feedAs(fmt.Sprint("s", i), p, 1000))
		p.says(`is there, a PULL`, 1)
	}
	n.awaitTotal(1000)
	line.set(weather{cut: true})
	first.kill()
	begin := time.Now()
	second := start(t, line.b, n.taker(), server...)
	second.says(`listening on`, 1)
	bound := time.Since(begin)
	pause(time.Second)
	line.set(weather{})
	begin = time.Now()
	for _, p := range all {
		p.says(`is there, a PULL`, 2)
	}
	back := time.Since(begin)
	n.awaitTotal(n.total() + clients*1000)
	sent := 0
	for i, f := range feeders {
		sent += f.end()
		_ = all[i].stdin.Close()
		all[i].wantStatus(0)
	}
	second.signal(syscall.SIGTERM) // which prints what has been received
	second.wantStatus(143)
	<-second.read
	n.check(row{
		order: 330, fault: "receiver killed behind a cut cable and restarted on its port", between: fmt.Sprintf("%d PUSH to PULL, heartbeats", clients),
		promise:  "binds at once, half-open clients notice and return; what was in flight, and in a killed receiver, is lost",
		measured: fmt.Sprintf("bound after %.2f s, all clients back %.1f s after the cable was", bound.Seconds(), back.Seconds()), connections: 2,
	}, sent, clients*(inFlight/size+hwm)+inMemory/size)
}
