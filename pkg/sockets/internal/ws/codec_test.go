package ws

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// seeded returns random numbers that the test names when it fails.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// TestEncoderInPieces: however the wire form is cut, and however little is taken at a
// time, what comes out is one binary message for each frame, and what counts as written
// never ends a frame of which something is outstanding.
func TestEncoderInPieces(t *testing.T) {
	r := seeded(t)
	for range 300 {
		client := r.IntN(2) == 0
		e := NewEncoder(client, false)
		var wire []byte
		var want []raw
		ends := map[int]bool{0: true} // of frames in wire
		for range 1 + r.IntN(20) {
			body := someBytes(r, someSize(r))
			switch r.IntN(8) {
			case 0:
				context := body[:min(len(body), 125)]
				wire = append(wire, command("PONG", string(context))...)
				want = append(want, raw{opPong, true, client, string(context)})
			case 1:
				wire = append(wire, command("PING", "\x00\x05")...)
				want = append(want, raw{opPing, true, client, ""})
			case 2:
				wire = append(wire, command("READY", string(body))...)
				want = append(want, raw{opBinary, true, client, "\x02\x05READY" + string(body)})
			default:
				more := byte(r.IntN(2))
				wire = append(framing.AppendHeader(wire, more, len(body)), body...)
				want = append(want, raw{opBinary, true, client, string([]byte{more}) + string(body)})
			}
			ends[len(wire)] = true
		}
		var out []byte
		put := func(b []byte) (int, error) {
			n := len(b)
			if r.IntN(3) > 0 {
				n = r.IntN(len(b) + 1)
			}
			out = append(out, b[:n]...)
			return n, nil
		}
		buffer := make([]byte, 0, 100+r.IntN(70000))
		for at := 0; at < len(wire); {
			end := len(wire)
			if r.IntN(2) == 0 {
				end = at + 1 + r.IntN(len(wire)-at)
			}
			n, err := e.Write(wire[at:end], buffer, put)
			if err != nil {
				t.Fatal(err)
			}
			at += n
			if ends[at] != e.Between() {
				t.Fatalf("%d bytes count as written, an end of a frame: %v; the encoder is between two: %v", at, ends[at], e.Between())
			}
		}
		got := parseRaw(t, out)
		if len(got) != len(want) {
			t.Fatalf("%d messages, want %d", len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("message %d: %.60s, want %.60s", i, got[i], want[i])
			}
		}
	}
}

