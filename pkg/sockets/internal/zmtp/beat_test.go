package zmtp

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/transport"
)

// beating is a Conn that is being read, in a bubble whose time is not real.
type beating struct {
	*Conn
	t     *testing.T
	far   net.Conn
	start time.Time
	sent  chan string // commands for the peer
	ended chan error  // what Read returned at the end
}

// inBubble runs do with a Conn that has the given heartbeat.
func inBubble(t *testing.T, h Heartbeat, do func(b *beating)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		b := &beating{t: t, far: far, start: time.Now(), sent: make(chan string, 1000), ended: make(chan error, 1)}
		b.Conn = NewConn(near, Peer{Major: 3, Minor: 1}, nil, Setup{Heartbeat: h, Control: func(wire []byte) { b.sent <- string(wire) }})
		go func() {
			for {
				slab, err := b.Read()
				if err != nil {
					b.ended <- err
					return
				}
				slab.Recycle()
			}
		}()
		do(b)
		b.Close()
		_ = far.Close()
	})
}

// after returns the time since the start, for comparison with the time when
// something is due.
func (b *beating) after() time.Duration { return time.Since(b.start) }

// expectPing waits for the next PING and checks when it comes.
func (b *beating) expectPing(at time.Duration) {
	b.t.Helper()
	if got := <-b.sent; !strings.HasPrefix(got, "\x04\x07\x04PING") || b.after() != at {
		b.t.Fatalf("%q after %v, want a PING after %v", got, b.after(), at)
	}
}

// expectSilent waits for the end of a peer that fell silent and checks when it comes.
func (b *beating) expectSilent(at time.Duration) {
	b.t.Helper()
	if err := <-b.ended; !errors.Is(err, errSilent) || b.after() != at {
		b.t.Fatalf("%v after %v, want the end after %v", err, b.after(), at)
	}
	if _, err := b.far.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		b.t.Errorf("connection not closed: %v", err)
	}
}

// expectAlive lets the time come and demands that the connection still lives.
func (b *beating) expectAlive(at time.Duration) {
	b.t.Helper()
	<-time.After(at - b.after())
	synctest.Wait()
	select {
	case err := <-b.ended:
		b.t.Fatalf("%v after %v", err, b.after())
	default:
	}
}

// say makes the peer send something at a given time.
func (b *beating) say(at time.Duration, said ...string) {
	b.t.Helper()
	b.expectAlive(at)
	if _, err := b.far.Write([]byte(strings.Join(said, ""))); err != nil {
		b.t.Fatal(err)
	}
}

// ping returns a PING with a TTL in tenths of a second.
func ping(ttl int) string { return cmd("PING", string([]byte{byte(ttl >> 8), byte(ttl)})) }

func TestC41PingEachInterval(t *testing.T) {
	inBubble(t, Heartbeat{Interval: 10 * time.Second, TTL: 4*time.Second + 250*time.Millisecond}, func(b *beating) {
		for i := range 5 {
			at := time.Duration(i+1) * 10 * time.Second
			if got := <-b.sent; got != ping(42) || b.after() != at {
				t.Fatalf("%q after %v", got, b.after())
			}
			b.say(at+time.Second, cmd("PONG"))
		}
	})
}

func TestC41SilenceEndsTheConnection(t *testing.T) {
	inBubble(t, Heartbeat{Interval: 10 * time.Second, Timeout: 25 * time.Second}, func(b *beating) {
		b.expectPing(10 * time.Second)
		b.expectPing(20 * time.Second)
		b.expectPing(30 * time.Second)
		b.expectSilent(35 * time.Second)
	})
}

// The default of the timeout is the interval.
func TestC41DefaultTimeout(t *testing.T) {
	inBubble(t, Heartbeat{Interval: 10 * time.Second}, func(b *beating) {
		b.expectPing(10 * time.Second)
		b.expectSilent(20 * time.Second)
	})
}

