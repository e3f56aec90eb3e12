package sockets

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// draftsColumn is who has the draft types: the libzmq that is built into npm's zeromq.
const draftsColumn = "libzmq 4.3.5 with drafts"

func startDrafts(t *testing.T, kind Type, flags ...string) *libzmq {
	t.Helper()
	return startPeer(t, []string{"/usr/bin/python3", "../../scripts/peers/drafts.py"}, kind, flags...)
}

func interopDrafts(t *testing.T, pair [2]Type, transport string, binds bool, talk func(ours, *libzmq)) {
	t.Helper()
	var flags []string
	if pair[1].Traits().Joins {
		flags = []string{"--join", "group", "--join", "another"}
	}
	interopWith(t, startDrafts, pair, transport, binds, talk, flags)
}

// draftMessages are those that each pair exchanges.
func draftMessages() []frames.Message {
	binary := make([]byte, 256)
	for i := range binary {
		binary[i] = byte(255 - i)
	}
	return []frames.Message{frames.Strings("hello"), {{}}, {binary}, {binary[:255]}, frames.Strings(strings.Repeat("x", 65536))}
}

// draftPairs returns the conversation of each legal pair: our type first.
func draftPairs() map[[2]Type]func(o ours, z *libzmq) {
	weSend := func(o ours, z *libzmq) {
		for _, m := range draftMessages() {
			o.send(m)
			z.prints(m)
		}
	}
	theySend := func(o ours, z *libzmq) {
		for _, m := range draftMessages() {
			z.send(m)
			o.gets(m)
		}
	}
	// echoed has them send back what we sent.
	echoed := func(o ours, z *libzmq) {
		for _, m := range draftMessages() {
			m = numberedFor(o.Socket, frontOf(o.Type(), string(m[0])))
			o.send(m)
			back := z.next()
			z.sendLine(back)
			o.gets(m)
		}
	}
	return map[[2]Type]func(o ours, z *libzmq){
		{Client, Server}: echoed,
		{Server, Client}: func(o ours, z *libzmq) {
			for _, m := range draftMessages() {
				z.send(m)
				got, err := o.Recv(o.ctx)
				try(o, err)
				o.send(got)
				z.prints(m)
			}
		},
		{Peering, Peering}: echoed,
		{Scatter, Gather}:  weSend,
		{Gather, Scatter}:  theySend,
		{Channel, Channel}: func(o ours, z *libzmq) {
			weSend(o, z)
			theySend(o, z)
		},
		{Radio, Dish}: func(o ours, z *libzmq) {
			for _, group := range []string{"group", "another"} {
				try(o, o.WaitSubscribers(o.ctx, 1, []byte(group)))
			}
			for _, m := range draftMessages() {
				for _, group := range []string{"grou", "group2", "", "group", "another"} {
					o.send(withFront(m, group))
				}
				z.prints(withFront(m, "group"))
				z.prints(withFront(m, "another"))
			}
		},
		{Dish, Radio}: func(o ours, z *libzmq) {
			awaitBroadcast(o, z)
			for _, m := range draftMessages() {
				for _, group := range []string{"grou", "group2", "", "group"} {
					z.send(withFront(m, group))
				}
				o.gets(withFront(m, "group"))
			}
		},
	}
}

// awaitBroadcast has a RADIO of theirs send until we hear it: it does not tell when a DISH
// has joined.
func awaitBroadcast(o ours, z *libzmq) {
	o.Helper()
	for n, heard := 0, -1; heard < n; n++ {
		z.send(frames.Strings("group", fmt.Sprint(n)))
		for heard < n {
			ctx, cancel := context.WithTimeout(o.ctx, 50*time.Millisecond)
			m, err := o.Recv(ctx)
			cancel()
			if errors.Is(err, context.DeadlineExceeded) && o.ctx.Err() == nil {
				break
			}
			try(o, err)
			_, err = fmt.Sscan(string(m[1]), &heard)
			try(o, err)
		}
		if heard == n {
			return
		}
	}
}

// TestPeersOfDrafts: what ours do on the wire, and with what they cannot take, is what
// libzmq's do.
func TestPeersOfDrafts(t *testing.T) {
	if os.Getenv("ZCAT_PEERS") == "" {
		t.Skip("make peers has a libzmq with drafts")
	}
	for _, kind := range slices.DeleteFunc(Types(), func(k Type) bool { return !k.Traits().Draft }) {
		for _, who := range []string{"ours", "libzmq"} {
			for _, minor := range []int{0, 1} {
				t.Run(fmt.Sprintf("%v/%s/3.%d", kind, who, minor), func(t *testing.T) {
					t.Parallel()
					s, endpoint := draftTalker(t, kind, who)
					p := dialRaw(t, endpoint)
					p.greet(minor)
					if got, want := p.ready(kind.Peers()[0].String()), prop("Socket-Type", kind.String()); got != want {
						t.Errorf("metadata %q, want %q", got, want)
					}
					draftTalk(kind, s, p)
				})
			}
		}
	}
}

