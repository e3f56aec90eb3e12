package sockets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// eventually waits until cond holds, where no event reports it. It rests in between,
// as what it waits for may need the processor.
func eventually(t testing.TB, cond func() bool) {
	t.Helper()
	end := time.Now().Add(watchdog)
	for rest := time.Microsecond; !cond(); rest = min(2*rest, time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("what was waited for did not come about")
		}
		<-time.After(rest)
	}
}

// endpointOn returns an endpoint to bind that no other test uses.
func endpointOn(t testing.TB, transport string) string {
	t.Helper()
	switch transport {
	case "tcp", "ws":
		return transport + "://127.0.0.1:" + holdPort(t)
	case "ipc":
		dir, err := os.MkdirTemp("/tmp", "zcat") // a path that fits a socket's name
		try(t, err)
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		return "ipc://" + filepath.Join(dir, "socket")
	default:
		return transport + "://" + t.Name()
	}
}

// nowhere returns an endpoint that nobody listens on until the test does.
func nowhere(t testing.TB) string {
	t.Helper()
	return endpointOn(t, "ipc")
}

// briefly returns a context that ends soon, for calls that are meant to wait.
func briefly(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// expectWait expects that a call waits until its context ends.
func expectWait(t testing.TB, what string, call func(ctx context.Context) error) {
	t.Helper()
	if err := call(briefly(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%s: %v, want a wait to the end of the context", what, err)
	}
}

// expectError compares the kind of an error.
func expectError(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%s: error %v, want %v", what, err, want)
	}
}

// waiting returns the number of messages of all peers that wait in s to be
// received.
func waiting(s *Socket) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for p := range s.peers {
		n += p.in.Count()
	}
	return n
}

// settle proves that everything the peer has sent so far is in the socket's queues:
// a PONG may overtake what arrived with its PING, so a second PING is needed.
func (p *rawPeer) settle() {
	p.t.Helper()
	p.expectOpen()
	p.expectOpen()
}

// lane is one direction of one legal pair: a row of the conformance table.
type lane struct {
	from, to Type
	lossless Option // for the sender, where its type drops at the high-water mark
	drops    bool   // the sender drops where there is no peer, instead of waiting
	turns    bool   // each message has to be answered before the next
	out      func(m frames.Message) frames.Message
	in       func(m frames.Message) frames.Message
}

func (l lane) String() string {
	return strings.ToLower(l.from.String() + "-" + l.to.String())
}

const receiverID, senderID = "the receiver", "the sender"

// lanes lists every way that a message can take between two of our sockets.
func lanes() []lane {
	same := func(m frames.Message) frames.Message { return m }
	front := func(parts ...string) func(frames.Message) frames.Message {
		return func(m frames.Message) frames.Message { return frames.Join(frames.Strings(parts...), m) }
	}
	none := func(*Options) {}
	noDrop := func(o *Options) { o.NoDrop = true }
	mandatory := func(o *Options) { o.Mandatory = true }
	endless := func(o *Options) { o.SendHWM, o.SendHWMBytes = 0, 0 }
	return []lane{
		{from: Push, to: Pull, lossless: none, out: same, in: same},
		{from: Pair, to: Pair, lossless: none, out: same, in: same},
		{from: Pub, to: Sub, lossless: noDrop, drops: true, out: same, in: same},
		{from: Pub, to: XSub, lossless: noDrop, drops: true, out: same, in: same},
		{from: XPub, to: Sub, lossless: noDrop, drops: true, out: same, in: same},
		{from: XPub, to: XSub, lossless: noDrop, drops: true, out: same, in: same},
		{from: XSub, to: XPub, lossless: endless, drops: true, out: same, in: same},
		{from: Dealer, to: Dealer, lossless: none, out: same, in: same},
		{from: Dealer, to: Router, lossless: none, out: same, in: front(senderID)},
		{from: Dealer, to: Rep, lossless: none, turns: true, out: front(""), in: same},
		{from: Router, to: Dealer, lossless: mandatory, drops: true, out: front(receiverID), in: same},
		{from: Router, to: Router, lossless: mandatory, drops: true, out: front(receiverID), in: front(senderID)},
		{from: Router, to: Req, lossless: mandatory, drops: true, turns: true, out: front(receiverID, ""), in: same},
		{from: Req, to: Rep, lossless: none, turns: true, out: same, in: same},
		{from: Rep, to: Req, lossless: none, turns: true, out: same, in: same},
		{from: Rep, to: Dealer, lossless: none, turns: true, out: same, in: front("")},
		{from: Req, to: Router, lossless: none, turns: true, out: same, in: front(senderID, "")},
		{from: Scatter, to: Gather, lossless: none, out: same, in: same},
		{from: Client, to: Server, lossless: none, out: same, in: front(senderID)},
		{from: Server, to: Client, lossless: none, drops: true, out: front(receiverID), in: same},
		{from: Peering, to: Peering, lossless: none, drops: true, out: front(receiverID), in: front(senderID)},
		{from: Channel, to: Channel, lossless: none, out: same, in: same},
		{from: Radio, to: Dish, lossless: noDrop, drops: true, out: front("group"), in: front("group")},
	}
}

