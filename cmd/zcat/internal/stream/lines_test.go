package stream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// scarce is a file, or a pipe, on a disk where now and then there is little room.
type scarce struct {
	*os.File
	room int // bytes of the next write; negative: all
}

var errNoRoom = errors.New("no room")

func (s *scarce) Write(p []byte) (int, error) {
	if s.room < 0 || s.room >= len(p) {
		return s.File.Write(p)
	}
	n, err := s.File.Write(p[:s.room])
	return n, errors.Join(errNoRoom, err)
}

// Whatever fits and whatever does not, each line in the file is one that was
// written, whole and in order, and the others are counted: also where a line comes
// in pieces, and where the file cannot be cut back.
func TestLinesStayWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		name := filepath.Join(t.TempDir(), "f")
		f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		disk := &scarce{f, -1}
		w := WholeLines{Out: disk}
		cuts := round%2 == 0
		if !cuts {
			w.Out = struct{ io.Writer }{disk}
		}
		written, missed, next := map[string]int{}, 0, 0
		for range 30 {
			disk.room = -1
			if random.IntN(3) == 0 {
				disk.room = random.IntN(40)
			}
			var text []byte
			for range random.IntN(4) {
				line := fmt.Sprintf("%04d%s.", next, strings.Repeat("x", random.IntN(12)))
				written[line] = next
				next++
				if random.IntN(3) == 0 && len(text) == 0 {
					half := len(line) / 2
					if _, err := w.Write([]byte(line[:half])); err != nil {
						missed++
						continue
					}
					line = line[half:]
				}
				text = append(append(text, line...), '\n')
			}
			if len(text) > 0 {
				n, _ := w.Write(text)
				missed += n
			}
		}
		disk.room = -1
		if _, err := w.Write([]byte("end\n")); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		whole, last := 0, -1
		if cuts && bytes.Contains(got, []byte("\n\n")) {
			t.Fatalf("round %d: an empty line in\n%s", round, got)
		}
		for line := range bytes.Lines(got) {
			line = bytes.TrimSuffix(line, []byte{'\n'})
			number, known := written[string(line)]
			switch {
			case string(line) == "end":
			case cuts && !known:
				t.Fatalf("round %d: %q was never written in\n%s", round, line, got)
			case known && number > last:
				last = number
				whole++
			case known:
				t.Fatalf("round %d: %q comes again in\n%s", round, line, got)
			}
		}
		// A line that lacked only its end gets that from the next one.
		if whole+missed != next && (cuts || whole+missed < next) {
			t.Fatalf("round %d: %d lines, %d whole and %d missed in\n%s", round, next, whole, missed, got)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
