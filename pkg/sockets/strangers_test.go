package sockets

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// What a stranger can do, as in the topic security, and the tests that attack each sentence
// of it:
//
//	neither crash, nor keep it from serving others   TestStrangers, TestC07Garbage, TestC09PeerLeavesInTheHandshake;
//	                                                 FuzzHandshake, FuzzRead and the like in internal/zmtp
//	the same over WebSocket                          TestWSStrangers, TestWSRefuses, TestWSHandshakeTimes,
//	                                                 TestWSMemoryOfFragments; FuzzAnswer, FuzzDecoder in internal/ws
//	what breaks the protocol ends its own link,      TestC14BrokenProtocol, TestC18EndlessMessage, TestStrangers
//	what came before it is delivered
//	a peer fills its own queues and no more:         TestAccountIsTheHeap, TestC17FlatMemory, TestPingFloodIsBounded,
//	a message, its queue, its subscriptions          TestSubscriptionStormIsBounded, TestPrefixLimits, TestC73Limit
//	peers that left hold a mark's worth together     TestUnreadOfGonePeersIsBounded, TestUnreadOfListenersIsBounded,
//	                                                 TestPartingNotificationsAreBounded
//	all together hold the memory that is allowed     TestAccountIsTheHeap (heap and accounts side by side), TestMemoryUnread,
//	and one message                                  TestMemoryOfHalfMessages, TestMemoryOfReplies, TestMemoryOfWork,
//	                                                 TestMemoryOfSubscriptions, TestMemoryIsShared, TestMemoryOfOneLargeMessage
//	room for those that need little                  TestMemoryOfHalfMessages, TestMemoryOfSubscriptions
//	who keeps much and hardly moves is sent away     TestMemoryOfHalfMessages, TestMemoryOfReplies
//	places: only finished handshakes count           TestMaxPeers, TestC08SilentPeersHoldNoPlace, TestTheLastWordKeepsItsPromise
//	the others end after their time                  TestC08SilentPeers, TestStrangers ("dribbles its greeting")
//	and the oldest of the largest crowd makes room   TestOldestHandshakeMakesRoom, TestCrowdsMakeRoom, TestC10ManySilentConnections
//	who hangs up holds no place and costs no turn    TestHangUpWhileAuthorized; TestCurveHangUp in internal/zmtp
//	bandwidth and processors: each has its turn      TestUnderAttack, TestServersUnderAttack, TestC86InteropFlood,
//	                                                 TestHelloFlood, TestCurveSilenceHoldsNoTurn; internal/turns, plain
//	events: the rest is summed up                    TestAcceptFailuresAreTold; internal/throttle and events_test.go in cmd/zcat

// stranger is a peer that means harm, or knows no better. Whatever it does, a
// good peer is served, memory stays flat and nothing is left behind.
type stranger struct {
	name string
	// say is all that it does; its connection was just accepted, and say does its
	// handshake.
	say func(p *rawPeer)
	// ends says that the socket closes the connection of its own accord.
	ends      bool
	late      bool     // it does so when the time of the handshake is over
	delivered []string // messages of one frame that may arrive
}

// limited sets the limits that strangers run into.
func limited(o *Options) {
	o.MaxSize, o.MaxFrames, o.MaxSubscriptions, o.MaxPrefix = 1000, 3, 2000, 1<<20
	o.HandshakeTimeout = time.Second
}

// said returns a stranger that sends text and waits.
func said(name, text string) stranger {
	return stranger{name: name, ends: true, say: func(p *rawPeer) { p.send(text) }}
}

// ignored returns a DEALER that sends something harmless.
func ignored(name string, text ...string) stranger {
	return stranger{name: name, delivered: []string{"after"}, say: func(p *rawPeer) {
		p.greet(1)
		p.ready("DEALER")
		p.send(text...)
		p.send(message("after"))
	}}
}

// oldDealer is the greeting of a DEALER in ZMTP 2.0.
var oldDealer = greeting(1)[:10] + "\x01\x05\x00\x00"

