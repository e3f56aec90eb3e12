package sockets

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// What the types of single frames are on the wire, and what they do with what they
// cannot take (RFC 41, 48, 49, 51, 52).

// TestDraftsOnTheWire: both as the side that binds and as the one that connects, to peers
// of 3.0 and 3.1, READY names the type and nothing else, a message is one frame without
// MORE, in both directions, and one of several frames that a peer sends is thrown away,
// counted and reported.
func TestDraftsOnTheWire(t *testing.T) {
	for _, kind := range []Type{Client, Server, Scatter, Gather, Peering, Channel} {
		for _, minor := range []int{0, 1} {
			for _, binds := range []bool{true, false} {
				t.Run(fmt.Sprintf("%v/3.%d/binds=%v", kind, minor, binds), func(t *testing.T) {
					events, monitored := monitor(t)
					s := newSocket(t, kind, monitored)
					p := draftPeer(t, s, minor, binds)
					if kind.Receives() {
						p.send(message("a", "b"), message("one"), message("", "", "c"), message(strings.Repeat("x", 300)), message("d", "e"))
						for _, want := range []string{"one", strings.Repeat("x", 300)} {
							m, err := s.Recv(within(t))
							if err != nil || string(m[len(m)-1]) != want {
								t.Fatalf("received %s, %v, want %q", spell(m), err, want)
							}
						}
						p.settle()
						if st := s.Stats(); st.Discarded != 3 || st.Received != 2 {
							t.Errorf("discarded %d, received %d", st.Discarded, st.Received)
						}
						for range 3 {
							if e := events.await(EventDiscarded); !errors.Is(e.Err, errSeveral) || e.Peer == "" {
								t.Errorf("reported %+v", e)
							}
						}
					}
					if kind.Sends() {
						for _, text := range []string{"", "hello", strings.Repeat("y", 256)} {
							try(t, s.Send(within(t), numberedFor(s, frontOf(kind, text))))
							flags := byte(0)
							if len(text) > 255 {
								flags = framing.FlagLong
							}
							p.expectFrame(flags, text)
						}
					}
				})
			}
		}
	}
}

// frontOf is a message of one frame, behind a routing id where the type has one.
func frontOf(kind Type, text string) frames.Message {
	if kind.Traits().Addressed {
		return frames.Strings("id", text)
	}
	return frames.Strings(text)
}

// draftPeer is the peer of a socket of single frames; its READY is the socket's type alone.
func draftPeer(t *testing.T, s *Socket, minor int, binds bool) *rawPeer {
	t.Helper()
	var p *rawPeer
	if binds {
		p = dialRaw(t, bind(t, s, anyPort))
	} else {
		l := listenRaw(t, anyPort)
		try(t, s.Connect(l.endpoint))
		p = l.accept()
	}
	p.greet(minor)
	if got, want := p.ready(s.Type().Peers()[0].String()), prop("Socket-Type", s.Type().String()); got != want {
		t.Errorf("metadata %q, want %q", got, want)
	}
	try(t, s.WaitPeers(within(t), 1))
	return p
}

// TestDraftsSendSingleFrames: what is no single frame is refused by itself, alone and in
// a batch, whose other messages leave; a Reply of several frames is refused, and nothing
// of it leaves.
func TestDraftsSendSingleFrames(t *testing.T) {
	for _, kind := range []Type{Client, Server, Scatter, Peering, Channel, Radio} {
		t.Run(kind.String(), func(t *testing.T) {
			s := newSocket(t, kind)
			p := draftPeer(t, s, 1, true)
			front := ""
			if kind == Radio {
				front = "group"
				p.send(command("JOIN", front))
				try(t, s.WaitSubscribers(within(t), 1, []byte(front)))
			}
			fit := func(parts ...string) frames.Message {
				if kind.row().LeastFrames == 2 {
					parts = append([]string{front}, parts...)
				}
				return numberedFor(s, frames.Strings(parts...))
			}
			expect := func(text string) {
				t.Helper()
				if kind == Radio {
					p.expectFrame(framing.FlagMore, front)
				}
				p.expectFrame(0, text)
			}
			expectError(t, "two frames", s.Send(within(t), fit("a", "b")), ErrMessage)
			if kind.row().LeastFrames == 2 {
				expectError(t, "one frame", s.Send(within(t), fit()), ErrMessage)
			}
			var b frames.Batch
			for _, m := range []frames.Message{fit("1"), fit("2"), fit("a", "b"), fit("3"), fit("c", "d", "e")} {
				b.Append(m)
			}
			expectError(t, "a batch", s.SendBatch(within(t), &b), ErrMessage)
			if b.Len() != 2 {
				t.Errorf("%d messages are left", b.Len())
			}
			expectError(t, "the rest of it", s.SendBatch(within(t), &b), ErrMessage)
			if b.Len() != 0 || s.Stats().Sent != 3 {
				t.Errorf("%d messages are left, %d are sent", b.Len(), s.Stats().Sent)
			}
			for _, text := range []string{"1", "2", "3"} {
				expect(text)
			}
			if !kind.Receives() {
				return
			}
			p.send(message("question"))
			tickets, err := s.RecvRequests(within(t), &b, 0, nil)
			try(t, err)
			b.Reset()
			b.Append(fit("a", "b"))
			_, err = s.Reply(tickets, &b)
			expectError(t, "reply", err, ErrMessage)
			b.Reset()
			b.Append(fit("answer"))
			_, err = s.Reply(tickets, &b)
			try(t, err)
			expect("answer")
		})
	}
}