// TestEncoderWithoutMechanism: of all commands only READY is sent, as its routing id.
func TestEncoderWithoutMechanism(t *testing.T) {
	e := NewEncoder(false, true)
	wire := command("READY", "\x0bSocket-Type\x00\x00\x00\x06DEALER\x08Identity\x00\x00\x00\x02me")
	wire = append(wire, command("ERROR", "\x00")...)
	wire = append(wire, framing.AppendFrame(nil, []byte("x"), false)...)
	wire = append(wire, command("ERROR", "\x00")...)
	var out []byte
	n, err := e.Write(wire, make([]byte, 0, 1000), func(b []byte) (int, error) { out = append(out, b...); return len(b), nil })
	if n != len(wire) || err != nil {
		t.Fatal(n, err)
	}
	want := []raw{{opBinary, true, false, "\x00me"}, {opBinary, true, false, "\x00x"}}
	if got := parseRaw(t, out); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestMasksDiffer: a client masks each frame with another key.
func TestMasksDiffer(t *testing.T) {
	e := NewEncoder(true, false)
	wire := bytes.Repeat(framing.AppendFrame(nil, make([]byte, 4), false), 100)
	keys := map[string]bool{}
	_, _ = e.Write(wire, make([]byte, 0, 10000), func(b []byte) (int, error) {
		for ; len(b) > 0; b = b[11:] {
			keys[string(b[2:6])] = true
		}
		return 1100, nil
	})
	if len(keys) < 99 {
		t.Errorf("%d keys of 100 frames", len(keys))
	}
}

// decodeAll feeds b in pieces to a Decoder, and returns what it writes.
func decodeAll(d *Decoder, b []byte, r *rand.Rand) (out []byte, err error) {
	var held []byte
	for {
		dst := make([]byte, 1+r.IntN(300))
		if r.IntN(20) == 0 {
			dst = nil
		}
		n, used, err := d.Read(dst, held)
		out, held = append(out, dst[:n]...), held[used:]
		switch {
		case err != nil:
			return out, err
		case dst == nil || n > 0 || d.Ready(held):
			if dst != nil && n == 0 {
				return out, errors.New("ready, and nothing was written")
			}
			if dst == nil && len(b) == 0 && !d.Ready(held) {
				return out, nil
			}
			if dst != nil {
				continue
			}
		}
		if len(b) == 0 && !d.Ready(held) {
			return out, nil
		}
		k := min(len(b), 1+r.IntN(200))
		held, b = append(held[:len(held):len(held)], b[:k]...), b[k:]
	}
}

// TestDecoderInPieces: messages whole and in fragments, with control frames between them,
// come out as frames of ZMTP, however they arrive and are read.
func TestDecoderInPieces(t *testing.T) {
	r := seeded(t)
	for range 300 {
		client := r.IntN(2) == 0
		d := NewDecoder(client, Agreed{Mechanism: "NULL", Polite: true})
		grown := 0
		d.Open(100000, func(size int) error { grown = max(grown, size); return nil })
		var in, want []byte
		add := func(f raw) {
			f.masked = client
			in = append(in, f.bytes([4]byte(someBytes(r, 4)))...)
		}
		control := func() {
			payload := string(someBytes(r, r.IntN(126)))
			switch r.IntN(6) {
			case 0:
				add(raw{op: opPing, final: true, payload: payload})
				want = append(want, command("PING", "\x00\x00"+payload)...)
			case 1:
				add(raw{op: opPong, final: true, payload: payload})
				want = append(want, command("PONG", payload)...)
			}
		}
		for range 1 + r.IntN(12) {
			control()
			body := someBytes(r, someSize(r))
			flags := byte(r.IntN(3))
			payload := string([]byte{flags}) + string(body)
			switch r.IntN(3) {
			case 0:
				op := byte(opBinary)
				for len(payload) > 0 || op == opBinary {
					n := r.IntN(len(payload) + 1)
					add(raw{op: op, payload: payload[:n]})
					payload, op = payload[n:], opContinue
					control()
				}
				add(raw{op: opContinue, final: true})
			default:
				add(raw{op: opBinary, final: true, payload: payload})
			}
			own := flags & 1
			if flags&2 != 0 {
				own |= framing.FlagCommand
			}
			want = append(framing.AppendHeader(want, own, len(body)), body...)
		}
		add(raw{op: opClose, final: true, payload: "\x03\xe8"})
		got, err := decodeAll(&d, append(in, "behind the end"...), r)
		if !errors.Is(err, io.EOF) {
			t.Fatal("not the end:", err)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("got %d bytes, want %d", len(got), len(want))
		}
		if grown > 100001 || d.Held() > 0 {
			t.Fatalf("%d bytes for messages in fragments; %d are held at the end", grown, d.Held())
		}
	}
}

// TestDecoderWithoutMechanism: the first message is the routing id, and becomes a READY.
func TestDecoderWithoutMechanism(t *testing.T) {
	for _, id := range []string{"", "me", strings.Repeat("i", 255)} {
		d := NewDecoder(true, Agreed{Mechanism: "NULL", Plain: true, Polite: true})
		in := raw{opBinary, true, true, "\x00" + id}.bytes([4]byte{1, 2, 3, 4})
		in = append(in, raw{opBinary, true, true, "\x01a"}.bytes([4]byte{})...)
		got, err := decodeAll(&d, in, rand.New(rand.NewPCG(1, 2)))
		want := append(command("READY", "\x08Identity\x00\x00\x00"+string([]byte{byte(len(id))})+id), "\x01\x01a"...)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%.20q: got %.60q %v, want %.60q", id, got, err, want)
		}
	}
}

