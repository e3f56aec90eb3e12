//go:build unix

package life

import (
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// A signal ends a command in order from the moment on that it may do what must not be cut
// short, also where it began before that.
func TestSignalsAreHeededBeforeTheWork(t *testing.T) {
	for _, early := range []bool{false, true} {
		l := New(Settings{early: early}, say.Streams{Say: &say.Speech{W: io.Discard}})
		got := l.Lead(func() {
			l.Heed()
			if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
				t.Error(err)
			}
			<-l.Stop.Done()
		})
		if want := outcome.OfSignal(syscall.SIGTERM); got != want {
			t.Errorf("early %v: status %v, want %v", early, got, want)
		}
	}
}
