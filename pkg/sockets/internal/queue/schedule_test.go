package queue

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// slowConn takes random amounts, and waits before that as long as gate is closed.
// The bytes that it took are those that a peer would have.
type slowConn struct {
	mu     sync.Mutex
	r      *rand.Rand
	local  bool
	taken  []byte
	calls  int // at a time
	gate   chan struct{}
	within chan struct{} // has room for one: a write is waiting
	ended  bool
}

var errEnded = errors.New("the connection has ended")

func newSlowConn(seed uint64, local bool) *slowConn {
	c := &slowConn{r: rand.New(rand.NewPCG(seed, 2)), local: local, gate: make(chan struct{}), within: make(chan struct{}, 1)}
	close(c.gate)
	return c
}

// shut makes writes wait until the function that it returns is called.
func (c *slowConn) shut() (open func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	gate := make(chan struct{})
	c.gate = gate
	return func() { close(gate) }
}

func (c *slowConn) TryWrite(wire []byte) (int, error) {
	c.mu.Lock()
	gate := c.gate
	c.calls++
	if c.calls > 1 {
		panic("two write at a time")
	}
	c.mu.Unlock()
	select {
	case <-gate:
	default:
		c.within <- struct{}{}
		<-gate
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls--
	if c.ended {
		return 0, errEnded
	}
	n := len(wire)
	if c.r.IntN(2) == 0 {
		n = c.r.IntN(n + 1)
	}
	c.taken = append(c.taken, wire[:n]...)
	return n, nil
}

func (c *slowConn) WriteSteps(step func(write func([]byte) (int, error)) bool) error {
	for !step(c.TryWrite) {
	}
	return nil
}

// WriteWithin makes one attempt, and so may find that nothing is taken.
func (c *slowConn) WriteWithin(_ time.Duration, step func(write func([]byte) (int, error)) bool) (bool, error) {
	return step(c.TryWrite), nil
}

func (c *slowConn) Lends() bool { return !c.local }

func (c *slowConn) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
}

func (c *slowConn) EndWriting()   { c.Close() }
func (*slowConn) Rethink()        {}
func (c *slowConn) Local() bool   { return c.local }
func (c *slowConn) Sent() int64   { return 0 }
func (c *slowConn) read() []byte  { c.mu.Lock(); defer c.mu.Unlock(); return bytes.Clone(c.taken) }
func (c *slowConn) isEnded() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.ended }

// TestOutboxWaitsForNoWriter: while a write does not return, looking at the outbox,
// queueing, ending a connection and closing wait for nothing; and messages queued
// meanwhile follow.
func TestOutboxWaitsForNoWriter(t *testing.T) {
	begins := map[string]func(o *Outbox){
		"lent": func(o *Outbox) {
			o.Arrange(Policy{Paced: true})
			o.OfferLent(lend([]byte(message("first")), 3), never)
		},
		"offered":  func(o *Outbox) { o.Offer([]byte(message("first")), 1, nil) },
		"answered": func(o *Outbox) { o.Answer([]byte(message("first")), 1, Load{}, nil) },
		"flushed": func(o *Outbox) {
			o.Put([]byte(message("first")), 1)
			o.Flush()
		},
		"a command": func(o *Outbox) {
			o.Command([]byte(message("first")), false)
			o.Flush()
		},
	}
	for name, begin := range begins {
		for _, ending := range []string{"goes on", "is gone", "is closed"} {
			t.Run(name+", "+ending, func(t *testing.T) {
				var o Outbox
				o.Open(Settings{Marks: Marks{Messages: 10}, Returns: true, Wake: func() {}, Freed: func() {}})
				conn := newSlowConn(1, false)
				o.Online(conn)
				open := conn.shut()
				written := make(chan struct{})
				go func() {
					defer close(written)
					begin(&o)
				}()
				<-conn.within
				o.Arrange(Policy{Paced: true, Reoffered: true})
				if !o.RoomFor() || o.Drained() || o.Unreachable() || o.Crowded() || o.Closed() {
					t.Error("it is not what it was")
				}
				_, _ = o.Waiting(), o.Owe([]byte(message("request")), 1)
				_, _ = o.Progress()
				o.Waive(Load{1, len(message("request"))})
				if !o.Queue([]byte(message("second"))) || o.Put([]byte(message("third")), 1) != 1 {
					t.Error("there is no room")
				}
				o.Command([]byte(command("PONG", "")), true)
				o.Flush()
				switch ending {
				case "goes on":
					open()
					<-written
					eventually(t, o.Drained)
					got := string(conn.read())
					for _, want := range []string{message("second") + message("third"), command("PONG", ""), message("first")} {
						if strings.Count(got, want) != 1 {
							t.Errorf("%q is not in %q, or twice", want, got)
						}
					}
				case "is gone":
					o.Offline(conn)
					next := newSlowConn(2, false)
					o.Online(next)
					open()
					<-written
					eventually(t, o.Drained)
					if got, want := string(next.read()), message("second")+message("third"); strings.Count(got, want) != 1 {
						t.Errorf("the next got %q, want %q in it", got, want)
					}
				case "is closed":
					o.Close()
					if conn.isEnded() {
						t.Error("Close does not wait, and so leaves the connection")
					}
					open()
					o.Clear()
					if !conn.isEnded() {
						t.Error("Clear leaves the connection open")
					}
					<-written
				}
				o.Drop()
			})
		}
	}
}

