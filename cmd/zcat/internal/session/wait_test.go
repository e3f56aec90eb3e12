package session

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
)

func TestPacer(t *testing.T) {
	if newPacer(&line.Input{}) != nil {
		t.Error("a pace that nobody asked for")
	}
	for _, c := range []struct {
		config  line.Input
		n       int
		work    time.Duration // between two messages
		elapsed time.Duration
	}{
		{line.Input{Rate: 10}, 5, 0, 400 * time.Millisecond},
		{line.Input{Rate: 10}, 5, 50 * time.Millisecond, 450 * time.Millisecond}, // made up for
		{line.Input{Rate: 1000000}, 1001, 0, time.Millisecond},
		{line.Input{Interval: time.Second}, 3, 0, 2 * time.Second},
		{line.Input{Interval: time.Second}, 3, 1500 * time.Millisecond, 4500 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			start, pace := time.Now(), newPacer(&c.config)
			for range c.n {
				if err := pace.wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				if c.work > 0 {
					<-time.After(c.work)
				}
			}
			if got := time.Since(start); got != c.elapsed {
				t.Errorf("%+v: %d messages took %v, want %v", c.config, c.n, got, c.elapsed)
			}
		})
	}
}

// departures returns the times since the start at which messages left that took so
// long to come.
func departures(t *testing.T, c *line.Input, works []time.Duration) []time.Duration {
	t.Helper()
	var left []time.Duration
	start, pace := time.Now(), newPacer(c)
	for _, work := range works {
		<-time.After(work)
		if err := pace.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		left = append(left, time.Since(start))
	}
	return left
}

// TestPacerGaps: an interval lies between each message and the one before it,
// whatever was late; a rate that is held on the whole makes up for lateness, so
// that the messages keep to its beat.
func TestPacerGaps(t *testing.T) {
	const gap = 200 * time.Millisecond
	random := rand.New(rand.NewPCG(1, 2))
	works := make([]time.Duration, 200)
	for i := range works {
		works[i] = time.Duration(random.Int64N(int64(gap)))
		if i%5 == 1 {
			works[i] = gap + time.Duration(random.Int64N(int64(catchUp))) // late, but less than a rate forgives
		}
	}
	works[0] = 0
	synctest.Test(t, func(t *testing.T) {
		left := departures(t, &line.Input{Interval: gap}, works)
		for i := 1; i < len(left); i++ {
			if got, want := left[i]-left[i-1], max(gap, works[i]); got != want {
				t.Fatalf("message %d came within %v and left %v behind the one before it, want %v", i, works[i], got, want)
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		before := time.Duration(0)
		for i, got := range departures(t, &line.Input{Rate: int(time.Second / gap)}, works) {
			if want := max(time.Duration(i)*gap, before+works[i]); got != want {
				t.Fatalf("message %d left at %v, want %v", i, got, want)
			}
			before = got
		}
	})
}

// A rate that could not be held for a while does not end in a burst.
func TestPacerDoesNotBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pace := newPacer(&line.Input{Rate: 100})
		if err := pace.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		start, n := time.Now(), 0
		for ; time.Since(start) < time.Second; n++ {
			if err := pace.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if most := 100 + int(catchUp/(time.Second/100)) + 1; n > most {
			t.Errorf("%d messages in a second, want at most %d", n, most)
		}
	})
}

func TestPacerEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		pace := newPacer(&line.Input{Interval: time.Hour})
		if err := pace.wait(ctx); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, cancel)
		if err := pace.wait(ctx); !errors.Is(err, outcome.ErrHalted) {
			t.Error(err)
		}
	})
}

func TestStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		late := func() string { return "no peer" }
		s := &Session{Course: line.Course{Timeout: time.Second}}
		var timeout *outcome.TimeoutError
		if err := s.step(t.Context(), wait, late); !errors.As(err, &timeout) || timeout.Step != "no peer" {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		if err := s.step(ctx, wait, late); !errors.Is(err, outcome.ErrHalted) {
			t.Error(err)
		}
		if err := s.step(t.Context(), func(context.Context) error { return nil }, late); err != nil {
			t.Error(err)
		}
	})
}
