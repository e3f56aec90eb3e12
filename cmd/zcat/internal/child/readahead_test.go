package child

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"testing/synctest"
)

// paced gives its bytes in pieces, when it is let.
type paced struct {
	text   []byte
	random *rand.Rand
	turns  chan struct{}
	taken  int // bytes
}

func (p *paced) Read(b []byte) (int, error) {
	<-p.turns
	if len(p.text) == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(b, p.text[:min(len(p.text), 1+p.random.IntN(1000))])
	p.text = p.text[n:]
	p.taken += n
	return n, nil
}

// Whatever the schedule of those who write and read, what was written is read as it was,
// then its error; and no more waits than may, or one piece, but for that in hand.
func TestReadAhead(t *testing.T) {
	for seed := range uint64(50) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			text := make([]byte, 20000)
			for i := range text {
				text[i] = byte(random.UintN(256))
			}
			most := 1 + random.IntN(5000)
			source := &paced{text: bytes.Clone(text), random: rand.New(rand.NewPCG(seed, 2)), turns: make(chan struct{}, 1)}
			a := NewReadAhead(source, most)
			var got []byte
			for {
				for range random.IntN(20) {
					select {
					case source.turns <- struct{}{}:
						synctest.Wait()
					default: // it waits for a reader
					}
				}
				if waits := source.taken - len(got); waits > max(most, 1000)+1000 {
					a.Stop()
					t.Fatalf("%d bytes wait, %d may", waits, most)
				}
				a.mu.Lock()
				idle := a.waits == 0 && a.err == nil
				a.mu.Unlock()
				if idle {
					continue
				}
				p := make([]byte, 1+random.IntN(2000))
				n, err := a.Read(p)
				got = append(got, p[:n]...)
				synctest.Wait()
				if err == nil {
					continue
				}
				if !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.Equal(got, text) {
					t.Fatalf("%d of %d bytes, %v", len(got), len(text), err)
				}
				return
			}
		})
	}
}

// An end that nobody waits for leaves no goroutine behind, however full it is.
func TestReadAheadIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := io.Pipe()
		a := NewReadAhead(in, 10)
		for range 2 {
			if _, err := out.Write(make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		a.Stop()
		synctest.Wait()
		if n, err := io.ReadFull(a, make([]byte, 20)); n != 20 || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
		if n, err := a.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("%d bytes, %v", n, err)
		}
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A pipe that is closed while it is read ahead ends what it gave, as its writer would: half a
// line stays one.
func TestReadAheadOfAClosedPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	a := NewReadAhead(r, 0)
	if _, err := w.WriteString("half"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 4)
	if _, err := io.ReadFull(a, got); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := a.Read(got); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("%d bytes, then %v", n, err)
	}
}
