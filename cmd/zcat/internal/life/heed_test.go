//go:build unix

package life

import (
	"io"
	"os"
	"os/exec"
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

// A command whose end is stuck ends by the next signal, however soon that comes.
func TestASignalEndsWhatIsStuck(t *testing.T) {
	const variable = "ZCAT_TEST_STUCK"
	if os.Getenv(variable) != "" {
		l := New(Settings{}, say.Streams{Say: &say.Speech{W: io.Discard}})
		l.AtEnd = func(outcome.Status) {
			_, _ = os.Stdout.Write([]byte{'\n'})
			select {}
		}
		l.Lead(func() {})
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestASignalEndsWhatIsStuck$")
	cmd.Env = append(os.Environ(), variable+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	status, known := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !known || !status.Signaled() || status.Signal() != syscall.SIGTERM {
		t.Errorf("it ended with %v", err)
	}
}