// TestServerThatHasNoMechanism: one that agreed on NULL, and begins with a routing id, is
// taken for what it is; one that begins with a command is not.
func TestServerThatHasNoMechanism(t *testing.T) {
	for _, c := range []struct {
		first string
		plain bool
		want  []byte
	}{
		{"\x00", true, command("READY", "\x08Identity\x00\x00\x00\x00")},
		{"\x00me", true, command("READY", "\x08Identity\x00\x00\x00\x02me")},
		{"\x02\x05READY", false, command("READY", "")},
	} {
		d := NewDecoder(false, Agreed{Mechanism: "NULL"})
		in := raw{op: opBinary, final: true, payload: c.first}.bytes([4]byte{})
		in = append(in, raw{op: opBinary, final: true, payload: "\x00x"}.bytes([4]byte{})...)
		got, err := decodeAll(&d, in, rand.New(rand.NewPCG(1, 2)))
		if want := append(c.want, "\x00\x01x"...); err != nil || !bytes.Equal(got, want) || d.Plain() != c.plain {
			t.Errorf("%q: got %q %v, want %q; plain %v", c.first, got, err, want, d.Plain())
		}
	}
}

// TestPingBeforeTheHandshakeIsDone: the last one is answered afterwards.
func TestPingBeforeTheHandshakeIsDone(t *testing.T) {
	d := NewDecoder(false, Agreed{Mechanism: "NULL", Polite: true})
	in := raw{op: opPing, final: true, payload: "one"}.bytes([4]byte{})
	in = append(in, raw{op: opPong, final: true}.bytes([4]byte{})...)
	in = append(in, raw{op: opPing, final: true, payload: "two"}.bytes([4]byte{})...)
	dst := make([]byte, 100)
	if n, used, err := d.Read(dst, in); n != 0 || used != len(in) || err != nil {
		t.Fatal(n, used, err)
	}
	d.Open(0, nil)
	n, _, err := d.Read(dst, nil)
	if want := command("PING", "\x00\x00two"); !bytes.Equal(dst[:n], want) || err != nil {
		t.Errorf("got %q %v, want %q", dst[:n], err, want)
	}
}