// strangersToRouter lists the strangers that a ROUTER has to bear.
func strangersToRouter() []stranger {
	var list []stranger
	for _, name := range slices.Sorted(maps.Keys(handshakesThatFail)) { // C5 to C7, C29, C31 to C35
		list = append(list, said(name, handshakesThatFail[name].said))
	}
	for _, b := range breaches { // C14 to C18, C39
		row := said(cutShort(b.said), greeting(1)+ready("DEALER")+message("before")+b.said+message("never"))
		row.delivered = []string{"before"}
		list = append(list, row)
	}
	whole := greeting(1) + ready("DEALER") + frame(1, "part")
	for _, n := range []int{0, 1, 10, 11, 63, 64, 65, len(whole) - 1, len(whole)} { // C9, C20
		list = append(list, stranger{name: fmt.Sprintf("leaves after %d bytes", n), say: func(p *rawPeer) {
			p.send(whole[:n])
			p.hangUp()
		}})
	}
	for _, text := range []string{silences[0], silences[4]} { // C8
		row := said("silent after "+cutShort(text), strings.Replace(text, "PUSH", "DEALER", 1))
		row.late = true
		list = append(list, row)
	}
	return append(list,
		stranger{name: "dribbles its greeting", ends: true, late: true, say: func(p *rawPeer) { // a slow writer has as little time
			tick := time.NewTicker(100 * time.Millisecond)
			defer tick.Stop()
			for _, b := range []byte(greeting(1)) {
				if _, err := p.Write([]byte{b}); err != nil {
					return
				}
				<-tick.C
			}
		}},
		said("2.0, identity without end", oldDealer[:12]+sizeOnly(0, 1<<40)),
		said("2.0, identity of 256 bytes", oldDealer[:12]+longFrame(0, strings.Repeat("x", 256))),
		said("2.0, forged routing id", oldDealer[:12]+message("\x00abcd")),
		said("2.0, unknown type", oldDealer[:11]+"\xff"),
		stranger{name: "2.0, command", ends: true, delivered: []string{"before"}, say: func(p *rawPeer) {
			p.send(oldDealer, message("before"), command("PING", "\x00\x00"), message("never"))
		}},
		stranger{name: "2.0, leaves in a message", delivered: []string{"before"}, say: func(p *rawPeer) {
			p.send(oldDealer, message("before"), frame(1, "part"))
			p.hangUp()
		}},
		said("command of 4097 bytes", greeting(1)+ready("DEALER")+sizeOnly(4, 4097)),
		said("ERROR with bytes for a terminal", greeting(1)+command("ERROR", "\x09\x1b[31m\n\x9b\xff")),
		said("type with bytes for a terminal", greeting(1)+ready("\x1b[31m\u202e")),
		said("property without end", greeting(1)+command("READY", "\x0bSocket-Type\xff\xff\xff\xff")),
		said("700 properties", greeting(1)+sizeOnly(4, 700*6+6)+"\x05READY"+strings.Repeat(prop("X", ""), 700)),
		said("50000 parts", greeting(1)+ready("DEALER")+strings.Repeat(frame(1, ""), 50000)), // C19
		said("message without end", greeting(1)+ready("DEALER")+strings.Repeat(frame(1, strings.Repeat("x", 500)), 1000)),
		ignored("unknown command", command("FOO", "bar")),                                                                           // C21
		ignored("truncated commands", frame(4, ""), frame(4, "\x09PI"), frame(4, "\xff")),                                           // C22
		ignored("second READY", ready("DEALER"), ready("FOO"), command("READY", "\xff")),                                            // C36
		ignored("PING of 21 bytes", command("PING", "\x00\x000123456789abcdefghijk")),                                               // C38
		ignored("PING without a TTL", command("PING", ""), command("PING", "\x00")),                                                 // C39
		ignored("ERROR", command("ERROR", "\x03400"), command("ERROR", "\xff")),                                                     // C33
		ignored("unasked PONG", command("PONG", "")),                                                                                // C42
		ignored("SUBSCRIBE to no publisher", command("SUBSCRIBE", "x"), command("CANCEL", "")),                                      // C69
		ignored("unknown commands, many", strings.Repeat(command(strings.Repeat("X", 255), letters), 5000)),                         // 5 MB
		ignored("PINGs, many, unread", strings.Repeat(command("PING", "\xff\xff0123456789abcdef"), 50000)),                          // 1.3 MB
		ignored("ERROR-like", command("ERRORS", "\x03400"), command("error", "\x03400"), frame(4, "\x04ERROR\x03400")),              // C33
		ignored("PING inside a message", frame(1, ""), command("PING", "\x00\x00"), frame(1, ""), frame(0, strings.Repeat("y", 9))), // C23
	)
}

var letters = strings.Repeat("abcdefghij", 20)

// subscriberSays returns a SUB that sends something.
func subscriberSays(name string, ends bool, text func() string) stranger {
	return stranger{name: name, ends: ends, say: func(p *rawPeer) {
		p.send(greeting(1), ready("SUB"), text())
	}}
}