// Any input counts as life: data, any command, half a frame.
func TestC41AnyInputIsLife(t *testing.T) {
	for _, said := range []string{message("x"), cmd("WHAT"), "\x04\x00", "\x00", sizeOnly(0, 5)} {
		inBubble(t, Heartbeat{Interval: 10 * time.Second, Timeout: 3 * time.Second}, func(b *beating) {
			b.expectPing(10 * time.Second)
			b.say(12*time.Second, said)
			b.expectPing(20 * time.Second)
			b.expectSilent(23 * time.Second)
		})
	}
}

// Without an interval nothing is sent and nothing expected.
func TestNoHeartbeat(t *testing.T) {
	inBubble(t, Heartbeat{Timeout: time.Second, TTL: time.Second}, func(b *beating) {
		b.expectAlive(1000 * time.Hour)
		if len(b.sent) > 0 {
			t.Errorf("sent %q", <-b.sent)
		}
	})
}

func TestC40TTL(t *testing.T) {
	for ttl, want := range map[int]time.Duration{
		1: 100 * time.Millisecond, 3: 300 * time.Millisecond, 656: 65600 * time.Millisecond, 0xffff: 6553500 * time.Millisecond,
	} {
		inBubble(t, Heartbeat{}, func(b *beating) {
			b.say(time.Second, ping(ttl))
			b.expectSilent(time.Second + want)
		})
	}
}

// A TTL holds until the next input; 0 promises nothing.
func TestC40TTLEndsWithInput(t *testing.T) {
	inBubble(t, Heartbeat{}, func(b *beating) {
		b.say(0, ping(3))
		b.say(200*time.Millisecond, message("x"))
		b.say(time.Minute, ping(3))
		b.say(time.Minute+250*time.Millisecond, ping(0))
		b.expectAlive(time.Hour)
	})
}

// A long TTL does not put off what our own PING expects, nor the reverse.
func TestC41TheSoonerCounts(t *testing.T) {
	inBubble(t, Heartbeat{Interval: 10 * time.Second, Timeout: 2 * time.Second}, func(b *beating) {
		b.say(9*time.Second, ping(600))
		<-b.sent // the PONG
		b.expectPing(10 * time.Second)
		b.expectSilent(12 * time.Second)
	})
	inBubble(t, Heartbeat{Interval: 10 * time.Second, Timeout: time.Hour}, func(b *beating) {
		b.expectPing(10 * time.Second)
		b.say(11*time.Second, ping(20))
		<-b.sent
		b.expectSilent(13 * time.Second)
	})
}

// While this side does not read, the clock stands still; then it begins again.
func TestPauseSuspendsTheWatch(t *testing.T) {
	inBubble(t, Heartbeat{Interval: 10 * time.Second, Timeout: 3 * time.Second}, func(b *beating) {
		b.expectPing(10 * time.Second)
		b.Pause()
		b.expectPing(20 * time.Second)
		b.expectAlive(28 * time.Second)
		b.Resume()
		b.expectPing(30 * time.Second)
		b.expectSilent(31 * time.Second)
	})
	inBubble(t, Heartbeat{}, func(b *beating) {
		b.say(0, ping(3))
		synctest.Wait()
		b.Pause()
		b.expectAlive(time.Hour)
		b.Resume()
		b.expectSilent(time.Hour + 300*time.Millisecond)
	})
	// A promise made in a pause counts from the end of the pause.
	inBubble(t, Heartbeat{}, func(b *beating) {
		b.Pause()
		b.say(0, ping(30))
		b.say(time.Second, ping(3))
		b.say(2*time.Second, ping(50))
		b.expectAlive(time.Minute)
		b.Resume()
		b.expectSilent(time.Minute + 5*time.Second) // any input ends a promise
	})
	inBubble(t, Heartbeat{}, func(b *beating) {
		b.Pause()
		b.say(time.Second, ping(3))
		b.say(2*time.Second, message("x"))
		b.Resume()
		b.expectAlive(time.Hour)
	})
}