// sends returns m as the sender is to send it, once it has its peer.
func (l lane) sends(from *Socket, m frames.Message) frames.Message {
	return numberedFor(from, l.out(m))
}

// gets returns m as the receiver is to get it.
func (l lane) gets(to *Socket, m frames.Message) frames.Message { return numberedFor(to, l.in(m)) }

// numberedFor puts the number that a SERVER or PEER has given its only peer in the place
// of the routing id in m.
func numberedFor(s *Socket, m frames.Message) frames.Message {
	if !s.row.Numbered {
		return m
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.peers {
		return append(frames.Message{[]byte(p.id)}, m[1:]...)
	}
	return m
}

// text is a message of two words: one frame each, or one in all.
func (l lane) text(words ...string) frames.Message {
	if l.from.row().mostSent() > 0 {
		return frames.Strings(strings.Join(words, " "))
	}
	return frames.Strings(words...)
}

// sender makes the lane's sending socket, named id to a ROUTER.
func (l lane) sender(t testing.TB, id string) *Socket {
	t.Helper()
	return newSocket(t, l.from, l.lossless, named(l.from, id))
}

// receiver makes the lane's receiving socket, which wants everything.
func (l lane) receiver(t testing.TB) *Socket {
	t.Helper()
	s := newSocket(t, l.to, named(l.to, receiverID))
	if l.to == Sub || l.to == XSub {
		try(t, s.Subscribe(nil))
	}
	if l.to.Traits().Joins {
		try(t, s.Join([]byte("group")))
	}
	return s
}

// named gives a socket an identity if its type announces one.
func named(kind Type, id string) Option {
	return func(o *Options) {
		if kind.row().Announces {
			o.Identity = []byte(id)
		}
	}
}

// join connects two sockets and waits until both know it. The messages in which an
// XPUB shows subscriptions, by default the one to everything, are received.
func join(t testing.TB, bound, connecting *Socket, endpoint string, prefixes ...string) string {
	t.Helper()
	resolved := bind(t, bound, endpoint)
	try(t, connecting.Connect(resolved))
	if len(prefixes) == 0 {
		prefixes = []string{""}
	}
	for _, s := range []*Socket{bound, connecting} {
		try(t, s.WaitPeers(within(t), 1))
	}
	for _, pair := range [][2]*Socket{{bound, connecting}, {connecting, bound}} {
		if pub, sub := pair[0], pair[1]; publishes(pub) && interested(sub) {
			try(t, pub.WaitSubscribers(within(t), 1, nil))
			for _, prefix := range prefixes {
				if pub.Type() == XPub {
					expectParts(t, pub, "\x01"+prefix)
				}
			}
		}
	}
	return resolved
}

func publishes(s *Socket) bool { return s.Type().Traits().Publishes }

// interested reports whether s has subscribed to anything.
func interested(s *Socket) bool {
	found := false
	note := func([]byte) { found = true }
	s.mu.Lock()
	defer s.mu.Unlock()
	switch u := s.pattern.(type) {
	case *dish:
		u.joined.tree.Each(note)
	case *sub:
		u.tree.Each(note)
	case *xsub:
		u.tree.Each(note)
	}
	return found
}

// pass sends m through the lane and expects it whole at the other end. Types
// that take turns first get into the state for it, and leave it afterwards.
func (l lane) pass(t testing.TB, from, to *Socket, m frames.Message) {
	t.Helper()
	ctx := within(t)
	l.before(t, from, to)
	try(t, from.Send(ctx, l.sends(from, m)))
	got, err := to.Recv(ctx)
	if want := l.gets(to, m); err != nil || !slices.EqualFunc(got, want, bytes.Equal) {
		t.Fatalf("received %s, %v, want %s", spell(got), err, spell(want))
	}
	l.after(t, from, to)
}

// before asks the question that a lane of replies answers.
func (l lane) before(t testing.TB, from, to *Socket) {
	t.Helper()
	switch {
	case l.to == Req:
		sendParts(t, to, "question")
	case l.from == Rep:
		sendParts(t, to, "", "question")
	default:
		return
	}
	_, err := from.Recv(within(t))
	try(t, err)
}

// after answers a lane of requests.
func (l lane) after(t testing.TB, from, to *Socket) {
	t.Helper()
	switch {
	case l.to == Rep:
		sendParts(t, to, "answer")
	case l.from == Req:
		sendParts(t, to, senderID, "", "answer")
	default:
		return
	}
	_, err := from.Recv(within(t))
	try(t, err)
}

// TestPatterns puts the same questions to every pattern over every transport.
func TestPatterns(t *testing.T) {
	for _, transport := range transports {
		for _, l := range lanes() {
			t.Run(transport+"/"+l.String(), func(t *testing.T) {
				t.Run("shapes, bind to connect", func(t *testing.T) { l.shapes(t, transport, true) })
				t.Run("shapes, connect to bind", func(t *testing.T) { l.shapes(t, transport, false) })
				t.Run("order", func(t *testing.T) { l.order(t, transport) })
				t.Run("without a peer", func(t *testing.T) { l.alone(t, transport) })
				if l.gathers() {
					t.Run("several senders", func(t *testing.T) { l.several(t, transport) })
				}
				t.Run("close while waiting", func(t *testing.T) { l.closeWhileWaiting(t, transport) })
			})
		}
	}
}

// shapes sends messages of all shapes and of sizes around every boundary of the
// framing (C11, C13).
func (l lane) shapes(t *testing.T, transport string, senderBinds bool) {
	t.Helper()
	from, to := l.sender(t, senderID), l.receiver(t)
	if senderBinds {
		join(t, from, to, endpointOn(t, transport))
	} else {
		join(t, to, from, endpointOn(t, transport))
	}
	for _, m := range []frames.Message{
		frames.Strings("one frame"),
		frames.Strings(""),
		frames.Strings("a", "b", "c"),
		frames.Strings("", "a"),
		frames.Strings("a", ""),
		frames.Strings("a", "", "", "b"),
		frames.Strings("", "", ""),
	} {
		if most := l.from.row().MostFrames; most == 0 || len(l.out(m)) <= most {
			l.pass(t, from, to, m)
		}
	}
	for _, size := range []int{0, 1, 255, 256, 65535, 65536, 1 << 20} {
		body := bytes.Repeat([]byte{0xA5}, size)
		l.pass(t, from, to, frames.Message{body})
		if l.from.row().MostFrames == 0 {
			l.pass(t, from, to, frames.Message{[]byte("head"), body, []byte("tail")})
		}
	}
}

// order sends many messages, in batches, and expects each once and in its place.
func (l lane) order(t *testing.T, transport string) {
	t.Helper()
	from, to := l.sender(t, senderID), l.receiver(t)
	join(t, to, from, endpointOn(t, transport))
	if l.turns {
		for i := range 200 {
			l.pass(t, from, to, frames.Strings("message", strconv.Itoa(i)))
		}
		return
	}
	const count, batch = 10000, 100
	ctx := within(t)
	failed := make(chan error, 1)
	go func() {
		var b frames.Batch
		for i := range count {
			b.Append(l.sends(from, l.text("message", strconv.Itoa(i))))
			if b.Len() == batch {
				if err := from.SendBatch(ctx, &b); err != nil {
					failed <- err
					return
				}
			}
		}
		failed <- nil
	}()
	var b frames.Batch
	for i := 0; i < count; {
		try(t, to.RecvBatch(ctx, &b))
		for ; b.Len() > 0; i++ {
			got, want := b.Next(), l.gets(to, l.text("message", strconv.Itoa(i)))
			if !slices.EqualFunc(got, want, bytes.Equal) {
				t.Fatalf("message %d is %s", i, spell(got))
			}
		}
	}
	try(t, <-failed)
	if st := to.Stats(); st.Received != count {
		t.Errorf("received %d by the count", st.Received)
	}
	if st := from.Stats(); st.Sent != count || st.Dropped != 0 {
		t.Errorf("sent %d, dropped %d by the count", st.Sent, st.Dropped)
	}
}

// alone sends without a peer, and receives without one (C54, C60, C63, C76).
func (l lane) alone(t *testing.T, transport string) {
	t.Helper()
	from := newSocket(t, l.from)
	bind(t, from, endpointOn(t, transport))
	send := func(ctx context.Context) error { return from.Send(ctx, l.out(frames.Strings("for nobody"))) }
	switch {
	case l.from == Rep:
		expectError(t, "send", send(within(t)), ErrState)
	case l.from.Traits().Numbered:
		var unroutable *UnroutableError
		if err := send(within(t)); !errors.As(err, &unroutable) || string(unroutable.RoutingID) != receiverID {
			t.Errorf("sent to a peer that is not there: %v", err)
		}
	case l.drops:
		try(t, send(within(t)))
	default:
		expectWait(t, "send", send)
	}
	to := newSocket(t, l.to)
	recv := func(ctx context.Context) error {
		_, err := to.Recv(ctx)
		return err
	}
	if l.to == Req {
		expectError(t, "receive", recv(within(t)), ErrState)
	} else {
		expectWait(t, "receive", recv)
	}
}

// gathers reports whether one receiver may have several senders that send as
// they like.
func (l lane) gathers() bool {
	return !l.turns && !l.from.Traits().Exclusive && !l.from.Traits().Addressed
}

// several has three senders and one receiver, which gets everything, each sender's
// messages in order.
func (l lane) several(t *testing.T, transport string) {
	t.Helper()
	const senders, each = 3, 5
	to := l.receiver(t)
	endpoint := bind(t, to, endpointOn(t, transport))
	var all []*Socket
	for i := range senders {
		from := l.sender(t, strconv.Itoa(i))
		try(t, from.Connect(endpoint))
		try(t, from.WaitPeers(within(t), 1))
		if publishes(from) {
			try(t, from.WaitSubscribers(within(t), 1, nil))
		}
		all = append(all, from)
	}
	for n := range each {
		for i, from := range all {
			try(t, from.Send(within(t), l.sends(from, l.text(strconv.Itoa(i), strconv.Itoa(n)))))
		}
	}
	next := map[string]int{}
	for range senders * each {
		m, err := to.Recv(within(t))
		try(t, err)
		words := strings.Fields(string(bytes.Join(m, []byte(" "))))
		who, n := words[len(words)-2], words[len(words)-1]
		if n != strconv.Itoa(next[who]) {
			t.Fatalf("message %s of sender %s, want %d", n, who, next[who])
		}
		next[who]++
	}
}

// closeWhileWaiting closes sockets under a Send and a Recv that wait.
func (l lane) closeWhileWaiting(t *testing.T, transport string) {
	t.Helper()
	outcome := make(chan error, 2)
	waits := 0
	to := l.receiver(t)
	bind(t, to, endpointOn(t, transport))
	ctx := within(t)
	if l.to != Req {
		waits++
		go func() {
			_, err := to.Recv(ctx)
			outcome <- err
		}()
	}
	from := newSocket(t, l.from)
	if l.from != Rep && !l.drops {
		waits++
		go func() { outcome <- from.Send(ctx, l.out(frames.Strings("for nobody"))) }()
	}
	try(t, to.Close())
	try(t, from.Close())
	for range waits {
		expectError(t, "a call that waited", <-outcome, ErrClosed)
	}
	expectError(t, "send", from.Send(ctx, l.out(frames.Strings("late"))), ErrClosed)
	_, err := to.Recv(ctx)
	expectError(t, "receive", err, ErrClosed)
	expectError(t, "connect", from.Connect("inproc://late"), ErrClosed)
	_, err = from.Bind(ctx, "inproc://late")
	expectError(t, "bind", err, ErrClosed)
	expectError(t, "wait", to.WaitPeers(ctx, 1), ErrClosed)
	expectError(t, "close", to.Close(), ErrClosed)
}

// TestDirection asks every socket type for what its row of the table rules out.
func TestDirection(t *testing.T) {
	for _, kind := range zmtpTypes() {
		t.Run(kind.String(), func(t *testing.T) {
			ctx := within(t)
			s := newSocket(t, kind)
			if !kind.Sends() {
				expectError(t, "send", s.Send(ctx, frames.Strings("x")), ErrDirection)
			}
			if !kind.Receives() {
				_, err := s.Recv(ctx)
				expectError(t, "receive", err, ErrDirection)
				var b frames.Batch
				expectError(t, "receive a batch", s.RecvBatch(ctx, &b), ErrDirection)
			}
			if !kind.Traits().Subscribes {
				expectError(t, "subscribe", s.Subscribe(nil), ErrDirection)
				expectError(t, "unsubscribe", s.Unsubscribe(nil), ErrDirection)
			}
			if !publishes(s) {
				expectError(t, "wait for subscribers", s.WaitSubscribers(ctx, 1, nil), ErrDirection)
			}
			expectError(t, "no frame", s.Send(ctx, nil), ErrMessage)
		})
	}
}

// TestLinkOnce connects twice to one endpoint: a second time changes nothing
// for DEALER, REQ, PUB and SUB, and makes a second connection for the others. A
// PAIR has but one peer.
func TestLinkOnce(t *testing.T) {
	want := map[Type]int{
		Req: 1, Dealer: 1, Pub: 1, Sub: 1,
		Rep: 2, Router: 2, Push: 2, Pull: 2, XPub: 2, XSub: 2,
	}
	for kind, links := range want {
		t.Run(kind.String(), func(t *testing.T) {
			bound, s := newSocket(t, kind.Peers()[0]), newSocket(t, kind)
			endpoint := bind(t, bound, anyPort)
			try(t, s.Connect(endpoint))
			try(t, s.Connect(endpoint))
			try(t, bound.WaitPeers(within(t), links))
			if dialers := dialersOf(s); dialers != links {
				t.Errorf("%d links, want %d", dialers, links)
			}
		})
	}
	s := newSocket(t, Pair)
	try(t, s.Connect("inproc://one"))
	if err := s.Connect("inproc://two"); err == nil {
		t.Error("a PAIR connected to two endpoints")
	}
}

func dialersOf(s *Socket) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.dialers)
}

