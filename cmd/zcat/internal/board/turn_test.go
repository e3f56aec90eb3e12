package board

import (
	"bufio"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// TestTurns: while all sockets have messages, each is given 64 of them, or 256 KiB and what
// makes the last of them whole, and then the next has its turn.
func TestTurns(t *testing.T) {
	for size, most := range map[int]int{1: turnMessages, 100 << 10: turnBytes/(100<<10) + 1} {
		synctest.Test(t, func(t *testing.T) {
			toIn, toOut := io.Pipe()
			fromIn, fromOut := io.Pipe()
			s := Settings{
				Say: &say.Speech{W: io.Discard}, Verdict: &outcome.Verdict{}, To: stream.NewTail(toOut, nil), From: fromIn,
				Hangup: func() { _ = toOut.Close() }, Gone: func(err error) error { return err }, Hard: t.Context(),
			}
			ports := []string{"a", "b", "c"}
			for _, name := range ports {
				s.Ports = append(s.Ports, Port{Name: name, Send: func(context.Context, *frames.Batch) error { return nil }})
			}
			b := New(s)
			b.Start()
			if err := b.turns.take(t.Context()); err != nil {
				t.Fatal(err)
			}
			var feeders sync.WaitGroup
			const turns = 5
			for _, name := range ports {
				feeders.Go(func() {
					var batch frames.Batch
					for range turns * most {
						batch.Append(frames.Strings(strings.Repeat("x", size)))
					}
					if err := b.Feed(t.Context(), name, &batch); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait() // until it waits for its turn
			}
			b.turns.pass()
			lines := bufio.NewReader(toIn)
			for turn := range (turns - 1) * len(ports) {
				for range most {
					line, err := lines.ReadString('\n')
					if err != nil {
						t.Fatal(err)
					}
					if want := `"from":"` + ports[turn%len(ports)] + `"`; !strings.Contains(line, want) {
						t.Fatalf("turn %d, of %d messages each: %.100s, want %s", turn, most, line, want)
					}
				}
			}
			go func() { _, _ = lines.WriteTo(io.Discard) }()
			feeders.Wait()
			b.Shut()
			b.HangUp()
			_ = fromOut.Close()
			<-b.Orders()
			b.Finish()
		})
	}
}
