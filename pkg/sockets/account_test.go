package sockets

import (
	"context"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/curve"
)

// What strangers can make a socket hold is in its accounts: the heap is never
// larger than they say, plus the cost of each peer that holds nothing.

const (
	// accountLimit is Options.MaxMemory of these tests, accountMessage MaxSize.
	accountLimit, accountMessage = 16 << 20, 8 << 20
	// peerCost is the memory of a peer besides that in the accounts, in bytes: its
	// goroutine, its queues, a little that counts as none.
	peerCost = 32 << 10
	// accountSlack is the part of the heap that is no peer's: buffers kept for
	// reuse, and the memory of the tests.
	accountSlack = 4 << 20
)

// hoard is an attack on memory by another process.
type hoard struct {
	attack

	kind    Type
	opts    Option
	fills   bool                      // it fills the account of what comes in
	peers   int                       // how many there are then, or are in their handshake
	publish func(*testing.T, *Socket) // what the socket does meanwhile
}

func hoards() []hoard {
	filler := strings.Repeat("x", accountMessage/2)
	crowd := func(n int, first, again string) func(a *attackers) {
		return func(a *attackers) {
			for range n {
				a.pour(first, again)
			}
		}
	}
	push := greeting(1) + ready("PUSH")
	return []hoard{
		{attack: attack{name: "tiny messages", start: crowd(40, push, strings.Repeat(message(""), 4096))}, kind: Pull, fills: true, peers: 40},
		{attack: attack{name: "messages", start: crowd(40, push, strings.Repeat(message(filler[:1000]), 100))}, kind: Pull, fills: true, peers: 40},
		{attack: attack{name: "large messages", start: crowd(40, push, message(filler))}, kind: Pull, fills: true, peers: 40},
		{attack: attack{name: "halves of messages", start: crowd(40, push+header(0, accountMessage)+filler, "")}, kind: Pull, fills: true, peers: 40},
		{attack: attack{name: "messages without end", start: crowd(40, push, strings.Repeat(frame(1, filler[:1000]), 100))}, kind: Pull, fills: true, peers: 40},
		{attack: attack{name: "parts of nothing", start: crowd(40, push, strings.Repeat(frame(1, ""), 4096)+frame(0, ""))}, kind: Pull, fills: true, peers: 40},
		{attack: attack{name: "sealed messages", start: func(a *attackers) {
			for range 20 {
				a.pushSealed(filler[:1<<20])
			}
		}}, kind: Pull, opts: with(CurveServer(attackedKeys())), fills: true, peers: 20},
		{attack: attack{name: "long names", start: crowd(500, greeting(1)+ready("DEALER")+message(filler[:100]), "")}, kind: Router, peers: 500},
		{attack: attack{name: "hundreds of properties", start: crowd(500, greeting(1)+manyProperties("PUSH"), "")}, kind: Pull, peers: 500},
		{attack: attack{name: "news unread", start: crowd(40, greeting(1)+ready("SUB")+subscription(1, false, ""), "")}, kind: Pub, peers: 40, publish: publishUnread},
		{attack: attack{name: "halves of handshakes", start: crowd(1500, greeting(1)+sizeOnly(4, 4096)+filler[:4095], "")}, kind: Pull, opts: func(o *Options) { o.MaxPeers = 100 }, peers: minGreeters},
	}
}

// attacksOnMemory are those of hoards, for the other process.
func attacksOnMemory() []attack {
	var all []attack
	for _, h := range hoards() {
		all = append(all, h.attack)
	}
	return all
}

// manyProperties returns a READY with as many properties as are accepted.
func manyProperties(peerType string) string {
	data := prop("Socket-Type", peerType)
	for i := 0; len(data) < 4<<10-20; i++ {
		data += prop(string([]byte{byte(i>>8) + 1, byte(i)}), "")
	}
	return command("READY", data)
}

// pushSealed sends through CURVE until the attack is over.
func (a *attackers) pushSealed(text string) {
	keys, err := curve.Generate()
	if err != nil {
		return
	}
	s, err := New(Push, with(CurveClient(attackedKeys().Public, keys)), func(o *Options) { o.Linger = 0 })
	if err != nil || s.Connect(a.endpoint) != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	a.running.Go(func() {
		<-a.over
		cancel()
	})
	a.running.Go(func() {
		for s.Send(ctx, frames.Strings(text)) == nil {
		}
		_ = s.Close() // nothing of it matters
	})
}

// publishUnread publishes until subscribers miss some of it.
func publishUnread(t *testing.T, s *Socket) {
	t.Helper()
	try(t, s.WaitSubscribers(within(t), 40, nil))
	for s.Stats().Dropped == 0 {
		sendParts(t, s, strings.Repeat("n", 50<<10))
	}
}

// accounts returns the bytes in the accounts of s: what came in, and what is to go
// out.
func accounts(s *Socket) int64 { return int64(s.holds()) + s.outgoing.Held() }

// TestAccountIsTheHeap: see hoards.
func TestAccountIsTheHeap(t *testing.T) {
	for _, h := range hoards() {
		t.Run(h.name, func(t *testing.T) {
			s := newSocket(t, h.kind, func(o *Options) {
				o.MaxMemory, o.MaxSize = accountLimit, accountMessage
				o.RecvHWM, o.SendHWM = 0, 0 // the bytes alone count
				if h.opts != nil {
					h.opts(o)
				}
			})
			endpoint := bind(t, s, anyPort)
			for range 3 {
				footprint() // what others have left for use again goes
			}
			before := footprint()
			h.launch(t, endpoint)
			if h.publish != nil {
				h.publish(t, s)
			}
			eventually(t, func() bool {
				if h.fills {
					return s.holds() > accountLimit*3/4
				}
				return max(s.Stats().Peers, greetersOf(s)) >= h.peers
			})
			apart := int64(h.peers*peerCost + accountSlack)
			// Whatever goes on, with what waits to be collected never more than three times
			// the limits together and a message more.
			const most = 3 * (3*accountLimit + accountMessage)
			for range 20 {
				if grown := footprint() - before; grown > most+apart {
					t.Fatalf("the heap grew by %d bytes, %d are in the accounts", grown, accounts(s))
				}
			}
			// And in the end no more than is in the accounts.
			var grown, held int64
			defer func() { t.Logf("the heap grew by %d KiB, %d KiB are in the accounts", grown>>10, held>>10) }()
			eventually(t, func() bool {
				held, grown = accounts(s), footprint()-before
				return grown <= max(held, accounts(s))+apart
			})
		})
	}
}
