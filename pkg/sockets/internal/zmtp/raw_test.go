package zmtp

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// A raw connection makes a message of one frame of what each read brings, no longer
// than MaxSize.
func TestRawRead(t *testing.T) {
	for _, said := range [][]string{{"a"}, {"\xff\x00", letters[:255], letters[:256]}, {strings.Repeat("x", 100000)}} {
		got := hearAs(t, Peer{}, Setup{Raw: true, Limits: Limits{MaxSize: 1000}}, "", said...)
		var all string
		for _, m := range got.messages {
			body, more, rest := framing.CutFrame([]byte(m))
			if len(body) == 0 || len(body) > 1000 || more || len(rest) > 0 {
				t.Fatalf("%q", m)
			}
			all += string(body)
		}
		if want := strings.Join(said, ""); all != want || got.err != "" || len(got.control)+len(got.commands) > 0 {
			t.Errorf("%d bytes, want %d; %+v", len(all), len(want), got)
		}
	}
}

// However much of it is taken at a time, what is written are the bodies, and progress
// is that of the wire form.
func TestRawWrite(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 3))
		var wire, want, got []byte
		for range rng.IntN(40) {
			body := bytes.Repeat([]byte{byte(rng.Uint32())}, rng.IntN([]int{2, 300, 10000}[rng.IntN(3)]))
			want = append(want, body...)
			wire = framing.AppendFrame(wire, body, false)
		}
		w := &rawWriter{}
		for done := 0; done < len(wire); {
			n, err := w.write(wire[done:], 1+rng.IntN(70000), func(part []byte) (int, error) {
				k := min(len(part), rng.IntN(20000))
				got = append(got, part[:k]...)
				return k, nil
			})
			if err != nil || n > len(wire)-done {
				t.Fatal(n, err)
			}
			done += n
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("seed %d: %d bytes, want %d", seed, len(got), len(want))
		}
	}
}