// TestImmediate gives messages only to peers that are there.
func TestImmediate(t *testing.T) {
	endpoint := nowhere(t)
	push := newSocket(t, Push, func(o *Options) {
		o.Immediate, o.ReconnectMin, o.ReconnectMax = true, time.Millisecond, time.Millisecond
	})
	try(t, push.Connect(endpoint))
	send := func(ctx context.Context) error { return push.Send(ctx, frames.Strings("x")) }
	expectWait(t, "send to nobody", send)
	l := listenRaw(t, endpoint)
	p := l.meet("PULL")
	try(t, send(within(t)))
	p.expectMessage("x")
	p.hangUp()
	eventually(t, func() bool { return push.Stats().Peers == 0 })
	_ = l.Close()
	eventually(t, func() bool {
		push.mu.Lock()
		defer push.mu.Unlock()
		return len(push.peers) == 0
	})
	expectWait(t, "send to nobody any more", send)
}

// TestConflate keeps the newest message only, on either side.
func TestConflate(t *testing.T) {
	conflate := func(o *Options) { o.Conflate, o.ReconnectMin = true, time.Millisecond }
	t.Run("sender", func(t *testing.T) {
		endpoint := nowhere(t)
		push := newSocket(t, Push, conflate, func(o *Options) { o.SendHWM = 1 })
		try(t, push.Connect(endpoint))
		for i := range 5 {
			sendParts(t, push, "message", strconv.Itoa(i))
		}
		pull := newSocket(t, Pull)
		bind(t, pull, endpoint)
		expectParts(t, pull, "message", "4")
		sendParts(t, push, "last")
		expectParts(t, pull, "last")
	})
	t.Run("receiver", func(t *testing.T) {
		pull := newSocket(t, Pull, conflate)
		p := meet(t, bind(t, pull, anyPort), "PUSH")
		for i := range 100 {
			p.send(message("message", strconv.Itoa(i)))
		}
		p.settle()
		expectParts(t, pull, "message", "99")
		if n := waiting(pull); n != 0 {
			t.Errorf("%d messages still wait", n)
		}
		p.send(message("last"))
		expectParts(t, pull, "last")
	})
}

