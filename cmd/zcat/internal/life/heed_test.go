//go:build unix

package life

import (
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// A request that lasts heeds signals, too.
func TestSignalsAreHeededOnceARequestLasts(t *testing.T) {
	l := New(Settings{when: ifLasting}, say.Streams{Say: &say.Speech{W: io.Discard}})
	got := l.Lead(func() {
		l.Heed() // returns at once
		<-l.heeding
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		<-l.Stop.Done()
	})
	if want := outcome.OfSignal(syscall.SIGTERM); got != want {
		t.Errorf("status %v, want %v", got, want)
	}
}

// Only a single request of FRAMEs, of which nothing is reported, may end without a word.
func TestHeedsWhen(t *testing.T) {
	asks := line.Command{Kind: sockets.Req, Use: line.UseConversation}
	for _, c := range []struct {
		name string
		set  func(*line.Config)
		want heeds
	}{
		{"one request", func(*line.Config) {}, ifLasting},
		{"lines of stdin", func(c *line.Config) { c.Message = nil }, meanwhile},
		{"several", func(c *line.Config) { c.Repeat = 2 }, meanwhile},
		{"without end", func(c *line.Config) { c.Repeat = 0 }, meanwhile},
		{"events told", func(c *line.Config) { c.Verbose = 1 }, meanwhile},
		{"events written", func(c *line.Config) { c.EventsFile = "events" }, meanwhile},
		{"summary", func(c *line.Config) { c.Summary = true }, meanwhile},
		{"filter", func(c *line.Config) { c.FilterCommand = "cat" }, atFirst},
		{"bound", func(c *line.Config) { c.Attach("tcp://127.0.0.1:*", true) }, atFirst},
		{"sender", func(c *line.Config) { c.Command = line.Command{Kind: sockets.Push, Use: line.UseConversation} }, meanwhile},
	} {
		asked := line.NewConfig(asks)
		asked.Message = frames.Message{[]byte("hello")}
		c.set(asked)
		if got := heedsWhen(asked); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// A signal ends a command in order from the moment on that it may do what must not be cut
// short, also where it began before that.
func TestSignalsAreHeededBeforeTheWork(t *testing.T) {
	for _, when := range []heeds{atFirst, meanwhile} {
		l := New(Settings{when: when}, say.Streams{Say: &say.Speech{W: io.Discard}})
		got := l.Lead(func() {
			l.Heed()
			if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
				t.Error(err)
			}
			<-l.Stop.Done()
		})
		if want := outcome.OfSignal(syscall.SIGTERM); got != want {
			t.Errorf("%v: status %v, want %v", when, got, want)
		}
	}
}
