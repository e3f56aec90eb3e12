package dissect_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/dissect"
	"github.com/zcat/zcat/cmd/zcat/internal/flows"
	"github.com/zcat/zcat/cmd/zcat/internal/packets"
	"github.com/zcat/zcat/cmd/zcat/internal/packets/packetstest"
	"github.com/zcat/zcat/pkg/frames"
)

const (
	client, server = "127.0.0.1:40000", "127.0.0.1:5555"
	most           = 1 << 20 // bytes of a message
)

var limits = flows.Limits{Conns: 100, Bytes: 8 << 20, Ahead: 1 << 20}

// told is what a capture says, an event a line, and what was held at most.
func told(capture []byte) (list []string, d *dissect.Dissector, held int, err error) {
	d = dissect.New(most, func(e *dissect.Event) { list = append(list, text(e)) })
	table := flows.New(d, limits)
	r, err := packets.NewReader(bufio.NewReaderSize(bytes.NewReader(capture), packets.BufferSize))
	var s packets.Segment
	for err == nil {
		if err = r.Next(&s); err == nil {
			table.Add(&s)
			held = max(held, table.Held())
		}
	}
	table.Close()
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return list, d, held, err
}

// text is an event on a line.
func text(e *dissect.Event) string {
	way := "<"
	if e.Client {
		way = ">"
	}
	switch e.Kind {
	case dissect.Message:
		line := frames.EncodeMessage(frames.JSON, e.Frames, frames.EncoderOptions{})
		return way + string(line[:len(line)-1])
	case dissect.Sealed:
		return fmt.Sprintf("%ssealed %d", way, e.Bytes)
	case dissect.Lost:
		return fmt.Sprintf("%slost %d", way, e.Bytes)
	case dissect.Command:
	}
	line := way + e.Name
	for _, f := range append(e.Fields[:len(e.Fields):len(e.Fields)], e.Metadata...) {
		line += fmt.Sprintf(" %s=%q", f.Name, f.Value)
	}
	return line
}

// wants checks what a capture says.
func wants(t *testing.T, c *packetstest.Capture, want ...string) {
	t.Helper()
	got, d, _, err := told(c.Bytes)
	if strings.Join(got, "\n") != strings.Join(want, "\n") || err != nil {
		t.Errorf("got\n%s\n%v, want\n%s", strings.Join(got, "\n"), err, strings.Join(want, "\n"))
	}
	if len(want) > 0 && d.Stats != (dissect.Stats{Conns: 1}) {
		t.Errorf("%+v", d.Stats)
	}
}

func loopback() *packetstest.Capture { return packetstest.New(packetstest.Links()["null"]) }

const null = ` zmtp="3.1" mechanism="NULL" as_server="false"`

// A conversation, a byte a segment and all in as few as can be.
func TestRequestAndReply(t *testing.T) {
	request, reply := packetstest.Message("", "hello"), packetstest.Message("", "world", strings.Repeat("x", 300))
	for _, size := range []int{1, 2, 7, 1000} {
		c := loopback()
		n := c.Connect(client, server)
		send := func(side int, all []byte) {
			for ; len(all) > 0; all = all[min(size, len(all)):] {
				n.Send(side, all[:min(size, len(all))])
			}
		}
		send(0, packetstest.Greeting("NULL"))
		send(1, append(packetstest.Greeting("NULL"), packetstest.Ready("ROUTER", "")...))
		send(0, append(packetstest.Ready("REQ", "me"), request...))
		send(1, reply)
		send(0, packetstest.Command("PING", "\x00\x0ahi"))
		send(1, packetstest.Command("PONG", "hi"))
		n.Close(0)
		wants(t, c,
			">greeting"+null, "<greeting"+null, `<READY Socket-Type="ROUTER"`, `>READY Socket-Type="REQ" Identity="me"`,
			`>["","hello"]`, `<["","world","`+strings.Repeat("x", 300)+`"]`, `>PING ttl_ms="1000" context="hi"`, `<PONG context="hi"`)
	}
}