// connected returns the ends of a connection over tcp, ipc or inproc.
func connected(t *testing.T, scheme string) (near, far net.Conn) {
	t.Helper()
	where := map[string]string{"tcp": "tcp://127.0.0.1:*", "ipc": "ipc://" + filepath.Join(t.TempDir(), "s"), "inproc": "inproc://" + t.Name()}[scheme]
	parsed, err := transport.Parse(where)
	if err != nil {
		t.Fatal(err)
	}
	l, err := parsed.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if parsed, err = transport.Parse(l.Endpoint()); err != nil {
		t.Fatal(err)
	}
	dialed := make(chan net.Conn, 1)
	go func() {
		nc, err := parsed.Dial(t.Context())
		if err != nil {
			t.Error(err)
		}
		dialed <- nc
	}()
	if near, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	if far = <-dialed; far == nil {
		t.FailNow()
	}
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	return near, far
}

// A peer whose bytes wait unread is not silent, however long this side takes: this
// side is late.
func TestUnreadIsNoSilence(t *testing.T) {
	for _, network := range []string{"tcp", "ipc", "inproc"} {
		t.Run(network, func(t *testing.T) {
			near, far := connected(t, network)
			if _, known := transport.InQueue(near); !known {
				t.Skip("nobody counts what is unread here")
			}
			c := NewConn(near, Peer{Major: 3, Minor: 1}, nil, Setup{Control: func([]byte) {}})
			defer c.Close()
			write := func(said string) {
				if _, err := io.WriteString(far, said); err != nil {
					t.Fatal(err)
				}
			}
			write(message("a") + ping(1))
			slab, err := c.Read()
			if err != nil || string(slab.Wire) != message("a") {
				t.Fatalf("%q, %v", slab.Wire, err)
			}
			write(message("b"))
			for range 3 { // each time that the promise was due
				due := c.beatDue()
				for c.beatDue().Equal(due) {
					runtime.Gosched()
				}
			}
			if slab, err := c.Read(); err != nil || string(slab.Wire) != message("b") {
				t.Fatalf("%q, %v", slab.Wire, err)
			}
			write(ping(1))
			if _, err := c.Read(); !errors.Is(err, errSilent) {
				t.Fatal(err)
			}
		})
	}
}

func (c *Conn) beatDue() time.Time {
	c.beat.mu.Lock()
	defer c.beat.mu.Unlock()
	return c.beat.due
}

// Close ends the watch: nothing is sent any more, and the end is no silence.
func TestCloseEndsTheBeat(t *testing.T) {
	inBubble(t, Heartbeat{Interval: 10 * time.Second, Timeout: 3 * time.Second}, func(b *beating) {
		b.expectPing(10 * time.Second)
		b.Close()
		if err := <-b.ended; errors.Is(err, errSilent) || b.after() != 10*time.Second {
			t.Errorf("%v after %v", err, b.after())
		}
		<-time.After(time.Hour)
		if len(b.sent) > 0 {
			t.Errorf("sent %q", <-b.sent)
		}
	})
}

// Two of our own keep each other alive without any message of the application.
func TestC41TwoOfUs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		h := Heartbeat{Interval: time.Second, Timeout: time.Second, TTL: 2 * time.Second}
		ended := make(chan error, 2)
		var conns []*Conn
		for _, nc := range []net.Conn{a, b} {
			c := NewConn(nc, Peer{Major: 3, Minor: 1}, nil, Setup{Heartbeat: h, Control: func(wire []byte) {
				go func() { _, _ = nc.Write(wire) }() // one that comes too late is lost
			}})
			conns = append(conns, c)
			go func() {
				_, err := c.Read()
				ended <- err
			}()
		}
		<-time.After(time.Hour)
		if len(ended) > 0 {
			t.Error(<-ended)
		}
		for _, c := range conns {
			c.Close()
		}
		<-ended
		<-ended
	})
}