// breaches are what no peer may send, with a part of the reason. They are masked as the
// peer's frames have to be, unless they say otherwise.
var breaches = map[string]struct{ in, why string }{
	"reserved bits":              {"\xC2\x81\x00\x00\x00\x00\x00", "reserved bits"},
	"not masked":                 {"\x82\x01\x00", "not masked"},
	"unknown kind":               {"\x83\x80", "unknown kind"},
	"unknown control":            {"\x8B\x80", "unknown kind"},
	"text":                       {"\x81\x81\x00\x00\x00\x00\x00", "text message"},
	"a long ping":                {"\x89\xFE\x00\x7E", "control frame"},
	"a ping in fragments":        {"\x09\x80", "control frame"},
	"continues nothing":          {"\x80\x80\x00\x00\x00\x00", "continues no message"},
	"a message inside":           {"\x02\x81\x00\x00\x00\x00\x00\x82\x81\x00\x00\x00\x00\x00", "inside another"},
	"empty":                      {"\x82\x80\x00\x00\x00\x00", "empty message"},
	"empty in fragments":         {"\x02\x80\x00\x00\x00\x00\x80\x80\x00\x00\x00\x00", "empty message"},
	"flags":                      {"\x82\x81\x00\x00\x00\x00\x04", "reserved bits in a message's flags"},
	"flags in fragments":         {"\x02\x81\x00\x00\x00\x00\x80\x80\x80\x00\x00\x00\x00", "reserved bits in a message's flags"},
	"flags and a body":           {"\x02\x81\x00\x00\x00\x00\x30\x80\x81\x00\x00\x00\x00x", "reserved bits in a message's flags"},
	"2^63 bytes":                 {"\x82\xFF\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "a frame of"},
	"a fragment of 2^62 bytes":   {"\x02\xFF\x40\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "the limit is 1000"},
	"a fragment over the limit":  {"\x02\xFE\x03\xEA\x00\x00\x00\x00\x00", "the limit is 1000"},
	"fragments over the limit":   {"\x02\x81\x00\x00\x00\x00\x00\x80\xFE\x03\xE9\x00\x00\x00\x00", "the limit is 1000"},
	"forbidden flags in a piece": {"\x82\x82\x01\x00\x00\x00\x81x", "reserved bits in a message's flags"},
}

func TestDecoderRefuses(t *testing.T) {
	for name, b := range breaches {
		d := NewDecoder(true, Agreed{Mechanism: "NULL", Polite: true})
		d.Open(1000, nil)
		got, err := decodeAll(&d, []byte("\x82\x82\x00\x00\x00\x00\x00x"+b.in+strings.Repeat("\x00", 20)), rand.New(rand.NewPCG(1, 2)))
		if err == nil || !strings.Contains(err.Error(), b.why) {
			t.Errorf("%s: %v, want %q", name, err, b.why)
		}
		if string(got) != "\x00\x01x" {
			t.Errorf("%s: %q came out", name, got)
		}
	}
	d := NewDecoder(false, Agreed{Mechanism: "NULL", Polite: true})
	if _, _, err := d.Read(nil, []byte("\x82\x81\x00\x00\x00\x00\x00")); err == nil {
		t.Error("a server may mask its frames")
	}
}

// TestFragmentsGrowAsTheyCome: memory is asked for as a message arrives, never on the
// peer's word, and the refusal of it ends the connection.
func TestFragmentsGrowAsTheyCome(t *testing.T) {
	d := NewDecoder(false, Agreed{Mechanism: "NULL", Polite: true})
	most, refused := 0, errors.New("no more")
	d.Open(1<<30, func(size int) error {
		if most = max(most, size); size > 1<<20 {
			return refused
		}
		return nil
	})
	head := []byte("\x02\x7F\x00\x00\x00\x00\x20\x00\x00\x00") // 512 MiB
	if _, _, err := d.Read(nil, append(head, 0)); err != nil || most > 100 {
		t.Fatalf("%v, %d bytes for one that came", err, most)
	}
	piece := make([]byte, 8<<10)
	for sent := 0; ; sent += len(piece) {
		if _, _, err := d.Read(nil, piece); errors.Is(err, refused) {
			break
		}
		if d.Held() > 2*(sent+len(piece))+100 || d.Held() > 1<<20 {
			t.Fatalf("%d bytes are held after %d", d.Held(), sent)
		}
	}
}

// TestOpenLate: what follows the handshake may arrive with its end: a message in fragments
// then waits for Open to say how long it may be.
func TestOpenLate(t *testing.T) {
	const size = 3 * handshakeLimit
	ready := raw{opBinary, true, true, "\x02" + readyIdentity + "\x00\x00\x00\x00"}.bytes([4]byte{1, 2, 3, 4})
	in := slices.Concat(ready, raw{opBinary, false, true, "\x00" + strings.Repeat("x", size/2)}.bytes([4]byte{5, 6, 7, 8}),
		raw{opContinue, true, true, strings.Repeat("x", size/2)}.bytes([4]byte{9}))
	whole := len(ready) - 2 - 4 - 1 + 2 // of READY as ZMTP has it
	for cut := len(ready); cut <= len(in); cut += 1 + cut/100 {
		d := NewDecoder(true, Agreed{Mechanism: "NULL", Polite: true})
		dst := make([]byte, 2*size)
		n, used, err := d.Read(dst, in[:cut])
		if n != whole || err != nil {
			t.Fatalf("cut at %d: %d bytes, want %d: %v", cut, n, whole, err)
		}
		d.Open(size, nil)
		rest, _, err := d.Read(dst, in[used:])
		if rest != 9+size || err != nil {
			t.Fatalf("cut at %d: then %d bytes, want %d: %v", cut, rest, 9+size, err)
		}
	}
	d := NewDecoder(true, Agreed{Mechanism: "NULL", Polite: true})
	for range 2 {
		var big *Breach
		if _, _, err := d.Read(make([]byte, 100), in[len(ready):]); !errors.As(err, &big) || big.Code != CodeTooBig {
			t.Error("in the place of a handshake:", err)
		}
	}
}

// TestRestless: fragments of nothing are noticed, those of a large message are not.
func TestRestless(t *testing.T) {
	d := NewDecoder(false, Agreed{Mechanism: "NULL", Polite: true})
	d.Open(0, nil)
	begin := raw{op: opBinary, payload: "\x00"}.bytes([4]byte{})
	if _, _, err := d.Read(nil, append(begin, bytes.Repeat(raw{op: opContinue, payload: strings.Repeat("x", 1000)}.bytes([4]byte{}), 1000)...)); err != nil || d.Restless() {
		t.Error("a message of a megabyte in fragments:", err)
	}
	if _, _, err := d.Read(nil, bytes.Repeat(raw{op: opContinue}.bytes([4]byte{}), 40000)); err != nil || !d.Restless() || d.Restless() {
		t.Error("40,000 fragments of nothing:", err)
	}
}

func TestMask(t *testing.T) {
	r := seeded(t)
	for range 1000 {
		src := someBytes(r, r.IntN(100+900*r.IntN(2)))
		key := r.Uint32()
		bytesOfKey := [4]byte{byte(key), byte(key >> 8), byte(key >> 16), byte(key >> 24)}
		cut := r.IntN(len(src) + 1)
		dst := bytes.Clone(src)
		mask(dst[cut:], dst[cut:], mask(dst, src[:cut], key))
		for i := range src {
			if dst[i] != src[i]^bytesOfKey[i%4] {
				t.Fatalf("byte %d of %d, cut at %d", i, len(src), cut)
			}
		}
	}
}

// BenchmarkEncoder is the time for each message of a client, whole ones and in the way of
// those that are not short.
func BenchmarkEncoder(b *testing.B) {
	for _, size := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			e := NewEncoder(true, false)
			wire := bytes.Repeat(framing.AppendFrame(nil, make([]byte, size), false), 100)
			buffer := make([]byte, 0, 64<<10)
			put := func(p []byte) (int, error) { return len(p), nil }
			for b.Loop() {
				_, _ = e.Write(wire, buffer, put)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/message")
		})
	}
}

