package ws

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// FuzzAnswer: no request makes a server panic, takes more bytes than it has, or gets in
// without saying that it is a WebSocket of a page that is allowed; and its judgement does
// not depend on how the request arrives.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(request("GET / HTTP/1.1")))
	f.Add([]byte(request("GET / HTTP/1.1", "Origin: null")))
	f.Add([]byte("GET /\r\n\r\n"))
	f.Add([]byte("\xff\x00\x00\x00\x00\x00\x00\x00\x00\x7f"))
	f.Fuzz(func(t *testing.T, in []byte) {
		s := Server{Path: "/", Mechanism: "NULL"}
		size, answer, agreed, failed := s.Answer(in)
		if size < 0 || size > len(in) {
			t.Fatalf("%d of %d bytes", size, len(in))
		}
		let := bytes.HasPrefix(answer, []byte("HTTP/1.1 101 "))
		if let != (failed == nil && agreed.Mechanism == "NULL" && size > 0) {
			t.Fatalf("%+v %v %q", agreed, failed, answer)
		}
		lower := bytes.ToLower(in)
		if let && (bytes.Contains(lower, []byte("\norigin:")) || !bytes.Contains(lower, []byte("\nupgrade:"))) {
			t.Fatalf("let in: %q", in)
		}
		for n := range min(len(in), 300) {
			early, _, _, err := s.Answer(in[:n])
			if early > 0 && early != size || err != nil && failed == nil {
				t.Fatalf("%d bytes: %d %v, all: %d %v", n, early, err, size, failed)
			}
		}
	})
}

// FuzzDecoder: no peer makes a Decoder panic, write what is no frame of ZMTP, or hold more
// than its limit; and what it writes does not depend on how the bytes arrive.
func FuzzDecoder(f *testing.F) {
	for _, b := range breaches {
		f.Add([]byte(b.in), true, false, uint64(1))
	}
	f.Add([]byte("\x82\x02\x00a\x89\x01x\x02\x01\x01\x80\x01b\x88\x00"), false, false, uint64(2))
	f.Add([]byte("\x82\x03\x00me\x82\x7e\x01\x00"), false, true, uint64(3))
	f.Fuzz(func(t *testing.T, in []byte, masked, plain bool, seed uint64) {
		decode := func(r *rand.Rand) ([]byte, error) {
			d := NewDecoder(masked, Agreed{Mechanism: "NULL", Plain: plain, Polite: seed%2 == 0})
			d.Open(1000, func(size int) error {
				if size > 1001 {
					t.Fatalf("%d bytes are asked for", size)
				}
				return nil
			})
			out, err := decodeAll(&d, in, r)
			if d.Held() > 1001 {
				t.Fatalf("%d bytes are held", d.Held())
			}
			return out, err
		}
		out, err := decode(rand.New(rand.NewPCG(seed, 0)))
		again, err2 := decode(rand.New(rand.NewPCG(seed, 1)))
		if !bytes.Equal(out, again) || (err == nil) != (err2 == nil) {
			t.Fatalf("%x %v, and %x %v", out, err, again, err2)
		}
		for rest := out; len(rest) > 0; {
			flags, size, header := framing.ParseHeader(rest)
			if header == 0 || flags&^(framing.FlagMore|framing.FlagLong|framing.FlagCommand) != 0 {
				t.Fatalf("no frame: %x", rest)
			}
			rest = rest[header:]
			rest = rest[min(size, uint64(len(rest))):]
		}
	})
}

// FuzzJudge: no server makes a client panic, or take more bytes than there are.
func FuzzJudge(f *testing.F) {
	f.Add([]byte(answer("HTTP/1.1 101 X", "AAAA", "Sec-WebSocket-Protocol: ZWS2.0")))
	f.Add([]byte("HTTP/1.1 404 Not Found\r\n\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		c := Client{Host: "h", Path: "/", Mechanism: "NULL"}
		c.Request()
		if size, agreed, failed := c.Judge(in); size < 0 || size > len(in) || failed == nil && size > 0 && agreed.Mechanism == "NULL" {
			t.Fatalf("%d of %d bytes: %+v", size, len(in), agreed) // nobody guesses the key
		}
	})
}
