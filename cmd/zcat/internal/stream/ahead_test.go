package stream

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// slowTap is read in pieces. Only the first is there; each other comes soon after the one
// before it was read, except for the last, which takes its time.
type slowTap struct {
	pieces []string
	read   int
}

func (s *slowTap) Read(p []byte) (int, error) { return s.grab(p) }

func (s *slowTap) grab(p []byte) (int, error) {
	if s.read == len(s.pieces) {
		return 0, io.EOF
	}
	s.read++
	return copy(p, s.pieces[s.read-1]), nil
}

func (s *slowTap) Ready() bool { return s.read == 0 }

func (s *slowTap) soon(time.Duration) bool { return s.read < len(s.pieces)-1 }

// A look ahead goes on while the writer, which waits for us to read, goes on writing: a
// line for another peer is found behind more than what a pipe holds.
func TestAheadReadsOn(t *testing.T) {
	mine := `["stalled","x"]` + "\n"
	for _, c := range []struct {
		pieces []string
		want   bool
	}{
		{[]string{mine, mine, mine, `["other","x"]` + "\n", mine}, true},
		{[]string{mine, mine, mine, mine, `["other","x"]` + "\n"}, false},
	} {
		slow := &slowTap{pieces: c.pieces}
		in := &Input{Name: "stdin", taking: t.Context(), left: unknown, tap: func() tap { return slow }}
		d := frames.NewDecoder(in, frames.JSON, frames.DecoderOptions{})
		is := func(m frames.Message) bool { return !bytes.Equal(m[0], []byte("stalled")) }
		if got := in.Ahead(d, 1<<20, []byte("stalled"), is); got != c.want || slow.read != len(c.pieces)-1 {
			t.Errorf("%v after %d pieces, want %v", got, slow.read, c.want)
		}
		var all frames.Batch
		for {
			var b frames.Batch
			err := d.Decode(&b)
			if all.AppendBatch(&b); err != nil {
				break
			}
		}
		if all.Len() != len(c.pieces) {
			t.Errorf("%d messages of %d are left", all.Len(), len(c.pieces))
		}
	}
}

// What a reader of its own goroutine has is there soon, and its end as well.
func TestPumpIsReadySoon(t *testing.T) {
	r, w := io.Pipe()
	p := newPump(t.Context(), r)
	if p.Ready() || p.soon(0) {
		t.Error("ready, and nothing was written")
	}
	go func() {
		_, err := fmt.Fprint(w, "ab")
		_ = w.CloseWithError(err)
	}()
	for _, want := range []string{"a", "b", ""} {
		if !p.soon(time.Hour) || !p.Ready() {
			t.Errorf("%q is not ready", want)
		}
		b := make([]byte, 1)
		if n, err := p.Read(b); string(b[:n]) != want || (err != nil) != (want == "") {
			t.Errorf("%q, %v, want %q", b[:n], err, want)
		}
	}
}