// BenchmarkDecoder is the same for a server.
func BenchmarkDecoder(b *testing.B) {
	for _, size := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			d := NewDecoder(true, Agreed{Mechanism: "NULL", Polite: true})
			in := bytes.Repeat(raw{opBinary, true, true, string(make([]byte, 1+size))}.bytes([4]byte{1, 2, 3, 4}), 100)
			dst := make([]byte, 200<<10)
			for b.Loop() {
				_, _, _ = d.Read(dst, in)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/message")
		})
	}
}

// BenchmarkMask is what masking alone takes.
func BenchmarkMask(b *testing.B) {
	for _, size := range []int{10, 100, 1000, 64 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			p := make([]byte, size)
			b.SetBytes(int64(size))
			for b.Loop() {
				mask(p, p, 0x12345678)
			}
		})
	}
}

// TestCodeOf: a close frame is answered with its own code, if that is one to be sent.
func TestCodeOf(t *testing.T) {
	for payload, want := range map[string]uint16{
		"": 1000, "\x03\xe8": 1000, "\x03\xe9": 1000, "\x03\xeb": 1003, "\x03\xf0go": 1008, "\x0b\xb8": 3000, "\x13\x87": 4999,
		"\x03": 1002, "\x00\x00": 1002, "\x03\xe7": 1002, "\x03\xec": 1002, "\x03\xed": 1002, "\x03\xee": 1002, "\x03\xf7": 1002, "\x07\xd0": 1002, "\x13\x88": 1002,
		"\x03\xf0\xff": 1007,
	} {
		if got := CodeOf(closed([]byte(payload))); got != want {
			t.Errorf("%q: %d, want %d", payload, got, want)
		}
	}
}

// TestClosed: an end that the peer gives a reason for is io.EOF and says so; what a
// stranger writes there is quoted and short.
func TestClosed(t *testing.T) {
	for payload, want := range map[string]string{
		"": "EOF", "\x03": "the peer closed the WebSocket with half a code", "\x03\xe8": "EOF", "\x03\xe9bye": "EOF",
		"\x03\xea":                "the peer closed the WebSocket with the code 1002",
		"\x03\xf0go \x1b[31maway": `the peer closed the WebSocket with the code 1008: "go \x1b[31maway"`,
	} {
		if err := closed([]byte(payload)); !errors.Is(err, io.EOF) || err.Error() != want {
			t.Errorf("%q: %v, want %s", payload, err, want)
		}
	}
}