// What the mechanisms hide stays hidden, and so does a password.
func TestMechanisms(t *testing.T) {
	c := loopback()
	n := c.Connect(client, server)
	n.Send(0, packetstest.Greeting("PLAIN"))
	n.Send(1, packetstest.Greeting("PLAIN"))
	n.Send(0, packetstest.Command("HELLO", "\x03joe\x06secret"))
	n.Send(1, packetstest.Command("WELCOME", ""))
	n.Send(0, packetstest.Command("INITIATE", packetstest.Property("Socket-Type", "PUSH")))
	n.Send(1, packetstest.Command("^RROR", "\x03400"))
	plain := ` zmtp="3.1" mechanism="PLAIN" as_server="false"`
	wants(t, c, ">greeting"+plain, "<greeting"+plain, `>HELLO user="joe"`, "<WELCOME", `>INITIATE Socket-Type="PUSH"`, `<ERROR reason="400"`)

	// A HELLO that lacks the flag of a command is no message either.
	c = loopback()
	n = c.Connect(client, server)
	n.Send(0, packetstest.Greeting("PLAIN"), packetstest.Frame(0, []byte("\x05HELLO\x03joe\x06secret")))
	wants(t, c, ">greeting"+plain, `>malformed bytes="17"`)

	c = loopback()
	n = c.Connect(client, server)
	n.Send(0, packetstest.Greeting("CURVE"))
	n.Send(1, packetstest.Greeting("CURVE"))
	n.Send(0, packetstest.Command("HELLO", strings.Repeat("x", 194)))
	n.Send(1, packetstest.Command("READY", strings.Repeat("x", 100)))
	n.Send(0, packetstest.Frame(0, []byte("\x07MESSAGE"+strings.Repeat("x", 300))))
	curve := ` zmtp="3.1" mechanism="CURVE" as_server="false"`
	wants(t, c, ">greeting"+curve, "<greeting"+curve, `>HELLO bytes="194"`, `<READY bytes="100"`, ">sealed 308")
}

// The older form of the protocol, also where the newer peer has offered its own.
func TestOldZMTP(t *testing.T) {
	signature := packetstest.Greeting("NULL")[:10]
	old := func(revision, kind byte, identity string) []byte {
		return append(append(bytes.Clone(signature), revision, kind), packetstest.Frame(0, []byte(identity))...)
	}
	for revision, is := range []string{"1.0", "2.0", "2.0"} {
		c := loopback()
		n := c.Connect(client, server)
		n.Send(0, old(byte(revision), 2, ""))
		n.Send(1, old(3, 1, "it"))
		n.Send(0, []byte{0, 2, 1, 'A'})
		n.Send(1, packetstest.Message("A", "body"))
		wants(t, c, fmt.Sprintf(`>greeting zmtp=%q socket_type="SUB"`, is), `<greeting zmtp="2.0" socket_type="PUB"`, `>SUBSCRIBE prefix="A"`, `<["A","body"]`)
	}
}

// Subscriptions come as commands, or as messages of those who subscribe.
func TestSubscriptions(t *testing.T) {
	c := loopback()
	n := c.Connect(client, server)
	n.Handshake("XSUB", "XPUB")
	n.Send(0, packetstest.Command("SUBSCRIBE", "A"), packetstest.Command("CANCEL", "A"), packetstest.Message("\x01B"), packetstest.Message("\x00B"), packetstest.Message("up"))
	n.Send(1, packetstest.Message("\x01B"))
	wants(t, c, ">greeting"+null, "<greeting"+null, `>READY Socket-Type="XSUB"`, `<READY Socket-Type="XPUB"`,
		`>SUBSCRIBE prefix="A"`, `>CANCEL prefix="A"`, `>SUBSCRIBE prefix="B"`, `>CANCEL prefix="B"`, `>["up"]`, `<["\u0001B"]`)
}