// manySubscriptions returns subscriptions in both forms.
func manySubscriptions(n int, topic func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(subscription(i%2, false, topic(i)))
	}
	return b.String()
}

// strangersToPub lists the strangers that a PUB has to bear.
func strangersToPub() []stranger {
	megabyte := strings.Repeat("m", 1<<20)
	return []stranger{
		subscriberSays("junk", false, func() string { // C69
			return subscription(1, true, "never held") + message("junk") + message("\x02", "x") + message("", "") + message("\x01a", "b") + subscription(0, true, "")
		}),
		subscriberSays("many topics", false, func() string { // C73
			return manySubscriptions(2000, func(i int) string { return "topic." + strconv.Itoa(i) })
		}),
		subscriberSays("too many topics", true, func() string { // C73
			return manySubscriptions(2001, func(i int) string { return "topic." + strconv.Itoa(i) })
		}),
		subscriberSays("topics inside topics", false, func() string {
			return manySubscriptions(999, func(i int) string { return megabyte[:i] })
		}),
		subscriberSays("a megabyte", false, func() string { // C74
			return subscription(1, false, megabyte) + subscription(1, true, megabyte) + subscription(1, false, megabyte[1:])
		}),
		subscriberSays("more than a megabyte", true, func() string { return subscription(1, false, megabyte+"m") }),
		subscriberSays("an announced size of more", true, func() string { return sizeOnly(4, 1<<40) + "\x09SUBSCRIBE" }),
		subscriberSays("comes and goes", false, func() string {
			return strings.Repeat(subscription(1, false, "x")+subscription(1, true, "x")+subscription(0, false, "")+subscription(0, true, ""), 20000)
		}),
		subscriberSays("splits and joins", false, func() string {
			return subscription(1, false, "x"+megabyte[:1<<19]) + strings.Repeat(subscription(1, false, "x")+subscription(1, true, "x"), 20000)
		}),
		subscriberSays("subscribes inside a message", false, func() string {
			return frame(1, "") + strings.Repeat(command("SUBSCRIBE", megabyte[:1<<16]), 20)
		}),
		subscriberSays("libzmq's mistake, cut off", false, func() string { return "\x04\x00\x00\x00\x00\x00\x00\x01" }),
		subscriberSays("libzmq's mistake, of another", true, func() string { return "\x04\x00\x00\x00\x00\x00\x00\x01\xff\x09X" }),
		subscriberSays("a message over the limit", true, func() string { return message(strings.Repeat("x", 1001)) }),
	}
}

// crowd is a socket of ours with a good libzmq peer, which it has to serve.
type crowd struct {
	t      *testing.T
	s      *Socket
	z      *libzmq
	bound  string // the endpoint that strangers connect to; "" where we connect
	serve  func(n int, delivered []string)
	served int
	heap   uint64
}

// newCrowd lets a socket bind, or connect to a libzmq peer that does.
func newCrowd(t *testing.T, ours, theirs Type, transport string, bound bool) *crowd {
	t.Helper()
	c := &crowd{t: t, s: newSocket(t, ours, quickly, limited, func(o *Options) { o.Mandatory = ours == Router })}
	flags := []string{"--timeout", "60"}
	c.serve = c.echo
	if theirs == Dealer {
		flags = append(flags, "--echo", "--identity", "good")
	} else {
		flags = append(flags, "--subscribe", "good")
		c.serve = c.publish
	}
	if bound {
		c.bound = bind(t, c.s, endpointOn(t, transport))
		c.z = startLibzmq(t, theirs, append(flags, "--connect", c.bound)...)
	} else {
		dir, err := os.MkdirTemp("/tmp", "zcat")
		try(t, err)
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		file := filepath.Join(dir, "endpoint")
		c.z = startLibzmq(t, theirs, append(flags, "--bind", endpointOn(t, transport), "--endpoint-file", file)...)
		try(t, c.s.Connect(awaitEndpoint(within(t), t, file)))
	}
	if ours == Pub {
		try(t, c.s.WaitSubscribers(within(t), 1, []byte("good")))
	} else {
		try(t, c.s.WaitPeers(within(t), 1))
	}
	c.good(nil)
	c.heap = heapInUse()
	return c
}

// good proves that the good peer is served.
func (c *crowd) good(delivered []string) {
	c.t.Helper()
	c.served++
	c.serve(c.served, delivered)
}

