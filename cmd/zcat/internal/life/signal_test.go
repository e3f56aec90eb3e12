//go:build unix

package life

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// interrupt sends this process SIGINT, which ends it where nobody has asked for that.
func interrupt(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
}

// A signal is the command's from before the first line that it prints, which may come before
// Lead, and behind the last, which changes nothing any more.
func TestSignalsAreOurs(t *testing.T) {
	begin := func() *Life { return New(Settings{}, say.Streams{Say: &say.Speech{W: &strings.Builder{}}}) }

	// Nobody reads the summary: the end waits for that, but a signal ends the wait.
	l := begin()
	stuck := make(chan struct{})
	defer close(stuck)
	l.AtEnd = func(outcome.Status) {
		interrupt(t)
		<-stuck
	}
	if status := l.Lead(func() {}); status != 0 {
		t.Errorf("a signal while the summary is stuck: status %d", status)
	}

	l = begin()
	summed := false
	l.AtEnd = func(outcome.Status) {
		summed = true
		interrupt(t)
	}
	l.Leave = func() { interrupt(t) }
	if status := l.Lead(func() {}); status != 0 || !summed {
		t.Errorf("a signal during the summary: status %d, the summary is there: %v", status, summed)
	}

	l = begin()
	interrupt(t)
	if status := l.Lead(func() { <-l.Stop.Done() }); status != outcome.OfSignal(syscall.SIGINT) {
		t.Errorf("a signal before Lead: status %d", status)
	}
}