// TestDraftBatchKeepsItsOrder: what a batch has in front of a message that does not fit
// waits for room like any other, and is all there, in order, if the wait is given up.
func TestDraftBatchKeepsItsOrder(t *testing.T) {
	s := newSocket(t, Scatter, func(o *Options) { o.SendHWM = 2 })
	try(t, s.Connect(nowhere(t)))
	var b frames.Batch
	for _, parts := range [][]string{{"1"}, {"2"}, {"3"}, {"4"}, {"no", "single"}, {"5"}} {
		b.Append(frames.Strings(parts...))
	}
	expectWait(t, "send", func(ctx context.Context) error { return s.SendBatch(ctx, &b) })
	var left []string
	for m := range b.Messages() {
		left = append(left, strings.Join(slices.Collect(texts(m)), " "))
	}
	if got := strings.Join(left, ","); got != "3,4,no single,5" {
		t.Errorf("left %q", got)
	}
}

func texts(m frames.Message) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, frame := range m {
			if !yield(string(frame)) {
				return
			}
		}
	}
}

// TestServerNumbersItsPeers: the numbers are the server's own, whatever a peer announces,
// four bytes that are no text; a peer that is connected to keeps its number, and can be
// sent to before it is there; one that has left has no number any more.
func TestServerNumbersItsPeers(t *testing.T) {
	for _, kind := range []Type{Server, Peering} {
		t.Run(kind.String(), func(t *testing.T) {
			s := newSocket(t, kind, quickly)
			endpoint := bind(t, s, anyPort)
			peer := kind.Peers()[0].String()
			seen := map[string]bool{}
			for range 50 {
				p := meet(t, endpoint, peer, prop("Identity", "same"))
				p.send(message("hello"))
				m, err := s.Recv(within(t))
				try(t, err)
				id := string(m[0])
				if len(id) != 4 || seen[id] || frames.FormatBytes(m[0]) == id {
					t.Fatalf("number %q of peer %d", id, len(seen))
				}
				seen[id] = true
				sendParts(t, s, id, "world")
				p.expectFrame(0, "world")
				p.hangUp()
				eventually(t, func() bool { return s.Stats().Peers == 0 })
				var unroutable *UnroutableError
				if err := s.Send(within(t), frames.Strings(id, "late")); !errors.As(err, &unroutable) || string(unroutable.RoutingID) != id {
					t.Fatalf("sent to a peer that has left: %v", err)
				}
			}
			l := listenRaw(t, anyPort)
			id, err := s.ConnectPeer(l.endpoint)
			try(t, err)
			sendParts(t, s, string(id), "early")
			for range 2 {
				p := l.meet(peer)
				p.send(message("it is me"))
				expectParts(t, s, string(id), "it is me")
				if !seen["early"] {
					p.expectFrame(0, "early")
					seen["early"] = true
				}
				p.hangUp()
			}
		})
	}
	s := newSocket(t, Peering, func(o *Options) { o.Immediate = true })
	_, err := s.ConnectPeer(anyPort)
	expectError(t, "connect with Immediate", err, ErrState)
}

