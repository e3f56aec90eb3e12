package flows_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/flows"
	"github.com/zcat/zcat/cmd/zcat/internal/packets"
)

// said is a sink that keeps what it is given: the bytes of each side of each
// connection, in the order in which these are closed, and * for a byte that was lost.
type said struct {
	list []string
	lost int
}

type sides [2][]byte

func (r *said) of(c *flows.Conn) *sides {
	if c.State == nil {
		c.State = &sides{}
	}
	return c.State.(*sides)
}

func (r *said) Data(c *flows.Conn, from flows.Side, _ time.Time, b []byte) {
	all := r.of(c)
	all[from] = append(all[from], b...)
}

func (r *said) Lost(c *flows.Conn, from flows.Side, _ time.Time, n int) {
	all := r.of(c)
	all[from] = append(all[from], bytes.Repeat([]byte("*"), n)...)
	r.lost += n
}

func (r *said) Close(c *flows.Conn) {
	all := r.of(c)
	r.list = append(r.list, fmt.Sprintf("%s | %s", all[c.Client], all[c.Client.Other()]))
}

var (
	client = netip.MustParseAddrPort("127.0.0.1:40000")
	server = netip.MustParseAddrPort("127.0.0.1:5555")
	limits = flows.Limits{Conns: 100, Bytes: 1 << 20, Ahead: 64 << 10}
)

// segment is one of a conversation between the two: > is from the client.
func segment(way byte, seq, ack uint32, flags packets.Flags, text string) *packets.Segment {
	s := &packets.Segment{Time: time.Unix(0, 0), From: client, To: server, Seq: seq, Ack: ack, Flags: flags, Payload: []byte(text)}
	if way == '<' {
		s.From, s.To = server, client
	}
	return s
}

// What becomes of what TCP, and capturing, do to a conversation.
func TestConversations(t *testing.T) {
	const syn, ack, fin, rst = packets.SYN, packets.ACK, packets.FIN, packets.RST
	cut := func(s *packets.Segment, n int) *packets.Segment {
		s.Payload, s.Cut = s.Payload[:len(s.Payload)-n], n
		return s
	}
	open := []*packets.Segment{segment('>', 99, 0, syn, ""), segment('<', 199, 100, syn|ack, ""), segment('>', 100, 200, ack, "")}
	for _, c := range []struct {
		name     string
		segments []*packets.Segment
		want     []string
	}{
		{"in order", []*packets.Segment{segment('>', 100, 200, ack, "ab"), segment('<', 200, 102, ack, "x"), segment('>', 102, 201, ack, "cd")}, []string{"abcd | x"}},
		{"out of order", []*packets.Segment{segment('>', 102, 200, ack, "cd"), segment('>', 104, 200, ack, "ef"), segment('>', 100, 200, ack, "ab")}, []string{"abcdef | "}},
		{"repeated", []*packets.Segment{segment('>', 100, 200, ack, "ab"), segment('>', 100, 200, ack, "ab"), segment('>', 102, 200, ack, "c")}, []string{"abc | "}},
		{"overlapping", []*packets.Segment{segment('>', 100, 200, ack, "abc"), segment('>', 101, 200, ack, "bcde"), segment('>', 103, 200, ack, "d")}, []string{"abcde | "}},
		{"lost", []*packets.Segment{segment('>', 103, 200, ack, "d"), segment('<', 200, 104, ack, "")}, []string{"***d | "}},
		{"lost, acknowledged before", []*packets.Segment{segment('<', 200, 103, ack, ""), segment('>', 103, 200, ack, "d")}, []string{"***d | "}},
		{"lost at the end", []*packets.Segment{segment('>', 103, 200, ack, "d")}, []string{"***d | "}},
		{"cut", []*packets.Segment{cut(segment('>', 100, 200, ack, "abcd"), 3), segment('>', 104, 200, ack, "e")}, []string{"a***e | "}},
		{"cut and overlapping", []*packets.Segment{cut(segment('>', 100, 200, ack, "abcd"), 3), segment('>', 102, 200, ack, "cde")}, []string{"a***e | "}},
		{"ended", []*packets.Segment{segment('>', 100, 200, ack|fin, "ab"), segment('<', 200, 103, ack|fin, "x"), segment('>', 103, 202, ack, "")}, []string{"ab | x"}},
		{"ended, the end first", []*packets.Segment{segment('>', 102, 200, ack|fin, ""), segment('<', 200, 100, ack|fin, "x"), segment('>', 100, 202, ack, "ab")}, []string{"ab | x"}},
		{"ended behind what is lost", []*packets.Segment{segment('>', 100, 200, ack, "ab"), segment('>', 105, 200, ack|fin, "")}, []string{"ab*** | "}},
		{"received, and never captured", []*packets.Segment{segment('>', 100, 200, ack, "ab"), segment('<', 200, 105, ack, "x")}, []string{"ab*** | x"}},
		{"received, and never captured, and ended", []*packets.Segment{
			segment('>', 100, 200, ack, "ab"), segment('>', 105, 200, ack|fin, ""), segment('<', 200, 106, ack|rst, ""),
		}, []string{"ab*** | "}},
		{"reset", []*packets.Segment{segment('>', 101, 200, ack, "b"), segment('<', 200, 100, rst, ""), segment('>', 102, 200, ack, "late")}, []string{"*b | "}},
		{"the ports again", []*packets.Segment{
			segment('>', 100, 200, ack, "ab"), segment('>', 5000, 0, syn, ""), segment('<', 6000, 5001, syn|ack, ""), segment('>', 5001, 6001, ack, "new"),
		}, []string{"ab | ", "new | "}},
		{"the ports again after the end", []*packets.Segment{
			segment('>', 100, 200, ack|rst, ""), segment('>', 5000, 0, syn, ""), segment('<', 6000, 5001, syn|ack, ""), segment('>', 5001, 6001, ack, "new"),
		}, []string{" | ", "new | "}},
		{"the ports again, unseen", []*packets.Segment{segment('>', 100, 200, ack, "ab"), segment('>', 100+3<<30, 200, ack, "new")}, []string{"ab | ", "new | "}},
		{"a SYN twice", []*packets.Segment{open[0], open[1], segment('>', 100, 200, ack, "ab"), open[1]}, []string{"ab | "}},
		{"a probe", []*packets.Segment{segment('>', 100, 200, ack, "ab"), segment('>', 101, 200, ack, ""), segment('>', 102, 200, ack, "c")}, []string{"abc | "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := &said{}
			table := flows.New(got, limits)
			for _, s := range append(open[:3:3], c.segments...) {
				table.Add(s)
			}
			table.Close()
			if fmt.Sprint(got.list) != fmt.Sprint(c.want) || table.Held() != 0 {
				t.Errorf("%q, %d bytes held", got.list, table.Held())
			}
		})
	}
}