// A connection that began before the capture is found where frames make sense.
func TestFoundInTheMiddle(t *testing.T) {
	large := strings.Repeat("large ", 1000)
	for _, test := range []struct {
		name string
		send func(n *packetstest.Conn)
		want []string
	}{
		{"one exchange", func(n *packetstest.Conn) {
			n.Send(0, packetstest.Message("", "hello"))
			n.Send(1, packetstest.Message("", "world"))
		}, []string{`>["","hello"]`, `<["","world"]`}},
		{"two messages", func(n *packetstest.Conn) {
			n.Send(0, packetstest.Message("first"))
			n.Send(0, packetstest.Message("second"))
		}, []string{`>["first"]`, `>["second"]`}},
		{"a command alone", func(n *packetstest.Conn) { n.Send(1, packetstest.Command("SUBSCRIBE", "A")) }, []string{`<SUBSCRIBE prefix="A"`}},
		{"sealed", func(n *packetstest.Conn) {
			n.Send(1, packetstest.Frame(0, []byte("\x07MESSAGE"+strings.Repeat("x", 30))))
		}, []string{"<sealed 38"}},
		{"within a message", func(n *packetstest.Conn) {
			n.Send(0, []byte(large), packetstest.Message("", "hello"), packetstest.Message("", "world"), packetstest.Message("", "again"))
		}, []string{`>lost 6000`, `>["","world"]`, `>["","again"]`}},
		{"within a message of several segments", func(n *packetstest.Conn) {
			for range 50 {
				n.Send(0, []byte(large))
			}
			n.Send(0, []byte("end"))
			for i := range 3 {
				n.Send(0, packetstest.Message(fmt.Sprint("message ", i)))
			}
		}, []string{`>lost 300003`, `>["message 0"]`, `>["message 1"]`, `>["message 2"]`}},
		{"large messages only", func(n *packetstest.Conn) {
			n.Send(0, []byte(large))
			for range 6 {
				for wire := packetstest.Message(strings.Repeat(large, 50)); len(wire) > 0; wire = wire[min(60000, len(wire)):] {
					n.Send(0, wire[:min(60000, len(wire))])
				}
			}
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := loopback()
			test.send(c.Resume(client, server))
			if test.want == nil { // what is found before the end is enough
				got, d, held, err := told(c.Bytes)
				if len(got) < 2 || d.Stats.Conns != 1 || err != nil || held > 3*300000 {
					t.Errorf("%d events, %+v, %d bytes held, %v", len(got), d.Stats, held, err)
				}
				return
			}
			wants(t, c, test.want...)
		})
	}
}

// A gap within a frame costs its message only; one that hides where frames begin costs
// as many bytes as it takes to find them again.
func TestGaps(t *testing.T) {
	c := loopback()
	n := c.Connect(client, server)
	n.Handshake("PUSH", "PULL")
	wire := packetstest.Message(strings.Repeat("x", 1000), "part")
	n.Send(0, wire[:500])
	n.Skip(0, wire[500:700])
	n.Send(0, wire[700:], packetstest.Message("second"))
	n.Ack(1)
	n.Skip(0, packetstest.Message("missed"))
	n.Send(0, packetstest.Message("third"), packetstest.Message("a", "b", "c"))
	n.Ack(1)
	wants(t, c, ">greeting"+null, "<greeting"+null, `>READY Socket-Type="PUSH"`, `<READY Socket-Type="PULL"`,
		">lost 200", `>["second"]`, ">lost 8", `>["third"]`, `>["a","b","c"]`)
}

// Where the greeting of one side is not captured, or a part of it, that of the other one
// tells where the frames begin.
func TestGapInTheGreeting(t *testing.T) {
	for _, lost := range [][2]int{{0, 11}, {0, 64}, {11, 64}, {11, 30}, {63, 64}} {
		c := loopback()
		n := c.Connect(client, server)
		n.Send(0, packetstest.Greeting("NULL"))
		greeting := packetstest.Greeting("NULL")
		if lost[0] > 0 {
			n.Send(1, greeting[:lost[0]])
		}
		n.Skip(1, greeting[lost[0]:lost[1]])
		n.Ack(0)
		n.Send(1, greeting[lost[1]:], packetstest.Ready("PUB", ""))
		n.Send(1, packetstest.Message("", "a"))
		n.Ack(0)
		wants(t, c, ">greeting"+null, fmt.Sprint("<lost ", lost[1]-lost[0]), `<READY Socket-Type="PUB"`, `<["","a"]`)
	}
}