// TestServerWaitsForItsPeer: a full queue is waited for, as by libzmq, and the wait ends
// when the peer leaves.
func TestServerWaitsForItsPeer(t *testing.T) {
	s := newSocket(t, Server, func(o *Options) { o.SendHWM, o.SendBuffer, o.StallTimeout = 1, 4096, 0 })
	p := meet(t, bind(t, s, anyPort), "CLIENT")
	try(t, s.WaitPeers(within(t), 1))
	m := numberedFor(s, frames.Message{nil, make([]byte, 1<<20)})
	var err error
	for range 64 {
		if err = s.Send(briefly(t), m); err != nil {
			break
		}
	}
	expectError(t, "send to a peer that does not read", err, context.DeadlineExceeded)
	if st := s.Stats(); st.Dropped != 0 {
		t.Errorf("%d dropped", st.Dropped)
	}
	done := make(chan error, 1)
	go func() { done <- s.Send(within(t), m) }()
	p.hangUp()
	var unroutable *UnroutableError
	if err := <-done; err != nil && !errors.As(err, &unroutable) {
		t.Error(err)
	}
}

// TestGroupsOnTheWire: JOIN and LEAVE are commands with the group behind the name, to
// peers of 3.0 as of 3.1, each once on a new connection, again on the next.
func TestGroupsOnTheWire(t *testing.T) {
	long := strings.Repeat("g", MaxGroup)
	for _, minor := range []int{0, 1} {
		for _, binds := range []bool{true, false} {
			t.Run(fmt.Sprintf("DISH/3.%d/binds=%v", minor, binds), func(t *testing.T) {
				s := newSocket(t, Dish)
				for _, group := range []string{"news", "", long} {
					try(t, s.Join([]byte(group)))
				}
				p := draftPeer(t, s, minor, binds)
				p.expectFrame(framing.FlagCommand, "\x04JOIN")
				p.expectFrame(framing.FlagCommand|framing.FlagLong, "\x04JOIN"+long)
				p.expectFrame(framing.FlagCommand, "\x04JOINnews")
				try(t, s.Leave(nil))
				try(t, s.Join([]byte("more")))
				p.expectFrame(framing.FlagCommand, "\x05LEAVE")
				p.expectFrame(framing.FlagCommand, "\x04JOINmore")
				p.send(message("news", "1"), message("new", "2"), message("newsx", "3"), message("", "4"), message("more", ""), message(long, "5"))
				expectParts(t, s, "news", "1")
				expectParts(t, s, "more", "")
				expectParts(t, s, long, "5")
			})
			t.Run(fmt.Sprintf("RADIO/3.%d/binds=%v", minor, binds), func(t *testing.T) {
				s := newSocket(t, Radio)
				p := draftPeer(t, s, minor, binds)
				p.send(command("JOIN", "news"), command("JOIN", ""), command("JOIN", long), command("WHAT", "x"),
					command("SUBSCRIBE", "no"), message("\x01no"), message("\x04JOINno"))
				p.settle()
				for _, group := range []string{"no", "new", "news", "newsx", "", long} {
					sendParts(t, s, group, "body")
				}
				for _, group := range []string{"news", "", long} {
					p.expectMessage(group, "body")
				}
				p.send(command("LEAVE", "news"), command("LEAVE", "never joined"))
				p.settle()
				sendParts(t, s, "news", "body")
				sendParts(t, s, long, "end")
				p.expectMessage(long, "end")
			})
		}
	}
}

// TestGroupsAreCounted: as in libzmq a peer is in a group until it has left it as often as
// it joined it, at random; it gets a message once.
func TestGroupsAreCounted(t *testing.T) {
	s := newSocket(t, Radio)
	p := meet(t, bind(t, s, anyPort), "DISH")
	r := rand.New(rand.NewPCG(rand.Uint64(), 48))
	times := map[string]int{}
	groups := []string{"", "a", "aa", "b"}
	for range 300 {
		group := groups[r.IntN(len(groups))]
		if r.IntN(2) == 0 {
			times[group]++
			p.send(command("JOIN", group))
		} else {
			times[group] = max(0, times[group]-1)
			p.send(command("LEAVE", group))
		}
	}
	p.settle()
	for _, group := range groups {
		sendParts(t, s, group, "x")
		if times[group] > 0 {
			p.expectMessage(group, "x")
		}
	}
	p.expectOpen()
}

