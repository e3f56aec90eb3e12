package sockets

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// C41: a PING at every interval, with the TTL of the option; anything that the peer
// sends keeps the connection.
func TestC41PingsAndAnyAnswer(t *testing.T) {
	for _, minor := range []int{0, 1} {
		s := newSocket(t, Pull, func(o *Options) {
			o.HeartbeatInterval, o.HeartbeatTimeout, o.HeartbeatTTL = 20*time.Millisecond, watchdog, 700*time.Millisecond
		})
		p := dialRaw(t, bind(t, s, anyPort))
		p.greet(minor)
		start := time.Now()
		p.ready("PUSH")
		for i, answer := range []string{command("PONG", ""), message("x"), command("WHAT", ""), "\x04\x00", command("PONG", "")} {
			if got := p.expectCommand("PING"); got != "\x00\x07" {
				t.Errorf("PING with %q", got)
			}
			if took, least := time.Since(start), time.Duration(i+1)*20*time.Millisecond; took < least {
				t.Errorf("PING %d after %v", i, took)
			}
			p.send(answer)
		}
		expectParts(t, s, "x")
	}
}

// C41: a silent peer is closed, and the side that connected comes back with its
// queued messages.
func TestC41SilenceAndReconnect(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Push, monitored, quickly, func(o *Options) {
		o.HeartbeatInterval, o.HeartbeatTimeout = 20*time.Millisecond, 30*time.Millisecond
	})
	l := listenRaw(t, anyPort)
	try(t, s.Connect(l.endpoint))
	for range 3 {
		start := time.Now()
		p := l.meet("PULL")
		p.expectCommand("PING")
		p.expectClosed()
		if took := time.Since(start); took < 50*time.Millisecond {
			t.Errorf("closed after %v", took)
		}
		if e := events.await(EventDisconnected); e.Err == nil || !strings.Contains(e.Err.Error(), "silent") {
			t.Errorf("%+v", e)
		}
	}
	sendParts(t, s, "x")
	p := l.meet("PULL")
	for {
		if flags, body := p.readFrame(); flags == 0 && body == "x" {
			break
		}
	}
	if n := events.count(EventProtocolError); n > 0 {
		t.Errorf("%d protocol errors", n)
	}
}

// C41: the bound side closes a silent peer, too.
func TestC41SilentClient(t *testing.T) {
	s := newSocket(t, Pull, func(o *Options) { o.HeartbeatInterval = 30 * time.Millisecond })
	endpoint := bind(t, s, anyPort)
	p := dialRaw(t, endpoint)
	p.greet(1)
	p.send(ready("PUSH"), message("a"), frame(1, "half"))
	p.expectCommand("READY")
	if sent := p.expectClosed(); !strings.HasPrefix(sent, command("PING", "\x00\x00")) {
		t.Errorf("sent %q", sent)
	}
	expectParts(t, s, "a")
	eventually(t, func() bool { return s.Stats().Peers == 0 })
}

// C40: a peer that promised to send something within 0.3 s is closed after that;
// one that promised 65.6 s is not, though 656 tenths overflow 16 bits of ms to 64
// ms.
func TestC40TTL(t *testing.T) {
	s := newSocket(t, Pull)
	endpoint := bind(t, s, anyPort)
	long := meet(t, endpoint, "PUSH")
	long.send(command("PING", "\x02\x90long"))
	if got := long.expectCommand("PONG"); got != "long" {
		t.Errorf("PONG with %q", got)
	}
	short := meet(t, endpoint, "PUSH")
	start := time.Now()
	short.send(command("PING", "\x00\x03short"))
	if got := short.expectCommand("PONG"); got != "short" {
		t.Errorf("PONG with %q", got)
	}
	if sent := short.expectClosed(); sent != "" {
		t.Errorf("sent %q", sent)
	}
	if took := time.Since(start); took < 300*time.Millisecond {
		t.Errorf("closed after %v", took)
	}
	long.expectOpen()
}

