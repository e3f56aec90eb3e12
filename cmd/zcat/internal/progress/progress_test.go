package progress

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// moves adds messages of ten bytes each on the wire to what has moved.
func moves(t *Moved, direction string, n int) {
	var b frames.Batch
	for range n {
		b.Append(frames.Strings("12345678"))
	}
	t.Count(direction, b.Len(), b.Size())
}

func TestMeter(t *testing.T) {
	var (
		m     meter
		count Moved
		now   = time.Unix(0, 0)
	)
	step := func(d time.Duration, want string) {
		t.Helper()
		now = now.Add(d)
		if got := m.line(now, &count); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	step(0, "")
	moves(&count, "sent", 1)
	step(time.Second, "sent 1 message, 10 B; 1/s, 10 B/s")
	moves(&count, "sent", 999)
	moves(&count, "received", 1000)
	step(time.Second, "sent 1000 messages, 10.0 kB; received 1000 messages, 10.0 kB; 1000/s, 10.0 kB/s")
	// The rate is that of the last seconds.
	for range window {
		now = now.Add(time.Second)
		m.line(now, &count)
	}
	if got := m.line(now, &count); !strings.HasSuffix(got, "; 0/s, 0 B/s") {
		t.Errorf("got %q", got)
	}
	if len(m.samples) > window {
		t.Errorf("%d samples are kept", len(m.samples))
	}
}

func TestInBytes(t *testing.T) {
	for n, want := range map[float64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 123456: "123 kB", 99949: "99.9 kB", 999500: "1.0 MB", 64 << 20: "67.1 MB", 1e30: "1000000000000 EB",
	} {
		if got := inBytes(n); got != want {
			t.Errorf("%v: got %q, want %q", n, got, want)
		}
	}
}

// A transfer shorter than a second says nothing; a longer one a few times a
// second, and once more at its end.
func TestRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for wait, want := range map[time.Duration]int{
			firstProgress - 1: 0, firstProgress + 1: 1, firstProgress + 4*drawnEvery + 1: 5,
		} {
			calls, ends := 0, 0
			end := repeated(firstProgress, drawnEvery, func(last bool) {
				if last {
					ends++
				} else {
					calls++
				}
			})
			<-time.After(wait)
			end()
			if calls != want || ends != 1 {
				t.Errorf("%v: %d calls, %d ends; want %d", wait, calls, ends, want)
			}
		}
	})
}