// What is lost has a time, also at the end, and where it is of the greeting.
func TestTimesOfWhatIsLost(t *testing.T) {
	for name, send := range map[string]func(n *packetstest.Conn){
		"the end": func(n *packetstest.Conn) { n.Send(0, packetstest.Message(strings.Repeat("x", 100))[:50]) },
		"the end, which was received": func(n *packetstest.Conn) {
			n.Skip(0, packetstest.Message("missed"))
			n.Ack(1)
		},
		"the end, within a message": func(n *packetstest.Conn) {
			wire := packetstest.Message(strings.Repeat("x", 100))
			n.Send(0, wire[:50])
			n.Skip(0, wire[50:])
			n.Close(0)
		},
	} {
		for _, greeted := range []bool{true, false} {
			c := loopback()
			begun := c.Time
			n := c.Connect(client, server)
			if greeted {
				n.Handshake("PUSH", "PULL")
			} else { // but for a part of the greeting
				greeting := packetstest.Greeting("NULL")
				n.Send(0, greeting[:11])
				n.Skip(0, greeting[11:])
				n.Send(0, packetstest.Ready("PUSH", ""), packetstest.Message("a"))
				n.Ack(1)
			}
			send(n)
			lost := 0
			d := dissect.New(most, func(e *dissect.Event) {
				if e.Kind == dissect.Lost {
					lost++
					if e.Time.Before(begun) || e.Time.After(c.Time) {
						t.Errorf("%s: lost %d at %v", name, e.Bytes, e.Time)
					}
				}
			})
			table := flows.New(d, limits)
			r, err := packets.NewReader(bufio.NewReaderSize(bytes.NewReader(c.Bytes), packets.BufferSize))
			var s packets.Segment
			for err == nil {
				if err = r.Next(&s); err == nil {
					table.Add(&s)
				}
			}
			table.Close()
			if least := map[bool]int{true: 1, false: 2}[greeted]; lost < least {
				t.Errorf("%s, greeted %v: %d losses are told", name, greeted, lost)
			}
		}
	}
}

// What is not ZMTP is left alone, from its beginning or from any place in it.
func TestForeign(t *testing.T) {
	for _, data := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\xa5\x17\x99", 170), "SSH-2.0-OpenSSH_9.2\r\n",
		strings.Repeat("\x00", 5000), strings.Repeat("\xff", 5000), "\x00\x00\x00\x2a" + strings.Repeat("\x00\x00\x00\x07abcdefg", 100),
	} {
		for _, begun := range []bool{true, false} {
			c := loopback()
			n := c.Resume(client, server)
			if begun {
				n = c.Connect(client, server)
			}
			n.Send(0, []byte(data))
			n.Send(1, []byte(data))
			got, d, _, err := told(c.Bytes)
			if len(got) > 0 || err != nil || d.Stats != (dissect.Stats{Foreign: 1}) {
				t.Errorf("%.20q: %q, %+v, %v", data, got, d.Stats, err)
			}
		}
	}
}

// Whatever is missing: each message that is shown was sent, in its order, and where
// nothing is missing all are.
func TestRandomTraffic(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 3))
		drop, middle := seed%3 > 0, seed%2 > 0
		c := loopback()
		n := c.Resume(client, server)
		if !middle {
			n = c.Connect(client, server)
			n.Handshake("PUSH", "PULL")
		}
		var (
			sent  []string
			wire  []byte
			inner = map[int]bool{} // where no segment begins: at a frame that is not the first, or within a header
		)
		for i := range 200 {
			list := make([]string, 1+random.IntN(3))
			for j := range list {
				// The two zeros of a last frame that is empty can be taken for other headers.
				if j+1 == len(list) || random.IntN(4) > 0 {
					list[j] = fmt.Sprintf("%d.%d %s", i, j, strings.Repeat("text ", random.IntN(100)))
				}
			}
			message := frames.EncodeMessage(frames.JSON, frames.Strings(list...), frames.EncoderOptions{})
			sent = append(sent, ">"+string(message[:len(message)-1]))
			for j, frame := range list {
				inner[len(wire)], inner[len(wire)+1] = j > 0, true
				more := byte(min(len(list)-1-j, 1))
				wire = append(wire, packetstest.Frame(more, []byte(frame))...)
			}
			if random.IntN(5) == 0 {
				wire = append(wire, packetstest.Command("PING", "\x0b\xb8")...)
			}
		}
		for at := 0; at < len(wire); {
			to := min(len(wire), at+1+random.IntN(3000))
			for inner[to] {
				to++
			}
			part := wire[at:to]
			at = to
			if drop && random.IntN(10) == 0 {
				n.Skip(0, part)
			} else {
				n.Send(0, part)
			}
			n.Ack(1)
		}
		got, _, _, err := told(c.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		shown, next := 0, 0
		for _, line := range got {
			if !strings.HasPrefix(line, ">[") {
				continue
			}
			for next < len(sent) && sent[next] != line {
				next++
			}
			if next == len(sent) {
				t.Fatalf("seed %d: %q was not sent, or not then", seed, line)
			}
			next++
			shown++
		}
		if shown < len(sent)/4 || !drop && shown < len(sent) {
			t.Errorf("seed %d: %d of %d messages are shown", seed, shown, len(sent))
		}
	}
}

