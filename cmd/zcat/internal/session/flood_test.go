package session

import (
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// A stranger decides how often --exec runs, and may know how to make it fail.
func TestFailingCommandsDoNotFloodStderr(t *testing.T) {
	var out strings.Builder
	s := New(&line.Config{}, say.Streams{Say: &say.Speech{W: &out}})
	h := &handler{Session: s, answers: true}
	const all = 20_000
	for i := range all {
		h.blame(&task{number: i + 1}, &child.ExitError{Status: 3}, "")
	}
	for _, flood := range s.floods() {
		flood.End()
	}
	if n := strings.Count(out.String(), "\n"); n < 2 || n > 2*say.ManyLines {
		t.Errorf("%d lines for %d failures", n, all)
	}
	if !strings.Contains(out.String(), "zcat: --exec: and ") {
		t.Errorf("no sum in %.1000s", out.String())
	}
}
