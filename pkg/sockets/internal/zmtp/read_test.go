package zmtp

import (
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// conversations are inputs that end well, and the messages in them; a publisher
// reads them.
var conversations = map[string]struct {
	said string
	want []string
}{
	"nothing":        {"", nil},
	"one":            {message("hello"), []string{message("hello")}},
	"empty":          {message(""), []string{message("")}},
	"all empty":      {message("", "", ""), []string{message("", "", "")}},
	"empty anywhere": {message("", "a", "", "", "b", ""), []string{message("", "a", "", "", "b", "")}},
	"several": {
		message("a") + message("bc", "d") + message(letters[:255]) + message(letters[:256]) + message("e", letters[:700], "f"),
		[]string{message("a"), message("bc", "d"), message(letters[:255]), message(letters[:256]), message("e", letters[:700], "f")},
	},
	"short ones around others": {
		message("a") + message("") + message("b") + message("c", "d") + message("e") + message(letters[:256]) + message("f") + message("g"),
		[]string{message("a"), message(""), message("b"), message("c", "d"), message("e"), message(letters[:256]), message("f"), message("g")},
	},
	"short ones of one length": {
		message("ab") + message("cd") + message("ef") + message("g", "hi") + message("jk") + message("lm") + cmd("PONG") + message("no") + message(letters[:255]) + message(letters[1:256]),
		[]string{message("ab"), message("cd"), message("ef"), message("g", "hi"), message("jk"), message("lm"), message("no"), message(letters[:255]), message(letters[1:256])},
	},
	"long form of small frames": {
		longFrame(1, "abc") + longFrame(1, "") + longFrame(0, "d") + message("e"),
		[]string{longFrame(1, "abc") + longFrame(1, "") + longFrame(0, "d"), message("e")},
	},
	"commands between messages": {
		cmd("PING", "\x00\x00") + message("a") + cmd("WHAT", "ever") + cmd("READY") + message("b") + cmd("PONG", "x") + cmd("PING", "\x00\x00ctx") + message("c"),
		[]string{message("a"), message("b"), message("c")},
	},
	"commands between frames": {
		frame(1, "a") + cmd("PING", "\x00\x00one") + frame(1, "") + cmd("WHAT") + cmd("PING", "\x00\x00two") + frame(0, letters[:300]) + message("b"),
		[]string{message("a", "", letters[:300]), message("b")},
	},
	"commands of no form": {
		message("a") + "\x04\x00" + "\x04\x03\x05PI" + "\x04\x01\xff" + longFrame(4, "") + longFrame(4, "\x04PONG") + message("b"),
		[]string{message("a"), message("b")},
	},
	"subscriptions": {
		cmd("SUBSCRIBE", "") + cmd("SUBSCRIBE", "ab") + message("x") + cmd("CANCEL", "ab") + longFrame(4, "\x09SUBSCRIBEcd"),
		[]string{message("\x01"), message("\x01ab"), message("x"), message("\x00ab"), message("\x01cd")},
	},
	"long subscriptions": {
		cmd("SUBSCRIBE", letters[:245]) + cmd("SUBSCRIBE", letters[:246]) + cmd("SUBSCRIBE", letters[:254]) + cmd("SUBSCRIBE", letters[:255]) +
			cmd("SUBSCRIBE", letters[:1000]) + cmd("CANCEL", letters[:254]) + cmd("CANCEL", letters[:255]) + message("x"),
		[]string{
			message("\x01" + letters[:245]), message("\x01" + letters[:246]), message("\x01" + letters[:254]), message("\x01" + letters[:255]),
			message("\x01" + letters[:1000]), message("\x00" + letters[:254]), message("\x00" + letters[:255]), message("x"),
		},
	},
	"subscriptions that old libzmq spells wrongly": {
		mistaken("SUBSCRIBE", letters[:246]) + message("x") + mistaken("SUBSCRIBE", letters[:255]) + mistaken("CANCEL", letters[:249]) +
			mistaken("CANCEL", letters[:255]) + cmd("SUBSCRIBE", "y"),
		[]string{
			message("\x01" + letters[:246]), message("x"), message("\x01" + letters[:255]), message("\x00" + letters[:249]),
			message("\x00" + letters[:255]), message("\x01y"),
		},
	},
	"empty commands to a publisher": {
		"\x04\x00" + message("") + "\x04\x00" + message("a") + "\x04\x00\x00\x00" + message("b"),
		[]string{message(""), message("a"), message(""), message("b")},
	},
	"what only looks wrongly spelt": {
		"\x04\x00" + message("") + message("") + message("n") + message("x"),
		[]string{message(""), message(""), message("n"), message("x")},
	},
	"subscriptions inside a message": {
		frame(1, "a") + cmd("SUBSCRIBE", "x") + frame(1, "b") + cmd("CANCEL", "x") + mistaken("SUBSCRIBE", letters[:250]) + frame(0, "c") +
			cmd("CANCEL", letters[:250]) + message("d"),
		[]string{message("\x01x"), message("\x00x"), message("\x01" + letters[:250]), message("a", "b", "c"), message("\x00" + letters[:250]), message("d")},
	},
	"subscriptions inside messages that follow each other": {
		message("0") + frame(1, "a") + cmd("SUBSCRIBE", "x") + frame(0, "b") + message("c") + cmd("SUBSCRIBE", "y") + frame(1, "d") + cmd("CANCEL", "y") + cmd("CANCEL", "x") + frame(0, "e"),
		[]string{message("0"), message("\x01x"), message("a", "b"), message("c"), message("\x01y"), message("\x00y"), message("\x00x"), message("d", "e")},
	},
	"long commands": {
		cmd("WHAT", strings.Repeat("w", maxCommand)) + message("a") + frame(1, "b") + cmd("PING", "\x00\x00"+strings.Repeat("c", 5000)) + frame(0, "c") +
			cmd("SUBSCRIBE", strings.Repeat("s", 5000)) + cmd("SUBSCRIBED", strings.Repeat("s", 5000)) + cmd("CANCEL", strings.Repeat("s", 5000)) + message("d"),
		[]string{message("a"), message("b", "c"), message("\x01" + strings.Repeat("s", 5000)), message("\x00" + strings.Repeat("s", 5000)), message("d")},
	},
	"an ERROR that is not the end": {
		message("a") + cmd("ERROR", "\x07go away") + message("b") + cmd("ERROR", "\x07go away") + cmd("PONG"),
		[]string{message("a"), message("b")},
	},
	"PINGs without a whole TTL": {
		cmd("PING") + message("a") + cmd("PING", "\x00") + message("b"),
		[]string{message("a"), message("b")},
	},
}

// pongs are the PONGs that each conversation gets.
var pongs = map[string][]string{
	"commands between messages": {cmd("PONG"), cmd("PONG", "ctx")},
	"commands between frames":   {cmd("PONG", "one"), cmd("PONG", "two")},
	"long commands":             {cmd("PONG", strings.Repeat("c", maxPingContext))},
	"PINGs without a whole TTL": {cmd("PONG"), cmd("PONG")},
}

// C03, C11, C12, C13, C21, C22, C23, C36, C68: it does not matter where the input
// is cut.
func TestEveryCut(t *testing.T) {
	publisher := Setup{Publisher: true}
	for name, c := range conversations {
		t.Run(name, func(t *testing.T) {
			want := hear(t, publisher, "", c.said)
			checkOutcome(t, "whole", want, outcome{messages: c.want, control: pongs[name], commands: want.commands})
			checkOutcome(t, "behind the handshake", hear(t, publisher, c.said), want)
			for at := range len(c.said) {
				a, b := c.said[:at], c.said[at:]
				checkOutcome(t, fmt.Sprintf("cut at %d", at), hear(t, publisher, "", a, b), want)
				checkOutcome(t, fmt.Sprintf("cut at %d, behind the handshake", at), hear(t, publisher, a, b), want)
				// With something larger in front, slabs and their holes lie elsewhere.
				big := cmd("PING", "\x00\x00") + message(strings.Repeat("x", slab.Small)) + cmd("PONG")
				shifted := hear(t, publisher, "", big+a, b)
				shifted.messages, shifted.control, shifted.commands = shifted.messages[1:], shifted.control[1:], shifted.commands[2:]
				checkOutcome(t, fmt.Sprintf("cut at %d, behind a large message", at), shifted, want)
			}
			checkOutcome(t, "byte by byte", hear(t, publisher, "", strings.Split(c.said, "")...), want)
		})
	}
}

// A SUBSCRIBE is ignored by a socket that publishes nothing.
func TestSubscriptionsToOthers(t *testing.T) {
	got := hear(t, Setup{}, "", cmd("SUBSCRIBE", "a")+message("x")+cmd("CANCEL", "a")+frame(1, "y")+cmd("SUBSCRIBE", "")+frame(0, "z"))
	checkOutcome(t, "", got, outcome{
		messages: []string{message("x"), message("y", "z")},
		commands: []string{"SUBSCRIBE", "CANCEL", "SUBSCRIBE"},
	})
}

// C20: messages before the end are delivered, one in progress is not.
func TestC20EndInsideMessage(t *testing.T) {
	whole := message("a", "b")
	for at := range len(whole) {
		got := hear(t, Setup{}, "", message("first")+whole[:at])
		checkOutcome(t, fmt.Sprint(at), got, outcome{messages: []string{message("first")}})
	}
}

// C14, C15, C16, C17, C18: each breaks the protocol, at its header if that
// suffices; messages before it are delivered.
func TestC14BrokenProtocol(t *testing.T) {
	limited := Setup{Limits: Limits{MaxSize: 1000, MaxFrames: 3}}
	enveloped := Setup{Limits: Limits{MaxSize: 10, Enveloped: true}}
	breaches := []struct {
		setup      Setup
		said, text string
	}{
		{limited, "\x05\x00", "a command with the MORE flag"},
		{limited, sizeOnly(5, 5), "a command with the MORE flag"},
		{Setup{}, sizeOnly(0, 1<<63), "a frame of 9223372036854775808 bytes"},
		{Setup{}, sizeOnly(0, math.MaxUint64), "a frame of 18446744073709551615 bytes"},
		{Setup{}, sizeOnly(4, math.MaxUint64), "a frame of 18446744073709551615 bytes"},
		{Setup{Publisher: true}, sizeOnly(4, 1<<63), "a frame of 9223372036854775808 bytes"},
		{limited, sizeOnly(0, 1001), "a message of at least 1001 bytes, the limit is 1000"},
		{limited, sizeOnly(1, 1<<40), "a message of at least 1099511627776 bytes"},
		{Setup{Limits: Limits{MaxSize: 10}}, "\x00\x0b" + letters[:11], "a message of at least 11 bytes, the limit is 10"},
		{limited, frame(1, letters[:500]) + sizeOnly(0, 501), "a message of at least 1001 bytes"},
		{limited, strings.Repeat(frame(1, ""), 3) + "\x00\x00", "a message of more than 3 frames"},
		{enveloped, message(letters[:20]), "a message of at least 20 bytes, the limit is 10"},
		{enveloped, message(letters[:5], "", letters[:11]), "a message of at least 11 bytes, the limit is 10"},
		{enveloped, message("", letters[:6], "", letters[:5]), "a message of at least 11 bytes, the limit is 10"},
		{enveloped, message("", letters[:6], letters[:5]), "a message of at least 11 bytes, the limit is 10"},
		{limited, sizeOnly(4, maxCommand+1), "a command of 4097 bytes, the limit is 1000"},
		{Setup{Publisher: true, Limits: Limits{MaxSize: 1000}}, sizeOnly(4, maxCommand+1) + "\x0aSUBSCRIBER", "a command of 4097 bytes, the limit is 1000"},
		{Setup{Publisher: true, Limits: Limits{MaxPrefix: 10}}, sizeOnly(4, maxCommand+1) + "\x09SUBSCRIBE", "a subscription to a prefix of 4087 bytes, the limit is 10"},
		{Setup{Publisher: true, Limits: Limits{MaxPrefix: 5000}}, sizeOnly(4, 5011) + "\x09SUBSCRIBE", "a subscription to a prefix of 5001 bytes, the limit is 5000"},
		{Setup{Publisher: true, Limits: Limits{MaxPrefix: 5000}}, sizeOnly(4, 1<<29) + "\x06CANCELxyz", "a subscription to a prefix of 536870905 bytes, the limit is 5000"},
	}
	for flags := 8; flags <= 0xff; flags += 8 {
		breaches = append(breaches, struct {
			setup      Setup
			said, text string
		}{limited, string([]byte{byte(flags | flags>>3&3), 0}) + strings.Repeat("\x00", 7), "reserved bits"})
	}
	for _, b := range breaches {
		for _, inOneRead := range []bool{true, false} {
			said := []string{message("good"), b.said, message("never")}
			if inOneRead {
				said = []string{strings.Join(said, "")}
			}
			got := hear(t, b.setup, "", said...)
			if len(got.messages) != 1 || got.messages[0] != message("good") || !strings.Contains(got.err, b.text) {
				t.Errorf("%q: %s\nwant %q", b.said, got, b.text)
			}
		}
		c := NewConn(&pieces{left: []string{b.said}}, Peer{}, nil, b.setup)
		_, err := c.Read()
		var broke *HandshakeError
		if !errors.As(err, &broke) || broke.Kind != FailureProtocol || !broke.Fatal() {
			t.Errorf("%q: %v", b.said, err)
		}
		if _, again := c.Read(); !errors.Is(again, err) {
			t.Errorf("%q: then %v", b.said, again)
		}
	}
}

// C18: a message at its limits passes.
func TestC18AtTheLimits(t *testing.T) {
	s := Setup{Limits: Limits{MaxSize: 1000, MaxFrames: 3}}
	most := []string{message(letters[:1000]), message(letters[:500], "", letters[:500]), message("", "", ""), message("next")}
	checkOutcome(t, "", hear(t, s, "", strings.Join(most, "")), outcome{messages: most})
	enveloped := []string{message(letters[:500], letters[:500], "", letters[:500], "", letters[:500]), message("", letters[:1000]), message(""), message(letters[:1000], "", letters[:1000])}
	checkOutcome(t, "", hear(t, Setup{Limits: Limits{MaxSize: 1000, Enveloped: true}}, "", strings.Join(enveloped, "")), outcome{messages: enveloped})
	short := []string{message(letters[:5], letters[5:10], "", letters[:5], "", letters[:5]), message("", letters[:10]), message(""), message(""), message(letters[:10], "", letters[:10])}
	checkOutcome(t, "", hear(t, Setup{Limits: Limits{MaxSize: 10, Enveloped: true}}, "", strings.Split(strings.Join(short, ""), "")...), outcome{messages: short})
	checkOutcome(t, "", hear(t, Setup{Limits: Limits{MaxSize: 10, Enveloped: true}}, "", strings.Join(short, "")), outcome{messages: short})
	s.Publisher = true
	checkOutcome(t, "", hear(t, s, "", cmd("SUBSCRIBE", strings.Repeat("x", maxCommand-10))), outcome{
		messages: []string{message("\x01" + strings.Repeat("x", maxCommand-10))},
		commands: []string{"SUBSCRIBE"},
	})
}

// allocated returns the number of bytes that do allocates.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// C16, C17: memory depends on the bytes that arrived, not on announced sizes.
func TestC17ClaimedSizes(t *testing.T) {
	for _, flags := range []byte{0, 1, 4} {
		for _, size := range []uint64{1 << 20, 1 << 30, 1 << 40, 1 << 61, math.MaxInt64 / 2, 1 << 63, math.MaxUint64} {
			s := Setup{Publisher: true}
			if used := allocated(func() { hear(t, s, "", sizeOnly(flags, size)+"abc", "de") }); used > 1<<20 {
				t.Errorf("flags %d, size %d: %d bytes allocated", flags, size, used)
			}
		}
	}
}

// A message that arrives bit by bit costs a few times its size, and its slab has
// hardly more room than it takes.
func TestLargeMessageGrows(t *testing.T) {
	const size = 10 << 20
	piece := strings.Repeat("x", 60<<10)
	said := append([]string{sizeOnly(1, size)}, many(size/len(piece), piece)...)
	said = append(said, piece[:size%len(piece)], frame(0, "end"))
	c := NewConn(&pieces{left: said}, Peer{}, nil, Setup{})
	var last *slab.Slab
	used := allocated(func() {
		var err error
		if last, err = c.Read(); err != nil {
			t.Fatal(err)
		}
	})
	if len(last.Wire) != 9+size+5 || last.Count != 1 {
		t.Fatalf("%d bytes, %d messages", len(last.Wire), last.Count)
	}
	if used > 4*size || cap(last.Wire) > 2*size {
		t.Errorf("%d bytes allocated, %d of them in the slab", used, cap(last.Wire))
	}
}

// So does a message of many frames, however they are cut: it was copied for every
// eight KiB of it.
func TestMessageOfManyFramesGrows(t *testing.T) {
	const size = 10 << 20
	for _, each := range []int{0, 1, 100, 1000, 10 << 10, 100 << 10, 1 << 20} {
		part := frame(1, strings.Repeat("x", each))
		wire := strings.Repeat(part, size/len(part)) + frame(0, "end")
		for _, piece := range []int{1000, 64 << 10, 1 << 20} {
			var said []string
			for at := 0; at < len(wire); at += piece {
				said = append(said, wire[at:min(len(wire), at+piece)])
			}
			c := NewConn(&pieces{left: said}, Peer{}, nil, Setup{})
			used := allocated(func() {
				got, err := c.Read()
				if err != nil || len(got.Wire) != len(wire) || got.Count != 1 {
					t.Fatalf("%v", err)
				}
			})
			if used > 5*size {
				t.Errorf("frames of %d bytes in pieces of %d: %d bytes allocated", each, piece, used)
			}
		}
	}
}

// Commands inside a message do not make room for themselves alone, whatever a read cuts:
// the message was copied for each of them.
func TestMessageWithCommandsGrows(t *testing.T) {
	const size = 10 << 20
	part := frame(1, strings.Repeat("x", 4100)) + frame(4, "\x03FOO"+strings.Repeat("y", 4000))
	wire := strings.Repeat(part, size/len(part)) + frame(0, "end")
	for _, piece := range []int{1000, len(part) - 100, 64 << 10, len(wire)} {
		var said []string
		for at := 0; at < len(wire); at += piece {
			said = append(said, wire[at:min(len(wire), at+piece)])
		}
		c := NewConn(&pieces{left: said}, Peer{}, nil, Setup{})
		used := allocated(func() {
			if got, err := c.Read(); err != nil || got.Count != 1 {
				t.Fatalf("%v", err)
			}
		})
		if used > 5*size {
			t.Errorf("in pieces of %d: %d bytes allocated", piece, used)
		}
	}
}

// The memory of a large message is taken at once for a peer that has just sent one as
// large, and by steps where it sent less, or the memory is not there.
func TestLargeMessageAgain(t *testing.T) {
	const before, short = 1 << 20, 600 << 10
	piece := strings.Repeat("x", 60<<10)
	for name, test := range map[string]struct {
		size, most int
		atOnce     bool
	}{
		"as large":            {before, math.MaxInt, true},
		"smaller":             {before / 2, math.MaxInt, true},
		"larger":              {before + 1000, math.MaxInt, false},
		"as large, no memory": {before, short, false},
	} {
		said := append([]string{sizeOnly(0, before)}, many(before/len(piece), piece)...)
		said = append(said, piece[:before%len(piece)], sizeOnly(0, uint64(test.size)), piece, "")
		c := NewConn(&pieces{left: said}, Peer{}, nil, Setup{})
		if got, err := c.Read(); err != nil || got.Count != 1 {
			t.Fatalf("%s: %v", name, err)
		}
		c.grow = func(size int, _ bool) (bool, error) { return size <= test.most, nil }
		if _, err := c.Read(); err == nil {
			t.Fatalf("%s: a message that did not end was read", name)
		}
		if got := cap(c.in.slab.Wire); (got >= test.size) != test.atOnce || got > max(slab.Huge, test.size) {
			t.Errorf("%s: a slab of %d bytes for one of %d", name, got, test.size)
		}
	}
}

// TestSealedMessageAgain: so is that of a sealed one.
func TestSealedMessageAgain(t *testing.T) {
	const before, short = 1 << 20, 600 << 10
	for name, test := range map[string]struct {
		size, most int
		atOnce     bool
	}{
		"as large":            {before, math.MaxInt, true},
		"smaller":             {before / 2, math.MaxInt, true},
		"larger":              {before + 1000, math.MaxInt, false},
		"as large, no memory": {before, short, false},
	} {
		first, second := message(strings.Repeat("x", before)), message(strings.Repeat("y", test.size))
		p, wire := sealedTalk(t, []string{first, second})
		_, n, header := framing.ParseHeader([]byte(wire))
		whole := header + int(n)
		c := NewConn(&pieces{left: []string{wire[:whole], wire[whole:][:60<<10], ""}}, p, nil, Setup{})
		if got, err := c.Read(); err != nil || got.Count != 1 {
			t.Fatalf("%s: %v", name, err)
		}
		c.grow = func(size int, _ bool) (bool, error) { return size <= test.most, nil }
		if _, err := c.Read(); err == nil {
			t.Fatalf("%s: a message that did not end was read", name)
		}
		if got := cap(c.opener.slab.Wire); (got >= test.size) != test.atOnce || got > max(slab.Huge, test.size) {
			t.Errorf("%s: a slab of %d bytes for one of %d", name, got, test.size)
		}
	}
}

// C19: delivered whole, with memory in proportion.
func TestC19ManyParts(t *testing.T) {
	const parts = 50000
	said := strings.Repeat(frame(1, ""), parts-1) + frame(0, "")
	for _, size := range []int{len(said), 60 << 10, 1000, 7} {
		var cut []string
		for rest := said; rest != ""; rest = rest[min(size, len(rest)):] {
			cut = append(cut, rest[:min(size, len(rest))])
		}
		var got outcome
		used := allocated(func() { got = hear(t, Setup{}, "", cut...) })
		if len(got.messages) != 1 || got.messages[0] != said || got.err != "" {
			t.Errorf("pieces of %d: %d messages, %s", size, len(got.messages), got.err)
		}
		if used > 16*uint64(len(said)) {
			t.Errorf("pieces of %d: %d bytes allocated", size, used)
		}
	}
}

// An idle peer holds no slab, and one that sent a little holds no large one.
func TestIdleHoldsNothing(t *testing.T) {
	c := NewConn(&pieces{left: []string{message("a") + cmd("PONG"), cmd("PONG")}}, Peer{}, nil, Setup{})
	got, err := c.Read()
	if err != nil || cap(got.Wire) >= slab.Large {
		t.Fatalf("%v, a slab of %d bytes", err, cap(got.Wire))
	}
	if c.in.slab != nil {
		t.Errorf("%d bytes held behind the last message", cap(c.in.slab.Wire))
	}
	if _, err := c.Read(); err == nil || c.in.slab != nil {
		t.Errorf("%v, slab %v", err, c.in.slab)
	}
}

// Subscriptions inside a message that never ends are returned as they come, and are
// not kept.
func TestSubscriptionsInsideAnEndlessMessage(t *testing.T) {
	const count = 1000
	prefix := strings.Repeat("x", 4000)
	var used uint64
	var got outcome
	used = allocated(func() {
		got = hear(t, Setup{Publisher: true}, "", append([]string{frame(1, "a")}, many(count, cmd("SUBSCRIBE", prefix))...)...)
	})
	if len(got.messages) != count || got.messages[0] != message("\x01"+prefix) || got.err != "" {
		t.Errorf("%d messages, %q", len(got.messages), got.err)
	}
	if used > 32*count*uint64(len(prefix)) {
		t.Errorf("%d bytes allocated", used)
	}
}

// A subscription inside a message ends it where the caller wants that, as its last
// frame; what follows is a message of its own.
func TestEndMessage(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		for _, prefix := range []string{"", "x", letters[:250], letters[:1000]} {
			said := []string{
				message("0"), frame(1, "a"), frame(1, ""), cmd("SUBSCRIBE", prefix), frame(1, "b"), cmd("SUBSCRIBE", "again"), frame(0, "c"),
				message("d"), frame(1, "e"), cmd("CANCEL", prefix), cmd("PING", "\x00\x00"), message("f"),
			}
			want := []string{
				message("0"), "inside " + message("\x01"+prefix), "told " + message("a", "", "\x01"+prefix), "inside " + message("\x01again"),
				message("b", "c"), message("d"), "inside " + message("\x00"+prefix), "told " + message("e", "\x00"+prefix), message("f"),
			}
			for _, at := range []int{1, 3, 7, 1000, 1 << 20} {
				setup, p := Setup{Publisher: true, Control: func([]byte) {}}, Peer{Major: 3, Minor: 1}
				wire := strings.Join(said, "")
				if sealed {
					p, wire = sealedTalk(t, said)
				}
				var cuts []string
				for rest := wire; rest != ""; rest = rest[min(at, len(rest)):] {
					cuts = append(cuts, rest[:min(at, len(rest))])
				}
				c := NewConn(&pieces{left: cuts}, p, nil, setup)
				var got []string
				for {
					slab, err := c.Read()
					if err != nil {
						if !errors.Is(err, io.EOF) {
							t.Fatal(err)
						}
						break
					}
					wire := slab.Wire
					for i := range slab.Count {
						var m []byte
						m, wire = framing.CutMessage(wire)
						kind := ""
						switch {
						case slab.Inside:
							kind = "inside "
							if !strings.Contains(string(m), "again") {
								c.EndMessage()
							}
						case slab.Told && i == slab.Count-1:
							kind = "told "
						}
						got = append(got, kind+string(m))
					}
					slab.Recycle()
				}
				c.EndMessage() // there is none
				c.Close()
				if !slices.Equal(got, want) {
					t.Fatalf("sealed %t, pieces of %d: %q\nwant %q", sealed, at, got, want)
				}
			}
		}
	}
}