// TestOutboxSchedules: senders, answers and commands come at the same time,
// connections take parts and end in the middle of writes. A connection got whole
// messages and commands, except at its end; those of each sender are in order, none
// comes twice, and only those are missing that still wait or were on a lost
// connection.
func TestOutboxSchedules(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			var o Outbox
			o.Open(Settings{Marks: Marks{Messages: 1 + r.IntN(20), Bytes: 200 + r.IntN(2000)}, Returns: true, Wake: func() {}, Freed: func() {}})
			local := seed%3 == 0
			var conns []*slowConn
			connect := func() {
				c := newSlowConn(seed*100+uint64(len(conns)), local)
				conns = append(conns, c)
				o.Online(c)
			}
			connect()
			o.Arrange(Policy{Paced: true})
			taken := make([]int, 3) // messages of each sender
			var senders sync.WaitGroup
			for who := range taken {
				senders.Go(func() {
					r := rand.New(rand.NewPCG(seed, uint64(who)))
					for range 200 {
						wire, count := []byte{}, 1+r.IntN(3)
						for i := range count {
							wire = append(wire, message(strconv.Itoa(who), strconv.Itoa(taken[who]+i), strings.Repeat("x", r.IntN(300)))...)
						}
						switch who {
						case 0:
							if first, _ := framing.CutMessage(wire); r.IntN(2) == 0 && o.OfferLent(lend(first, r.IntN(len(first))), never) {
								taken[who]++
								continue
							}
							_, n := o.Offer(wire, count, nil)
							taken[who] += n
						case 1:
							if o.Answer(wire, count, Load{}, nil) {
								taken[who] += count
							}
						case 2:
							taken[who] += o.Put(wire, count)
							o.Command([]byte(command("PONG", "x")), true)
							o.Flush()
						}
					}
				})
			}
			done := make(chan struct{})
			go func() {
				senders.Wait()
				close(done)
			}()
			for over := false; !over; {
				select {
				case <-done:
					over = true
				default:
					last := conns[len(conns)-1]
					if r.IntN(50) == 0 {
						last.Close() // a write fails first
					} else if r.IntN(50) == 0 {
						o.Offline(last)
						last.Close()
						connect()
					}
					_, _ = o.Waiting(), o.RoomFor()
				}
			}
			o.Offline(conns[len(conns)-1])
			conns[len(conns)-1].Close()
			connect() // the last one may have ended, by too many commands for one
			eventually(t, o.Drained)
			o.Drop()
			next := make([]int, len(taken))
			for _, c := range conns {
				readWhole(t, string(c.read()), next)
			}
			for who, n := range next {
				if n != taken[who] {
					t.Errorf("%d messages of sender %d came, %d were taken", n, who, taken[who])
				}
			}
		})
	}
}

// readWhole reads what one connection got: each message is the next of its sender.
// One that is cut off at its end comes again on the next.
func readWhole(t *testing.T, wire string, next []int) {
	t.Helper()
	for len(wire) > 0 {
		var parts []string
		rest := wire
		for more := true; more; {
			flags, size, header := framing.ParseHeader([]byte(rest[:min(len(rest), framing.MaxHeader)]))
			if header == 0 || uint64(len(rest)-header) < size {
				return
			}
			body := rest[header : header+int(size)]
			rest = rest[header+int(size):]
			if flags&framing.FlagCommand != 0 {
				if len(parts) > 0 || !strings.HasPrefix(body, "\x04PONG") {
					t.Fatalf("a command %q behind %q", body, parts)
				}
				break
			}
			parts, more = append(parts, body), flags&framing.FlagMore != 0
		}
		wire = rest
		if len(parts) == 0 {
			continue
		}
		who, err := strconv.Atoi(parts[0])
		try(t, err)
		if parts[1] != strconv.Itoa(next[who]) {
			t.Fatalf("message %s of sender %d, want %d", parts[1], who, next[who])
		}
		next[who]++
	}
}

// stuckConn takes nothing. Of the writes of WriteSteps, the first returns once it may.
type stuckConn struct {
	slowConn
	within, may, did, end chan struct{}
}

func (*stuckConn) TryWrite([]byte) (int, error) { return 0, nil }

func (c *stuckConn) WriteSteps(step func(write func([]byte) (int, error)) bool) error {
	step(func([]byte) (int, error) {
		close(c.within)
		<-c.may
		return 0, nil
	})
	close(c.did)
	<-c.end
	return errEnded
}

// Who found room in an outbox gets its messages into it, also where that room was that of
// messages in the hands of a write, which then took none of them.
func TestOutboxTakesWhatItHadRoomFor(t *testing.T) {
	for _, long := range []bool{false, true} {
		var o Outbox
		o.Open(Settings{Marks: Marks{2, 0}, Wake: func() {}})
		c := &stuckConn{within: make(chan struct{}), may: make(chan struct{}), did: make(chan struct{}), end: make(chan struct{})}
		o.Online(c)
		wire := []byte(message("1") + message("2"))
		if long {
			wire = []byte(message(strings.Repeat("1", LongRest)) + message("2"))
		}
		if _, n := o.Offer(wire, 2, nil); n != 2 {
			t.Fatalf("%d taken", n)
		}
		<-c.within
		if n := o.Room(wire, 2, false); n != 2 {
			t.Fatalf("room for %d", n)
		}
		close(c.may)
		<-c.did
		var kept SharedCopy
		kept.Begin(wire)
		taken := o.OfferAll(wire, 2, &kept) && o.QueueAll(wire, 2, &kept)
		kept.End()
		if n := o.Waiting(); !taken || n != 6 {
			t.Errorf("%v, %d wait, want 6", taken, n)
		}
		close(c.end)
		o.Drop()
		if o.OfferAll(wire, 2, nil) || o.QueueAll(wire, 2, nil) {
			t.Error("a dropped outbox takes messages")
		}
	}
}