// TestBadGroups: what is no group is neither joined nor sent to; a peer that asks for one,
// or sends what is no message of a group, is dropped, and what it sent before is there.
func TestBadGroups(t *testing.T) {
	tooLong := strings.Repeat("g", MaxGroup+1)
	radio, dish := newSocket(t, Radio), newSocket(t, Dish)
	for _, group := range []string{tooLong, "a\x00b"} {
		expectError(t, "join", dish.Join([]byte(group)), ErrGroup)
		expectError(t, "leave", dish.Leave([]byte(group)), ErrGroup)
		expectError(t, "send", radio.Send(within(t), frames.Strings(group, "x")), ErrMessage)
	}
	expectError(t, "leave", dish.Leave([]byte("a")), ErrGroup)
	try(t, dish.Join([]byte("a")))
	expectError(t, "join twice", dish.Join([]byte("a")), ErrGroup)
	endpoint := bind(t, dish, anyPort)
	for _, bad := range []string{message("alone"), message("a", "b", "c"), message(tooLong, "x")} {
		p := meet(t, endpoint, "RADIO")
		p.expectFrame(framing.FlagCommand, "\x04JOINa")
		p.send(message("a", "before"), message("b", "not joined"), bad, message("a", "behind"))
		expectParts(t, dish, "a", "before")
		p.expectClosed()
	}
	endpoint = bind(t, radio, anyPort)
	for _, name := range []string{"JOIN", "LEAVE"} {
		for _, group := range []string{tooLong, strings.Repeat("g", 5000), strings.Repeat("g", 1<<20)} {
			p := meet(t, endpoint, "DISH")
			p.send(command(name, group))
			p.expectClosed()
		}
	}
	eventually(t, func() bool { return radio.Stats().Broken == 6 }) // the last is counted once its connection is closed
}

// TestGroupsAreLimited: the groups of a peer are in the accounts of subscriptions.
func TestGroupsAreLimited(t *testing.T) {
	for name, limit := range map[string]Option{
		"number": func(o *Options) { o.MaxSubscriptions = 100 },
		"memory": func(o *Options) { o.MaxMemory = 64 << 10 },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSocket(t, Radio, limit)
			endpoint := bind(t, s, anyPort)
			p := meet(t, endpoint, "DISH")
			for range 1000 {
				p.send(command("JOIN", "one"), command("LEAVE", "one"), command("JOIN", "same")) // which costs nothing more
			}
			p.expectOpen()
			var many strings.Builder
			for i := range 5000 {
				many.WriteString(command("JOIN", fmt.Sprintf("%d%s", i, strings.Repeat("g", 200))))
			}
			p.send(many.String())
			p.expectClosed()
			// Others are served as before.
			q := meet(t, endpoint, "DISH")
			q.send(command("JOIN", "news"))
			try(t, s.WaitSubscribers(within(t), 1, []byte("news")))
			sendParts(t, s, "news", "hello")
			q.expectMessage("news", "hello")
		})
	}
}

// TestRadioDrops: a DISH that does not read misses what it has no room for, which is
// counted, and holds up nobody.
func TestRadioDrops(t *testing.T) {
	s := newSocket(t, Radio, func(o *Options) { o.SendHWM, o.SendBuffer = 2, 4096 })
	endpoint := bind(t, s, anyPort)
	slow, quick := meet(t, endpoint, "DISH"), meet(t, endpoint, "DISH")
	slow.send(command("JOIN", "a"))
	quick.send(command("JOIN", "a"))
	try(t, s.WaitSubscribers(within(t), 2, []byte("a")))
	body := strings.Repeat("x", 1<<20)
	for range 32 {
		sendParts(t, s, "a", body)
		quick.expectMessage("a", body)
	}
	if st := s.Stats(); st.Dropped == 0 || st.Dropped > 32 {
		t.Errorf("%d dropped", st.Dropped)
	}
}

// TestGroupsInside: a JOIN between the frames of a message is taken in at once, though the
// message never ends.
func TestGroupsInside(t *testing.T) {
	s := newSocket(t, Radio)
	p := meet(t, bind(t, s, anyPort), "DISH")
	p.send(frame(framing.FlagMore, "\x01begun"), command("JOIN", "a"), frame(framing.FlagMore, "and"), command("JOIN", "b"))
	for _, group := range []string{"a", "b"} {
		try(t, s.WaitSubscribers(within(t), 1, []byte(group)))
		sendParts(t, s, group, "x")
		p.expectMessage(group, "x")
	}
}

// TestChannelHasOnePeer: a second one is refused by name.
func TestChannelHasOnePeer(t *testing.T) {
	s := newSocket(t, Channel)
	endpoint := bind(t, s, anyPort)
	meet(t, endpoint, "CHANNEL")
	try(t, s.WaitPeers(within(t), 1))
	p := dialRaw(t, endpoint)
	p.greet(1)
	p.send(ready("CHANNEL"))
	if sent := p.expectClosed(); !strings.Contains(sent, "this CHANNEL has its peer already") {
		t.Errorf("sent %q", sent)
	}
}