// C40, C41: two sockets of ours keep each other alive in both directions, over
// every transport, without any message of the application.
func TestC41TwoOfUs(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			beats := func(o *Options) {
				o.HeartbeatInterval, o.HeartbeatTimeout, o.HeartbeatTTL = 10*time.Millisecond, watchdog, 10*time.Second
			}
			atA, monitorA := monitor(t)
			atB, monitorB := monitor(t)
			a, b := newSocket(t, Pair, beats, monitorA), newSocket(t, Pair, beats, monitorB)
			try(t, b.Connect(bind(t, a, endpointOn(t, transport))))
			for _, events := range []*eventLog{atA, atB} {
				for pings, pongs := 0, 0; pings < 5 || pongs < 5; {
					switch events.await(EventCommand).Detail {
					case "PING":
						pings++
					case "PONG":
						pongs++
					}
				}
				if n := events.count(EventDisconnected); n > 0 {
					t.Errorf("%d times disconnected", n)
				}
			}
			sendParts(t, a, "hello")
			expectParts(t, b, "hello")
		})
	}
}

// A PULL that does not read because its queue is full does not take the peer for
// silent: its answers are there and unread.
func TestFullQueueIsNoSilence(t *testing.T) {
	s := newSocket(t, Pull, func(o *Options) {
		o.RecvHWM, o.HeartbeatInterval, o.HeartbeatTimeout = 1, 20*time.Millisecond, 30*time.Millisecond
	})
	p := dialRaw(t, bind(t, s, anyPort))
	p.greet(1)
	var said strings.Builder
	said.WriteString(ready("PUSH"))
	for i := range 10 {
		said.WriteString(message(fmt.Sprint(i)))
	}
	p.send(said.String())
	p.expectCommand("READY")
	for range 10 { // many times the timeout
		p.expectCommand("PING")
	}
	for i := range 10 {
		expectParts(t, s, fmt.Sprint(i))
	}
}

// A peer that promised to send something within 0.1 s, and is not read in that
// time, broke no promise: its bytes are here and wait for us.
func TestTTLOfAPeerThatIsNotRead(t *testing.T) {
	for _, network := range []string{"tcp", "ipc"} {
		s := newSocket(t, Pull, func(o *Options) {
			o.RecvHWM, o.HeartbeatInterval, o.HeartbeatTimeout = 1, 20*time.Millisecond, watchdog
		})
		p := meet(t, bind(t, s, endpointOn(t, network)), "PUSH")
		var said []string // all at once: a pause of ours would break the promise
		for i := range 5 {
			said = append(said, command("PING", "\x00\x01"), message(fmt.Sprint(i)), command("PING", "\x00\x01"))
		}
		p.send(said...)
		for pings := 0; pings < 20; { // 0.4 s, in which one message is read
			if flags, body := p.readFrame(); flags == framing.FlagCommand && strings.HasPrefix(body, "\x04PING") {
				pings++
			}
		}
		for i := range 5 {
			expectParts(t, s, fmt.Sprint(i))
		}
		p.expectClosed() // now it is silent
	}
}

// A PING is never inside a message of ours, however long that is.
func TestPingNotInsideAMessage(t *testing.T) {
	s := newSocket(t, Push, func(o *Options) {
		o.HeartbeatInterval, o.HeartbeatTimeout, o.SendBuffer = time.Millisecond, watchdog, 4096
	})
	p := meet(t, bind(t, s, anyPort), "PULL")
	part := strings.Repeat("x", 1<<20)
	done := make(chan error, 1)
	ctx := within(t)
	go func() {
		var err error
		for range 5 {
			if err == nil {
				err = s.Send(ctx, frames.Strings(part, "", part))
			}
		}
		done <- err
	}()
	for messages, pings := 0, 0; messages < 5 || pings < 5; {
		flags, body := p.readFrame()
		if flags == framing.FlagCommand {
			pings++
			continue
		}
		if body != part || flags != framing.FlagMore|framing.FlagLong {
			t.Fatalf("frame %02x %s", flags, cutShort(body))
		}
		p.expectFrame(framing.FlagMore, "")
		p.expectFrame(framing.FlagLong, part)
		messages++
	}
	try(t, <-done)
}
