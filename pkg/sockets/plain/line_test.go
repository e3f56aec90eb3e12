package plain

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// turns lists who of the waiters has been called since it was asked last: "a1"
// was, "-a1" was sent away.
type turns struct {
	t     *testing.T
	line  *line
	names map[*waiter]string
	count map[string]int
}

func newTurns(t *testing.T) *turns {
	t.Helper()
	return &turns{t, &line{}, map[*waiter]string{}, map[string]int{}}
}

// come has n peers queue, and reports how many were not taken.
func (o *turns) come(from string, n int) (refused int) {
	for range n {
		w := o.line.queue(from)
		if w == nil {
			refused++
			continue
		}
		o.count[from]++
		o.names[w] = fmt.Sprint(from, o.count[from])
	}
	return refused
}

func (o *turns) called() string {
	var names []string
	for w, name := range o.names {
		select {
		case turn := <-w.called:
			if !turn {
				name = "-" + name
			}
			names = append(names, name)
			delete(o.names, w)
		default:
		}
	}
	if len(names) > 1 {
		o.t.Fatalf("called at once: %q", names)
	}
	return strings.Join(names, "")
}

// TestSourcesTakeTurns: whoever comes from elsewhere waits for one of each source,
// however many wait there.
func TestSourcesTakeTurns(t *testing.T) {
	o := newTurns(t)
	o.come("a", 4)
	o.come("b", 1)
	o.come("a", 1)
	o.come("c", 2)
	var order []string
	for i := range 9 {
		o.line.leave()
		order = append(order, o.called())
		if i == 1 {
			o.come("b", 1) // has had its turn
		}
	}
	if got := strings.Join(order, " "); got != "a1 b1 c1 a2 b2 c2 a3 a4 a5" {
		t.Error(got)
	}
	if o.line.leave(); o.line.free != 1 || len(o.line.sources) != 0 {
		t.Errorf("%+v", o.line)
	}
	if o.come("d", 1); o.called() != "d1" || o.line.free != 0 {
		t.Error("nobody waits, and the turn was not given")
	}
}

// TestFullLine: the newest of the largest crowd goes, be it in the line or not.
func TestFullLine(t *testing.T) {
	o := newTurns(t)
	if o.come("a", maxWaiting) != 0 || o.come("a", 3) != 3 || o.called() != "" {
		t.Fatal("the newest was to go")
	}
	for i := range maxWaiting / 2 {
		if want := fmt.Sprint("-a", maxWaiting-i); o.come("b", 1) != 0 || o.called() != want {
			t.Fatalf("for b%d", i+1)
		}
	}
	if o.come("a", 1) != 1 || o.come("b", 1) != 1 {
		t.Error("two crowds alike: the newcomer goes")
	}
	if o.line.waiting != maxWaiting {
		t.Errorf("%d wait", o.line.waiting)
	}

	o = newTurns(t)
	for i := range maxWaiting {
		o.come(fmt.Sprint("source ", i, " "), 1)
	}
	if o.come("another", 1) != 1 || o.called() != "" {
		t.Error("one of each: who waits stays")
	}
}

// TestLineLeft: who has gone is not waited for.
func TestLineLeft(t *testing.T) {
	var l line
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if l.enter(gone, "a") || l.waiting != 0 || len(l.sources) != 0 {
		t.Errorf("%+v", &l)
	}
	l.leave()
	for range 100 { // whichever the select sees first
		if l.enter(gone, "a") {
			l.leave()
		}
		if l.free != 1 {
			t.Fatal("a turn was lost")
		}
	}
}

// TestLineUnderLoad: never more at a time than may be, and no turn is lost.
func TestLineUnderLoad(t *testing.T) {
	const most = 3
	l := line{free: most}
	var mu sync.Mutex
	var inside, had, refused int
	var all sync.WaitGroup
	for i := range 500 {
		ctx, cancel := context.WithCancel(t.Context())
		if i%3 == 0 {
			all.Go(cancel)
		}
		all.Go(func() {
			defer cancel()
			turn := l.enter(ctx, fmt.Sprint(i%7))
			mu.Lock()
			if !turn {
				refused++
				mu.Unlock()
				return
			}
			had++
			if inside++; inside > most {
				t.Errorf("%d at a time", inside)
			}
			mu.Unlock()
			mu.Lock()
			inside--
			mu.Unlock()
			l.leave()
		})
	}
	all.Wait()
	if had+refused != 500 || had < most || l.free != most || l.waiting != 0 || len(l.sources) != 0 {
		t.Errorf("%d had a turn, %d not: %+v", had, refused, &l)
	}
}

func TestSourceOf(t *testing.T) {
	for address, want := range map[string]string{
		"10.1.2.3":              "10.1.2.3",
		"::ffff:10.1.2.3":       "10.1.2.3",
		"2001:db8:1:2:3:4:5:6":  "2001:db8:1:2::/64",
		"2001:db8:1:2::7":       "2001:db8:1:2::/64",
		"2001:db8:1:3::7":       "2001:db8:1:3::/64",
		"fe80::1%eth0":          "fe80::/64",
		"::1":                   "::/64",
		"localhost:1000:100:77": "localhost:1000",
		"localhost:1000:101:78": "localhost:1000",
		"":                      "",
	} {
		if got := sourceOf(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}