// A message that is too large, or has too many frames, is left out, and nothing of it
// is held.
func TestTooLarge(t *testing.T) {
	c := loopback()
	n := c.Connect(client, server)
	n.Handshake("PUSH", "PULL")
	for i := range 3 {
		wire := packetstest.Message("a", strings.Repeat("x", most+1), "b")
		if i == 1 {
			wire = bytes.Repeat(packetstest.Frame(1, make([]byte, 1000)), 1300)
			wire = append(wire, packetstest.Message("end")...)
		}
		for ; len(wire) > 0; wire = wire[min(60000, len(wire)):] {
			n.Send(0, wire[:min(60000, len(wire))])
		}
		n.Send(0, packetstest.Message("small"))
	}
	got, _, held, err := told(c.Bytes)
	list := strings.Join(got, "\n")
	if strings.Count(list, ">lost ") != 3 || strings.Count(list, `>["small"]`) != 3 || len(got) != 4+6 || err != nil {
		t.Errorf("%v\n%s", err, list)
	}
	if held > 3*most {
		t.Errorf("%d bytes were held", held)
	}
}

// Any garbage: nothing panics, and what is held keeps to the limits.
func FuzzCapture(f *testing.F) {
	for _, name := range []string{"null", "Ethernet", "cooked 2"} {
		for _, ng := range []bool{false, true} {
			c := packetstest.New(packetstest.Links()[name])
			c.NG = ng
			n := c.Connect(client, server)
			n.Handshake("REQ", "REP")
			n.Send(0, packetstest.Message("", "hello"))
			n.Skip(1, packetstest.Message("", "missed"))
			n.Send(1, packetstest.Message("", "world"))
			n.Close(0)
			f.Add(c.Bytes)
		}
	}
	f.Fuzz(func(t *testing.T, capture []byte) {
		_, d, held, _ := told(capture)
		if held > limits.Bytes+packets.MaxPacket {
			t.Errorf("%d bytes were held", held)
		}
		if d.Stats.Conns+d.Stats.Foreign > uint64(len(capture)) {
			t.Errorf("%+v", d.Stats)
		}
	})
}

// Any bytes as the two sides of a connection, from its beginning or from the middle.
func FuzzTraffic(f *testing.F) {
	greeted := append(packetstest.Greeting("NULL"), packetstest.Ready("REQ", "")...)
	f.Add(append(greeted, packetstest.Message("", "hello")...), []byte("\x01\x00\x00\x05world"), uint16(3), true)
	f.Add([]byte("x\x00\x05hello\x01\x00\x00\x05world\x04\x05\x04PING"), greeted, uint16(60), false)
	f.Add(bytes.Repeat([]byte{1, 0}, 300), bytes.Repeat([]byte{0}, 3000), uint16(100), false)
	upgraded := append(wsAnswer(wsSwitches, wsNull), append(wsReady(1, "REP"), wsMessage(1, "", "world")...)...)
	f.Add(append(wsRequest(wsNull), append(wsFrame(0, 0x02, "\x00in"), wsFrame(0, 0x80, "parts")...)...), upgraded, uint16(40), true)
	f.Add(bytes.Repeat(wsMessage(0, "a", "b"), 9), bytes.Repeat(wsMessage(1, "c"), 20), uint16(19), false)
	f.Fuzz(func(t *testing.T, a, b []byte, size uint16, begun bool) {
		c := loopback()
		n := c.Resume(client, server)
		if begun {
			n = c.Connect(client, server)
		}
		step := 1 + int(size)
		for i := 0; i < len(a) || i < len(b); i += step {
			for side, all := range [][]byte{a, b} {
				if part := all[min(i, len(all)):min(i+step, len(all))]; len(part) > 0 && i/step%7 == 6 {
					n.Skip(side, part)
				} else if len(part) > 0 {
					n.Send(side, part)
				}
			}
		}
		if _, _, _, err := told(c.Bytes); err != nil {
			t.Error(err)
		}
	})
}
