package session

import (
	"context"
	"errors"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"testing"
	"testing/synctest"
	"time"
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