// Without its beginning a connection begins where the capture does; who connected is
// told by the ports, or by what was connected to before.
func TestOlderThanTheCapture(t *testing.T) {
	got := &said{}
	table := flows.New(got, limits)
	table.Add(segment('<', 1000, 500, packets.ACK, "")) // a probe
	table.Add(segment('<', 1001, 500, packets.ACK, "reply"))
	table.Add(segment('>', 500, 1006, packets.ACK, "request"))
	high := segment('>', 1, 0, packets.SYN, "")
	high.To = netip.MustParseAddrPort("10.0.0.1:60000")
	table.Add(high)
	again := segment('<', 7, 7, packets.ACK, "from the server")
	again.From = high.To
	again.To = netip.MustParseAddrPort("10.0.0.2:50000")
	table.Add(again)
	table.Close()
	if want := []string{"request | reply", " | ", " | from the server"}; fmt.Sprint(got.list) != fmt.Sprint(want) {
		t.Errorf("%q", got.list)
	}
}

// counts is a sink that keeps nothing.
type counts struct{ closed uint64 }

func (*counts) Data(*flows.Conn, flows.Side, time.Time, []byte) {}
func (*counts) Lost(*flows.Conn, flows.Side, time.Time, int)    {}
func (n *counts) Close(*flows.Conn)                             { n.closed++ }