// TestStats has the counts agree with what was done.
func TestStats(t *testing.T) {
	push, pull := newSocket(t, Push), newSocket(t, Pull)
	join(t, pull, push, anyPort)
	for i := range 5 {
		sendParts(t, push, fmt.Sprint(i))
		expectParts(t, pull, fmt.Sprint(i))
	}
	if got := push.Stats(); got != (Stats{Sent: 5, Peers: 1}) {
		t.Errorf("sender: %+v", got)
	}
	if got := pull.Stats(); got != (Stats{Received: 5, Peers: 1}) {
		t.Errorf("receiver: %+v", got)
	}
	pub, sub := newSocket(t, Pub), newSocket(t, Sub)
	try(t, sub.Subscribe([]byte("A")))
	join(t, pub, sub, anyPort)
	newcomer := newSocket(t, Sub)
	try(t, newcomer.Connect(pub.listeners[0].Endpoint()))
	try(t, pub.WaitPeers(within(t), 2))
	if got := pub.Stats(); got != (Stats{Peers: 2, Subscribers: 1}) {
		t.Errorf("publisher: %+v", got)
	}
}

// TestConcurrentUse calls every method from several goroutines at a time, on
// linked sockets that close in the middle of it.
func TestConcurrentUse(t *testing.T) {
	for _, l := range lanes() {
		t.Run(l.String(), func(t *testing.T) {
			from, to := l.sender(t, senderID), l.receiver(t)
			join(t, to, from, anyPort)
			ctx := within(t)
			var users sync.WaitGroup
			use := func(s *Socket, call func() error) {
				users.Go(func() {
					for {
						switch err := call(); {
						case errors.Is(err, ErrClosed):
							return
						case ctx.Err() != nil:
							t.Errorf("%s is not closed: %v", s.Type(), err)
							return
						}
					}
				})
			}
			for _, s := range []*Socket{from, to} {
				for range 2 {
					if s.Type().Sends() {
						use(s, func() error {
							err := s.Send(ctx, l.sends(s, frames.Strings("message")))
							if errors.As(err, new(*UnroutableError)) {
								return nil // its peer has gone
							}
							return err
						})
						if s.row.unfit == nil {
							use(s, func() error { return s.SendBatch(ctx, numbered(1)) })
						}
					}
					if s.Type().Receives() {
						use(s, func() error {
							_, err := s.Recv(ctx)
							return err
						})
						var b frames.Batch
						use(s, func() error { return s.RecvBatch(ctx, &b) })
					}
				}
				use(s, func() error {
					_ = s.Stats()
					if s.Type() == Sub || s.Type() == XSub {
						return errors.Join(s.Subscribe([]byte("A")), s.Unsubscribe([]byte("A")))
					}
					return s.WaitPeers(ctx, 1<<20)
				})
			}
			eventually(t, func() bool { return from.Stats().Sent+to.Stats().Sent > 50 })
			var unsent *UnsentError
			for _, s := range []*Socket{from, to} {
				if err := s.Close(); err != nil && !errors.As(err, &unsent) {
					t.Error(err)
				}
			}
			users.Wait()
		})
	}
}
