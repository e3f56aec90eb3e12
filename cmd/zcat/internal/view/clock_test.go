package view

import (
	"testing"
	"time"
)

// A time reads as time.Format writes it, whatever came before.
func TestClock(t *testing.T) {
	var c clock
	at := time.Date(2026, 10, 25, 0, 59, 59, 998_999_999, time.UTC)
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("", 3600)} {
		for _, after := range []time.Duration{0, 1, time.Millisecond, 2 * time.Millisecond, -time.Second, time.Hour, time.Hour} {
			at := at.Add(after).In(zone)
			if got, want := c.of(at), at.Format("15:04:05.000"); got != want {
				t.Errorf("%v: %s", at, got)
			}
		}
	}
}