// sealedTalk returns said as a CURVE client sends it, and the peer for the Conn
// that reads it.
func sealedTalk(tb testing.TB, said []string) (p Peer, wire string) {
	tb.Helper()
	client, server := sessions()
	s := newSealer(client)
	return Peer{Major: 3, Minor: 1, secrets: server}, sealedBy(tb, s, []byte(strings.Join(said, "")), 1<<20)
}

// A long command costs no memory, however long it is: it is skipped as it comes,
// also inside a message.
func TestLongCommandPassesBy(t *testing.T) {
	const size = 30 << 20
	for _, publisher := range []bool{false, true} {
		for _, name := range []string{"WHAT", "ERROR", "PONG", "READY"} {
			head := frame(1, "a") + sizeOnly(4, size) + string([]byte{byte(len(name))}) + name
			said := append([]string{head}, many((size-1-len(name))/(64<<10), strings.Repeat("x", 64<<10))...)
			said = append(said, strings.Repeat("x", (size-1-len(name))%(64<<10)), frame(0, "b"), message("c"))
			var got outcome
			used := allocated(func() { got = hear(t, Setup{Publisher: publisher}, "", said...) })
			checkOutcome(t, name, got, outcome{messages: []string{message("a", "b"), message("c")}, commands: []string{name}})
			if used > 2<<20 {
				t.Errorf("%s: %d bytes allocated for %d", name, used, size)
			}
		}
	}
}