// echo sends a message to the good peer and back; meanwhile only the delivered
// messages may come from others.
func (c *crowd) echo(n int, delivered []string) {
	c.t.Helper()
	body := strconv.Itoa(n)
	sendParts(c.t, c.s, "good", body)
	c.z.prints(frames.Strings(body))
	for {
		m, err := c.s.Recv(within(c.t))
		try(c.t, err)
		if string(m[0]) == "good" {
			if len(m) != 2 || string(m[1]) != body {
				c.t.Fatalf("received %s, want %s", spell(m), body)
			}
			return
		}
		if last := string(m[len(m)-1]); !slices.Contains(delivered, last) && last != strings.Repeat("y", 9) {
			c.t.Fatalf("a stranger's %s was delivered", spell(m))
		}
	}
}

func (c *crowd) publish(n int, _ []string) {
	c.t.Helper()
	sendParts(c.t, c.s, "good", strconv.Itoa(n))
	c.z.prints(frames.Strings("good", strconv.Itoa(n)))
}

// mostHeap is the memory that a stranger may make a limited socket hold: the
// buffers of one connection, including recycled ones.
const mostHeap = 8 << 20

// meet lets strangers in, which all act at the same time, serves the good peer
// meanwhile, and demands that everything is as before when they are gone.
func (c *crowd) meet(transport string, rows ...stranger) {
	t := c.t
	t.Helper()
	tasks := runtime.NumGoroutine()
	var listeners []*rawListener
	peers := make([]*rawPeer, len(rows))
	for i := range rows {
		if c.bound != "" {
			peers[i] = dialRaw(t, c.bound)
			continue
		}
		l := listenRaw(t, endpointOn(t, transport))
		try(t, c.s.Connect(l.endpoint))
		peers[i], listeners = l.accept(), append(listeners, l)
	}
	var said sync.WaitGroup
	for i, row := range rows[1:] {
		said.Go(func() { row.say(peers[1+i]) })
	}
	rows[0].say(peers[0])
	for _, row := range rows {
		c.good(row.delivered)
	}
	wantHeap(t, c.heap, mostHeap)
	for i, row := range rows {
		if row.ends {
			peers[i].expectClosed()
		} else {
			peers[i].hangUp()
		}
	}
	said.Wait()
	for _, l := range listeners {
		c.sendAway(l)
	}
	eventually(t, func() bool { return runtime.NumGoroutine() <= tasks })
	c.good(rows[0].delivered)
	// Buffers kept for reuse go at the second collection or the third.
	var heap uint64
	defer func() {
		if t.Failed() {
			t.Logf("afterwards the heap is %d bytes, %d before", heap, c.heap)
		}
	}()
	eventually(t, func() bool { heap = heapInUse(); return heap <= c.heap+mostHeap/8 })
}

// sendAway refuses the socket, if it comes back, until it gives up.
func (c *crowd) sendAway(l *rawListener) {
	c.t.Helper()
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(nc, greeting(1)+command("ERROR", "\x02no"))
			_, _ = io.Copy(io.Discard, nc) // until it is closed
			_ = nc.Close()
		}
	}()
	eventually(c.t, func() bool { return !c.s.dials(l.endpoint) })
	try(c.t, l.Close())
}

// dials reports whether the socket connects to endpoint still.
func (s *Socket) dials(endpoint string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for d := range s.dialers {
		if d.text == endpoint {
			return true
		}
	}
	return false
}

// run is meet in a test of its own.
func (c *crowd) run(t *testing.T, name, transport string, rows ...stranger) bool {
	t.Helper()
	return t.Run(name, func(t *testing.T) {
		c.t, c.z.t = t, t
		c.meet(transport, rows...)
	})
}

// C05 to C09, C14 to C23, C29, C31 to C36, C38, C39, C69, C73, C74: none of them
// harms a libzmq peer of the same socket, over tcp and ipc, whether we bound or
// connected.
func TestStrangers(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		for _, bound := range []bool{true, false} {
			for _, suite := range []struct {
				ours, theirs Type
				rows         []stranger
			}{{Router, Dealer, strangersToRouter()}, {Pub, Sub, strangersToPub()}} {
				t.Run(fmt.Sprintf("%s/%s/bound %t", suite.ours, transport, bound), func(t *testing.T) {
					c := newCrowd(t, suite.ours, suite.theirs, transport, bound)
					// Those whose time has to run out wait for it together.
					late := slices.DeleteFunc(slices.Clone(suite.rows), func(row stranger) bool { return !row.late })
					if len(late) > 0 && !c.run(t, "those who take their time", transport, late...) {
						return
					}
					for _, row := range suite.rows {
						if !row.late && !c.run(t, row.name, transport, row) {
							return
						}
					}
				})
			}
		}
	}
}