// TestCaptureToSingleFrames: a socket that cannot send a copy drops and counts it.
func TestCaptureToSingleFrames(t *testing.T) {
	s := newSocket(t, Scatter)
	p := draftPeer(t, s, 1, true)
	take := CaptureTo(s)
	for _, m := range []frames.Message{frames.Strings("a", "b"), frames.Strings("c")} {
		var b frames.Batch
		b.Append(m)
		take(Front, &b)
	}
	p.expectFrame(0, "c")
	if st := s.Stats(); st.Sent != 1 || st.Dropped != 1 {
		t.Errorf("%+v", st)
	}
}

// TestGroupsOfOldPeers: a peer of ZMTP 2.0, which has no commands, sends and gets those of
// groups all the same, as with libzmq.
func TestGroupsOfOldPeers(t *testing.T) {
	radio := newSocket(t, Radio)
	p := dialRaw(t, bind(t, radio, anyPort))
	if number, _ := p.greetOld(Dish, "it"); number != 14 {
		t.Errorf("our number is %d", number)
	}
	p.send(command("JOIN", "news"))
	try(t, radio.WaitSubscribers(within(t), 1, []byte("news")))
	sendParts(t, radio, "news", "hello")
	p.expectMessage("news", "hello")
	dish := newSocket(t, Dish)
	try(t, dish.Join([]byte("news")))
	p = dialRaw(t, bind(t, dish, anyPort))
	p.greetOld(Radio, "it")
	p.expectFrame(framing.FlagCommand, "\x04JOINnews")
	p.send(message("news", "hello"))
	expectParts(t, dish, "news", "hello")
}

// TestDraftsUnderMechanisms has each pair talk under each mechanism.
func TestDraftsUnderMechanisms(t *testing.T) {
	all := mechanisms(t)
	for _, l := range lanes() {
		if !l.from.Traits().Draft {
			continue
		}
		for name, m := range all {
			t.Run(l.String()+"/"+name, func(t *testing.T) {
				from := newSocket(t, l.from, append(slices.Clone(m.connect), l.lossless)...)
				to := newSocket(t, l.to, m.serve...)
				if l.to.Traits().Joins {
					try(t, to.Join([]byte("group")))
				}
				join(t, to, from, anyPort)
				for _, size := range []int{0, 1, 255, 256, 70000} {
					l.pass(t, from, to, frames.Message{make([]byte, size)})
				}
			})
		}
	}
}

// TestDishLosesNothingOfOthers: messages that a DISH throws away, of groups that it left,
// free their places in its queue; so the RADIO, which does not drop, goes on.
func TestDishLosesNothingOfOthers(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc", "inproc"} {
		t.Run(transport, func(t *testing.T) {
			radio := newSocket(t, Radio, func(o *Options) { o.NoDrop, o.SendHWM = true, 5 })
			dish := newSocket(t, Dish, func(o *Options) { o.RecvHWM = 5 })
			try(t, dish.Join([]byte("a")))
			try(t, dish.Join([]byte("b")))
			join(t, radio, dish, endpointOn(t, transport))
			const count = 500
			sent := make(chan error, 1)
			go func() {
				for i := range count {
					group := "a"
					if i == count-1 {
						group = "b"
					}
					if err := radio.Send(within(t), frames.Strings(group, "x")); err != nil {
						sent <- err
						return
					}
				}
				sent <- nil
			}()
			expectParts(t, dish, "a", "x")
			try(t, dish.Leave([]byte("a")))
			expectParts(t, dish, "b", "x")
			try(t, <-sent)
		})
	}
}

// TestThrownAwayFreesItsPlace: messages of several frames take no place in the queue.
func TestThrownAwayFreesItsPlace(t *testing.T) {
	gather := newSocket(t, Gather, func(o *Options) { o.RecvHWM = 3 })
	endpoint := bind(t, gather, anyPort)
	p := meet(t, endpoint, "SCATTER")
	for range 1000 {
		p.send(message("a", "b"))
	}
	p.send(message("one"))
	expectParts(t, gather, "one")
	if st := gather.Stats(); st.Discarded != 1000 || st.Waiting != 0 {
		t.Errorf("%+v", st)
	}
}