// Whatever the order in which segments are captured, however they overlap and are
// repeated: what comes out is what was sent, and what is missing is told to the byte.
func TestRandomSchedules(t *testing.T) {
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 1))
		text := make([]byte, 200+random.IntN(5000))
		for i := range text {
			text[i] = 'a' + byte(random.IntN(26))
		}
		first := random.Uint32()
		drop := seed%2 == 0
		covered := make([]bool, len(text))
		var list []*packets.Segment
		for at := 0; at < len(text); {
			n := min(1+random.IntN(60), len(text)-at)
			from := max(0, at-random.IntN(20))
			if !drop || random.IntN(20) > 0 {
				for i := from; i < at+n; i++ {
					covered[i] = true
				}
				s := segment('>', first+1+uint32(from), 200, packets.ACK, string(text[from:at+n]))
				list = append(list, s)
				if random.IntN(10) == 0 {
					list = append(list, s)
				}
			}
			at += n
		}
		for i := range list { // nobody is overtaken by more than a few
			j := min(len(list)-1, i+random.IntN(5))
			list[i], list[j] = list[j], list[i]
		}
		got := &said{}
		table := flows.New(got, limits)
		table.Add(segment('>', first, 0, packets.SYN, ""))
		for _, s := range list {
			table.Add(s)
		}
		table.Close()
		want := bytes.Clone(text)
		for i := range want {
			if !covered[i] {
				want[i] = '*'
			}
		}
		for len(want) > 0 && want[len(want)-1] == '*' {
			want = want[:len(want)-1] // of what nothing follows nothing is known
		}
		if len(got.list) != 1 || got.list[0] != string(want)+" | " {
			t.Fatalf("seed %d:\n%q\n%q", seed, got.list, want)
		}
	}
}

// gaps is a sink that wants to be told of something.
type gaps struct{ *testing.T }

func (g gaps) Data(_ *flows.Conn, _ flows.Side, _ time.Time, b []byte) {
	if len(b) == 0 {
		g.Error("no bytes are given")
	}
}

func (g gaps) Lost(_ *flows.Conn, _ flows.Side, _ time.Time, n int) {
	if n <= 0 {
		g.Errorf("%d bytes are lost", n)
	}
}

func (g gaps) Close(*flows.Conn) {}

// Whatever numbers segments have, half the way round apart too, and whatever was captured
// of them, they are taken.
func TestAnyNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	far := []uint32{0, 1 << 26, 1 << 30, 1<<31 - 1, 1 << 31, 3 << 30}
	number := func() uint32 { return far[r.IntN(len(far))] + uint32(r.IntN(3)) - 1 }
	for range 20000 {
		table := flows.New(gaps{t}, limits)
		for range 2 + r.IntN(8) {
			s := segment("<>"[r.IntN(2)], number(), number(), packets.Flags(r.IntN(256)), "abc"[:r.IntN(4)])
			s.Cut = r.IntN(3) * r.IntN(20)
			table.Add(s)
		}
		table.Close()
		if table.Held() != 0 {
			t.Fatalf("%d bytes are held", table.Held())
		}
	}
}

// However many connections there are, whatever they lack, and however little comes of
// each: what is held keeps to its limits, and who was silent the longest goes first.
func TestMemoryIsBounded(t *testing.T) {
	got := &counts{}
	small := flows.Limits{Conns: 50, Bytes: 100 << 10, Ahead: 10 << 10}
	table := flows.New(got, small)
	random := rand.New(rand.NewPCG(1, 2))
	most := 0
	for i := range 200000 {
		s := segment('>', uint32(random.IntN(1<<20)), 0, packets.ACK, "x")
		s.From = netip.AddrPortFrom(client.Addr(), uint16(10000+random.IntN(300)))
		if i%1000 == 0 {
			s.Payload = make([]byte, 60<<10)
		}
		table.Add(s)
		most = max(most, table.Held())
	}
	if most > small.Bytes {
		t.Errorf("%d bytes were held", most)
	}
	if table.Dropped == 0 || got.closed != table.Dropped {
		t.Errorf("%d of %d were given up", table.Dropped, got.closed)
	}
	table.Close()
	if table.Held() != 0 {
		t.Errorf("%d bytes are held", table.Held())
	}
}

// The other side never speaks, as where only one way is captured: what is missing is
// not awaited for ever.
func TestOneWayOnly(t *testing.T) {
	got := &said{}
	table := flows.New(got, limits)
	at := time.Unix(0, 0)
	for i := range 10 {
		s := segment('>', uint32(100+10*i), 0, packets.ACK, "x")
		s.Time = at.Add(time.Duration(i) * time.Second)
		table.Add(s)
	}
	if got.lost < 5*9 {
		t.Errorf("%d bytes were said to be lost", got.lost)
	}
}
