package capture

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// batchOf is messages of one frame from a peer.
func batchOf(peer string, texts ...string) *frames.Batch {
	var b frames.Batch
	for _, text := range texts {
		b.AppendFrom(frames.Source{Peer: peer}, frames.Strings(text))
	}
	return &b
}

// reports fails the test where a recorder fails.
func reports(t *testing.T) func(error) {
	t.Helper()
	return func(err error) { t.Errorf("the recorder failed: %v", err) }
}

func TestRecorder(t *testing.T) {
	var out bytes.Buffer
	r := newRecorder(opened(&out), 0, asRecord(), reports(t))
	r.take("front", "", batchOf("tcp://a", "one", "two"))
	r.take("back", "out", batchOf("tcp://b", "three"))
	r.close(t.Context())
	want := `{"time":"TIME","peer":"tcp://a","from":"front","frames":["one"]}
{"time":"TIME","peer":"tcp://a","from":"front","frames":["two"]}
{"time":"TIME","peer":"tcp://b","from":"back","to":"out","frames":["three"]}
`
	if got := timeless(out.String()); got != want || r.missed.Load() != 0 {
		t.Errorf("got\n%s", got)
	}
}

// timeless hides the times of records.
func timeless(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, `{"time":"`); ok && len(rest) > len(stream.StampForm) {
			line = `{"time":"TIME` + rest[len(stream.StampForm):]
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "")
}

// opened opens what is open.
func opened(out io.Writer) func() (io.Writer, bool, error) {
	return func() (io.Writer, bool, error) { return out, false, nil }
}

// A reader that reads nothing holds nobody up: what has no room is counted, and
// one message always fits.
func TestRecorderNeverWaits(t *testing.T) {
	in, out := io.Pipe()
	r := newRecorder(opened(out), 100, asRecord(), reports(t))
	long := strings.Repeat("x", 1000)
	r.take("front", "", batchOf("a", long))
	for range 10 {
		r.take("front", "", batchOf("a", "short", "short"))
	}
	if got := r.missed.Load(); got != 20 {
		t.Errorf("%d messages missed, want 20", got)
	}
	read := make(chan string)
	go func() {
		text, _ := io.ReadAll(in) // ends by the Close below
		read <- string(text)
	}()
	r.close(t.Context())
	if err := out.Close(); err != nil {
		t.Error(err)
	}
	if got := <-read; strings.Count(got, "\n") != 1 || !strings.Contains(got, long) {
		t.Errorf("got %q", got)
	}
	if r.held != 0 {
		t.Errorf("%d bytes are held", r.held)
	}
}

// The end of the linger ends a recorder whose reader is stuck.
func TestRecorderIsGivenUp(t *testing.T) {
	in, out := io.Pipe()
	r := newRecorder(opened(out), 0, asRecord(), func(error) {})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r.take("front", "", batchOf("a", "stuck"))
	r.close(gone)
	_ = in.Close()
	<-r.done
}

// Two sides at once: every message once, every line whole, the times in order.
func TestRecorderServesBothSides(t *testing.T) {
	var out bytes.Buffer
	r := newRecorder(opened(&out), 0, asRecord(), reports(t))
	var sides sync.WaitGroup
	for _, side := range []string{"front", "back"} {
		sides.Go(func() {
			for range 1000 {
				r.take(side, "", batchOf(side, "a", "b"))
			}
		})
	}
	sides.Wait()
	r.close(t.Context())
	last, count := "", 0
	for line := range strings.Lines(out.String()) {
		if line[:len(stream.StampForm)+9] < last || !strings.HasSuffix(line, "}\n") {
			t.Fatalf("%q behind %q", line, last)
		}
		last = line[:len(stream.StampForm)+9]
		count++
	}
	if count != 4000 {
		t.Errorf("%d lines, want 4000", count)
	}
}

// faulty is a file with room for so many bytes, or for all where it is negative.
type faulty struct {
	bytes.Buffer
	room int
}

var errFull = errors.New("full")

