package frames

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

// largeMessages are longer than a piece in every way that a frame is written.
func largeMessages() []Message {
	n := 2*pieceSize + 100
	return []Message{
		Strings(strings.Repeat("x", n)),
		Strings(strings.Repeat("x", n), "", strings.Repeat("\x00", n), "tail"),
		Strings("", strings.Repeat("\xff", n)),
		Strings(strings.Repeat("\"", n), strings.Repeat("€", n/3), strings.Repeat("x", pieceSize-1)+"€"),
		Strings("x" + strings.Repeat("\U0001F600", n/4)),
		make(Message, 20_000),
		Strings("", ""),
		Strings(""),
		Strings("a", "b\tc", "\x01"),
	}
}

// written keeps what is written to it, and how.
type written struct {
	bytes.Buffer
	sizes []int
	fails int // the write that fails, from 1
}

var errFull = errors.New("full")

func (w *written) Write(p []byte) (int, error) {
	w.sizes = append(w.sizes, len(p))
	if len(w.sizes) == w.fails {
		return 0, errFull
	}
	return w.Buffer.Write(p)
}

// The text that is written equals that of Append, for single messages and for
// batches, and no piece is much larger than it should be.
func TestEncodeInPieces(t *testing.T) {
	r := Record{Time: "2026-01-01T00:00:00Z", Peer: "tcp://127.0.0.1:1", Endpoint: "tcp://127.0.0.1:2", User: "joe", From: "back"}
	source := Source{Peer: r.Peer, Endpoint: r.Endpoint, User: r.User}
	recordOf := func(s Source) Record {
		return Record{Time: r.Time, Peer: s.Peer, Endpoint: s.Endpoint, User: s.User, From: r.From}
	}
	for _, f := range Formats() {
		var out, batches written
		e, eb := NewEncoder(&out, f, EncoderOptions{}), NewEncoder(&batches, f, EncoderOptions{})
		var want, wantRecords []byte
		var b, records Batch
		for i, m := range largeMessages() {
			want = e.Append(want, m)
			wantRecords = e.AppendRecord(wantRecords, r, m)
			before := out.Len()
			if err := e.Encode(m); err != nil || !bytes.Equal(out.Bytes()[before:], want[before:]) {
				t.Errorf("%v %d: %v, %d bytes written, %d appended", f, i, err, out.Len(), len(want))
			}
			b.Append(m)
			records.AppendFrom(source, m)
		}
		if err := eb.EncodeBatch(&b); err != nil || !bytes.Equal(batches.Bytes(), want) || b.Len() > 0 {
			t.Errorf("%v: %v, %d bytes written, %d appended", f, err, batches.Len(), len(want))
		}
		batches.Reset()
		out.Reset()
		for _, m := range largeMessages() {
			if err := e.EncodeRecord(r, m); err != nil {
				t.Error(err)
			}
		}
		if err := eb.EncodeRecords(&records, recordOf); err != nil || records.Len() > 0 {
			t.Error(err, records.Len())
		}
		if !bytes.Equal(out.Bytes(), wantRecords) || !bytes.Equal(batches.Bytes(), wantRecords) {
			t.Errorf("%v: records of %d and %d bytes, want %d", f, out.Len(), batches.Len(), len(wantRecords))
		}
		if most := max(slices.Max(out.sizes), slices.Max(batches.sizes)); most > writeSize+7*pieceSize {
			t.Errorf("%v: a piece of %d bytes", f, most)
		}
		if n := uint64(2 * len(largeMessages())); e.Written() != n || eb.Written() != n {
			t.Errorf("%v: %d and %d written, want %d", f, e.Written(), eb.Written(), n)
		}
	}
}

// A batch of small messages is one write.
func TestEncodeBatchIsOneWrite(t *testing.T) {
	var out written
	var b Batch
	for range 1000 {
		b.Append(Strings("a", "small one"))
	}
	if err := NewEncoder(&out, JSON, EncoderOptions{}).EncodeBatch(&b); err != nil || len(out.sizes) != 1 {
		t.Errorf("%v, writes of %v bytes", err, out.sizes)
	}
}

// A piece that cannot be written is the last of its call, only written messages
// count, and the next call begins with a message.
func TestEncodeFails(t *testing.T) {
	for fails := 1; fails <= 6; fails++ {
		out := written{fails: fails}
		e := NewEncoder(&out, JSON, EncoderOptions{})
		var b Batch
		for range 3 {
			b.Append(largeMessages()[0])
		}
		small := Strings("small")
		b.Append(small)
		n := b.Len()
		err := e.EncodeBatch(&b)
		if err == nil {
			if len(out.sizes) >= fails {
				t.Errorf("write %d failed, and nobody says so", fails)
			}
			continue
		}
		whole := bytes.Count(out.Bytes(), []byte{'\n'})
		if !errors.Is(err, errFull) || len(out.sizes) != fails || e.Written() != uint64(whole) || n-b.Len() < whole {
			t.Errorf("write %d: %v after %d writes, %d written of %d, %d left", fails, err, len(out.sizes), e.Written(), whole, b.Len())
		}
		out.Reset()
		if err := e.Encode(small); err != nil || out.String() != "[\"small\"]\n" || e.Written() != uint64(whole)+1 {
			t.Errorf("write %d: behind it %v, %.40q", fails, err, out.String())
		}
	}
}

// In the long run nothing is allocated for a message.
func TestEncodeBatchAllocatesNothing(t *testing.T) {
	var out, in Batch
	for range 100 {
		out.Append(Strings("topic", "a\"b", "\xff"))
	}
	e := NewEncoder(discard{}, JSON, EncoderOptions{})
	if n := testing.AllocsPerRun(100, func() {
		in.AppendBatch(&out)
		if err := e.EncodeBatch(&in); err != nil {
			t.Error(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
