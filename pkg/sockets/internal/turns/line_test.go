package turns

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// roll lists the waiters that have been called since it was asked last: "a1" got
// its turn, "-a1" was sent away.
type roll struct {
	t     *testing.T
	line  *Line
	names map[*waiter]string
	count map[string]int
}

func newRoll(t *testing.T) *roll {
	t.Helper()
	return &roll{t, &Line{}, map[*waiter]string{}, map[string]int{}}
}

// come makes n peers queue, and returns the number that were not taken.
func (o *roll) come(from string, n int) (refused int) { return o.queue(from, n, false) }

// comeAgain is the same for peers that have had a turn.
func (o *roll) comeAgain(from string, n int) (refused int) { return o.queue(from, n, true) }

func (o *roll) queue(from string, n int, again bool) (refused int) {
	for range n {
		w := o.line.queue(from, again)
		if w == nil {
			refused++
			continue
		}
		o.count[from]++
		o.names[w] = fmt.Sprint(from, o.count[from])
	}
	return refused
}

func (o *roll) called() string {
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

// TestSourcesTakeTurns: a peer of a new source waits for one peer of each other
// source, however many wait there.
func TestSourcesTakeTurns(t *testing.T) {
	o := newRoll(t)
	o.come("a", 4)
	o.come("b", 1)
	o.come("a", 1)
	o.come("c", 2)
	var order []string
	for i := range 9 {
		o.line.Leave()
		order = append(order, o.called())
		if i == 1 {
			o.come("b", 1) // has had its turn
		}
	}
	if got := strings.Join(order, " "); got != "a1 b1 c1 a2 b2 c2 a3 a4 a5" {
		t.Error(got)
	}
	if o.line.Leave(); o.line.free != 1 || len(o.line.sources) != 0 {
		t.Errorf("%+v", o.line)
	}
	if o.come("d", 1); o.called() != "d1" || o.line.free != 0 {
		t.Error("nobody waits, and the turn was not given")
	}
}

// TestFullLine: the newest of the largest crowd is sent away, whether it is in the
// line or not.
func TestFullLine(t *testing.T) {
	o := newRoll(t)
	if o.come("a", MostWaiting) != 0 || o.come("a", 3) != 3 || o.called() != "" {
		t.Fatal("the newest was to go")
	}
	for i := range MostWaiting / 2 {
		if want := fmt.Sprint("-a", MostWaiting-i); o.come("b", 1) != 0 || o.called() != want {
			t.Fatalf("for b%d", i+1)
		}
	}
	if o.come("a", 1) != 1 || o.come("b", 1) != 1 {
		t.Error("two crowds alike: the newcomer goes")
	}
	if o.line.waiting != MostWaiting {
		t.Errorf("%d wait", o.line.waiting)
	}

	o = newRoll(t)
	for i := range MostWaiting {
		o.come(fmt.Sprint("source ", i, " "), 1)
	}
	if o.come("another", 1) != 1 || o.called() != "" {
		t.Error("one of each: who waits stays")
	}
}

// TestAgain: a peer that comes again goes before those of its source that begin,
// before no others, and stays where one of them can be sent away.
func TestAgain(t *testing.T) {
	o := newRoll(t)
	o.come("a", 2)
	o.come("b", 1)
	o.comeAgain("a", 2) // a3 and a4
	o.come("a", 1)
	var order []string
	for range 6 {
		o.line.Leave()
		order = append(order, o.called())
	}
	if got := strings.Join(order, " "); got != "a3 b1 a4 a1 a2 a5" {
		t.Error(got)
	}

	o = newRoll(t)
	o.come("a", MostWaiting)
	for i := range MostWaiting {
		if want := fmt.Sprint("-a", MostWaiting-i); o.comeAgain("a", 1) != 0 || o.called() != want {
			t.Fatalf("%d have come again", i)
		}
	}
	if o.comeAgain("a", 1) != 1 || o.come("a", 1) != 1 || o.line.Waiting() != MostWaiting {
		t.Error("all come again: the newcomer goes")
	}
	if want := fmt.Sprint("-a", 2*MostWaiting); o.come("b", 1) != 0 || o.called() != want {
		t.Error("no place for another source")
	}
}

// TestTry: there is a turn without a wait only where nobody waits.
func TestTry(t *testing.T) {
	l := NewLine(1)
	if !l.Try() || l.Try() {
		t.Fatal("there is one turn")
	}
	w := l.queue("a", false)
	if l.Leave(); l.Try() || !<-w.called {
		t.Error("it overtook who waits")
	}
	if l.Leave(); !l.Try() {
		t.Error("nobody waits")
	}
}

// TestLineLeft: the line does not wait for a peer that has gone.
func TestLineLeft(t *testing.T) {
	var l Line
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if l.Enter(gone, "a", false) || l.waiting != 0 || len(l.sources) != 0 {
		t.Errorf("%+v", &l)
	}
	l.Leave()
	for range 100 { // whichever the select sees first
		if l.Enter(gone, "a", false) {
			l.Leave()
		}
		if l.free != 1 {
			t.Fatal("a turn was lost")
		}
	}
}

// TestLineUnderLoad: there are never more turns at a time than allowed, and none is
// lost.
func TestLineUnderLoad(t *testing.T) {
	const most = 3
	l := Line{free: most}
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
			turn := l.Enter(ctx, fmt.Sprint(i%7), i%5 == 0)
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
			l.Leave()
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
		if got := SourceOf(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}