func (f *faulty) Write(p []byte) (int, error) {
	if f.room < 0 {
		return f.Buffer.Write(p)
	}
	n, err := f.Buffer.Write(p[:min(f.room, len(p))])
	if f.room -= n; n < len(p) {
		err = errFull
	}
	return n, err
}

// Where a part of a line cannot be taken back, the next line begins anew.
func TestRecorderBeginsALine(t *testing.T) {
	out, failures := &faulty{room: 100}, 0
	r := &recorder{file: stream.WholeLines{Out: out}, failed: func(error) { failures++ }, form: asRecord()}
	write := func(text string) {
		b := batchOf("a", text)
		r.record(stretch{count: b.Len()}, b)
		_ = r.flush() // it is counted
	}
	write("fits")
	write("does not")
	write("nor this")
	out.room = -1
	write("again")
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 4 || !strings.Contains(lines[0], "fits") || !strings.Contains(lines[2], "again") || lines[3] != "" {
		t.Errorf("got %q", lines)
	}
	if failures != 1 || r.missed.Load() != 2 {
		t.Errorf("%d failures said, %d missed", failures, r.missed.Load())
	}
}

func TestCutBack(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	for _, step := range []func() error{
		func() error { _, err := f.WriteString("whole\npart"); return err },
		func() error { return stream.CutBack(f, 4) },
		func() error { _, err := f.WriteString("next\n"); return err },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(name); string(got) != "whole\nnext\n" {
		t.Errorf("%q %v", got, err)
	}
	// What another process has written behind it is not cut off.
	if err := os.WriteFile(name, []byte("whole\nnext\nof another\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if stream.CutBack(f, 4) == nil {
		t.Error("cut another's end off")
	}
	if stream.CutBack(&bytes.Buffer{}, 1) == nil {
		t.Error("cut a buffer")
	}
}

func TestAppendTo(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	for _, c := range []struct {
		before string
		torn   bool
	}{{"", false}, {"line\n", false}, {"part", true}} {
		if err := os.WriteFile(name, []byte(c.before), 0o600); err != nil {
			t.Fatal(err)
		}
		f, torn, err := stream.AppendTo(name, 0)
		if err != nil || torn != c.torn {
			t.Fatalf("%q: torn %v, %v", c.before, torn, err)
		}
		if _, err := f.WriteString("more"); err != nil {
			t.Error(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if got, err := os.ReadFile(name); string(got) != c.before+"more" {
			t.Errorf("%q %v", got, err)
		}
	}
}

// live returns the memory in use, in bytes.
func live() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// What waits for a reader that does not come takes no more memory than the limit,
// however small or large the messages are, and however long as JSON.
func TestRecorderHoldsNoMore(t *testing.T) {
	const limit = 16 << 20
	for _, c := range []struct {
		name string
		text string
		deaf bool // the FIFO has no reader; else it has one that does not read
	}{
		{"small", "x", true},
		{"small, nobody reads", "x", false},
		{"middling", strings.Repeat("x", 1000), true},
		{"large", strings.Repeat("\x01", 10<<20), true},
		{"large, nobody reads", strings.Repeat("\x01", 10<<20), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			in, out := io.Pipe()
			gate := make(chan struct{})
			open := opened(out)
			if c.deaf {
				open = func() (io.Writer, bool, error) {
					<-gate
					return out, false, nil
				}
			}
			b := batchOf("tcp://127.0.0.1:5555", c.text)
			before := live()
			r := newRecorder(open, limit, asRecord(), func(error) {})
			for i := 0; r.missed.Load() == 0; i++ {
				r.take([]string{"front", "back"}[i%2], "", b)
			}
			if grown := live() - before; grown > limit*5/4+2*stream.OutputKeep {
				t.Errorf("%d bytes are held, %d may be", grown, limit)
			}
			runtime.KeepAlive(b)
			_ = in.Close() // what waits fails
			close(gate)
			r.close(t.Context())
			<-r.done
		})
	}
}