// draftTalker binds a socket of ours or of libzmq's.
func draftTalker(t *testing.T, kind Type, who string) (talker, string) {
	t.Helper()
	if who == "ours" {
		s := newSocket(t, kind, func(o *Options) {
			if !kind.Traits().Publishes {
				o.SendHWM = 2
			}
		})
		if kind.Traits().Joins {
			try(t, s.Join([]byte("group")))
		}
		return ours{t, s, within(t)}, bind(t, s, anyPort)
	}
	file := filepath.Join(t.TempDir(), "endpoint")
	flags := []string{"--bind", anyPort, "--endpoint-file", file}
	if !kind.Traits().Publishes {
		flags = append(flags, "-o", "sndhwm=2")
	}
	if kind.Traits().Joins {
		flags = append(flags, "--join", "group")
	}
	z := startDrafts(t, kind, flags...)
	return judged{z}, awaitEndpoint(within(t), t, file)
}

// draftTalk is the conversation of a raw peer with a socket of either.
func draftTalk(kind Type, s talker, p *rawPeer) {
	switch has := kind.Traits(); {
	case has.Joins:
		p.expectFrame(framing.FlagCommand, "\x04JOINgroup")
		p.send(message("other", "no"), message("group", "yes"))
		s.gets(frames.Strings("group", "yes"))
		p.send(message("group", "one", "two"))
		p.expectClosed()
	case has.Grouped:
		// A group is left as often as it was joined, and messages are no subscriptions.
		p.send(command("JOIN", "twice"), command("JOIN", "twice"), command("JOIN", "once"), message("\x01message"), command("SUBSCRIBE", "sub"), command("JOIN", "end"))
		p.send(command("LEAVE", "twice"), command("LEAVE", "once"), command("LEAVE", "never"))
		awaitJoin(s, p)
		for _, group := range []string{"", "message", "sub", "once", "twice", "end"} {
			s.send(frames.Strings(group, "body"))
		}
		for _, group := range []string{"twice", "end"} {
			for {
				m := p.readMessage()
				if string(m[1]) == "are you there" {
					continue
				}
				if string(m[0]) != group || string(m[1]) != "body" || len(m) != 2 {
					p.t.Errorf("sent %s, want the group %q", spell(m), group)
				}
				break
			}
		}
	case !has.Addressed && kind.Sends():
		s.send(frames.Strings("hello"))
		p.expectFrame(0, "hello")
		draftFlood(s, nil, p)
		if kind.Receives() {
			draftGets(kind, s, p)
		}
	default:
		draftGets(kind, s, p)
	}
}

// awaitJoin sends until the peer hears it, which has joined then.
func awaitJoin(s talker, p *rawPeer) {
	p.t.Helper()
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		_, _ = p.in.Peek(1)
	}()
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		select {
		case <-heard:
			tick.Stop()
			return
		case <-tick.C:
			s.send(frames.Strings("end", "are you there"))
		}
	}
}

// draftGets sends single frames among messages of several, which are thrown away.
func draftGets(kind Type, s talker, p *rawPeer) {
	p.t.Helper()
	p.send(message("a", "b"), message("one"), message("", "", ""), message("c", "d"), message("two"))
	for _, text := range []string{"one", "two"} {
		if !kind.Traits().Addressed {
			s.gets(frames.Strings(text))
			continue
		}
		// Four bytes that stand for the peer, whichever they are.
		var m frames.Message
		switch s := s.(type) {
		case ours:
			var err error
			m, err = s.Recv(s.ctx)
			try(p.t, err)
		case judged:
			for _, frame := range s.next() {
				m = append(m, frameOf(p.t, frame))
			}
		}
		if len(m) != 2 || len(m[0]) != 4 || string(m[1]) != text {
			p.t.Fatalf("received %s, want %q", spell(m), text)
		}
		s.send(m)
		p.expectFrame(0, text)
		if text == "two" {
			draftFlood(s, m[:1], p)
		}
	}
}

// draftFlood sends more than fits into the queue, which is waited for: all of it arrives.
func draftFlood(s talker, front frames.Message, p *rawPeer) {
	p.t.Helper()
	const count = 200
	text := func(i int) string { return fmt.Sprintf("%d%s", i, strings.Repeat(".", 16<<10)) }
	heard := make(chan string, 1)
	go func() {
		for i := range count {
			if flags, body, err := p.tryReadFrame(); err != nil || flags != framing.FlagLong || body != text(i) {
				heard <- fmt.Sprintf("message %d is %02x %s, %v", i, flags, cutShort(body), err)
				return
			}
		}
		heard <- ""
	}()
	for i := range count {
		s.send(append(front[:len(front):len(front)], []byte(text(i))))
	}
	if wrong := <-heard; wrong != "" {
		p.t.Error(wrong)
	}
}

// frameOf returns the frame that a peer printed in JSON.
func frameOf(tb testing.TB, printed any) []byte {
	tb.Helper()
	if text, ok := printed.(string); ok {
		return []byte(text)
	}
	coded, _ := printed.(map[string]any)["hex"].(string)
	frame, err := hex.DecodeString(coded)
	try(tb, err)
	return frame
}
