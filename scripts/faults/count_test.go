//go:build linux

package faults

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// count is the account of numbered messages: which came, how often, in which order,
// and whether they are what was sent.
type count struct {
	t    *testing.T
	size int // bytes of a message

	patience time.Duration // of those that wait for messages

	mu         sync.Mutex
	changed    chan struct{} // closed by the next message
	seen       map[string][]uint8
	got        int // messages, each counted once
	duplicated int
	reordered  int
	streams    int // the fewest ordered runs of which one receiver's messages from one sender can be woven
	altered    int
	strange    string // the first altered line
}

func newCount(t *testing.T, size int) *count {
	t.Helper()
	return &count{t: t, size: size, patience: patience, changed: make(chan struct{}), seen: map[string][]uint8{}}
}

// line returns message n of a sender, as zcat writes it: the sender, the number and
// bytes that follow from both.
func (c *count) line(sender string, n int) string {
	fill := max(0, c.size-24)
	pattern := fmt.Sprintf("%s.%d.", sender, n*7919%1000003)
	body := strings.Repeat(pattern, fill/len(pattern)+1)[:fill]
	return fmt.Sprintf(`["%s","%09d","%s"]`, sender, n, body)
}

// taker returns a sink for what one receiver prints.
func (c *count) taker() sink {
	ends := map[string][]int{}
	return func(line []byte) { c.take(line, ends) }
}

// take accounts for a line. Over one connection numbers only grow. Where there
// were several, one after the other, a receiver takes from all that are not
// empty by turns: then each of the runs it weaves grows. ends are their ends.
func (c *count) take(line []byte, ends map[string][]int) {
	var sender string
	n := -1
	if fields := bytes.SplitN(line, []byte(`"`), 5); len(fields) == 5 {
		sender = string(fields[1])
		_, _ = fmt.Sscanf(string(fields[3]), "%d", &n) // the comparison tells
	}
	fine := n >= 0 && string(line) == c.line(sender, n)
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.changed)
	c.changed = make(chan struct{})
	if !fine {
		if c.altered++; c.altered == 1 {
			c.strange = string(line)
		}
		return
	}
	seen := c.seen[sender]
	for len(seen) <= n {
		seen = append(seen, make([]uint8, 1000)...)
	}
	c.seen[sender] = seen
	if seen[n]++; seen[n] > 1 {
		c.duplicated++
		return
	}
	c.got++
	tails := ends[sender]
	best := -1
	for i, end := range tails {
		if end < n && (best < 0 || end > tails[best]) {
			best = i
		}
	}
	if best < 0 {
		best = len(tails)
		tails = append(tails, n)
	}
	if slices.Max(tails) > n {
		c.reordered++
	}
	tails[best] = n
	ends[sender] = tails
	c.streams = max(c.streams, len(tails))
}

// has reports whether a message came, and returns a channel that tells of the next.
func (c *count) has(n int) (yes bool, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.seen[lone]
	return n < len(seen) && seen[n] > 0, c.changed
}

// lone is the sender where there is only one.
const lone = "a"

// await waits for a message of the lone sender.
func (c *count) await(n int) {
	c.t.Helper()
	late := time.After(c.patience)
	for {
		yes, changed := c.has(n)
		if yes {
			return
		}
		select {
		case <-changed:
		case <-late:
			c.t.Fatalf("message %d did not come; %d messages did", n, c.total())
		}
	}
}

// awaitTotal waits for a number of messages.
func (c *count) awaitTotal(n int) {
	c.t.Helper()
	late := time.After(c.patience)
	for {
		c.mu.Lock()
		got, changed := c.got, c.changed
		c.mu.Unlock()
		if got >= n {
			return
		}
		select {
		case <-changed:
		case <-late:
			c.t.Fatalf("%d messages of %d came", got, n)
		}
	}
}

func (c *count) total() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.got
}

// check compares the account with what is always promised, and with a loss of no
// more than most, and notes it in the table.
func (c *count) check(r row, sent, most int) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	r.sent, r.received, r.lost, r.most = sent, c.got, sent-c.got, most
	r.duplicated, r.reordered, r.altered = c.duplicated, c.reordered, c.altered
	c.t.Logf("%+v", r)
	if r.duplicated > 0 || r.altered > 0 {
		c.t.Errorf("%d duplicated, %d altered, the first of these %q", r.duplicated, r.altered, c.strange)
	}
	if most := max(1, r.connections); c.streams > most {
		c.t.Errorf("not in order: woven of %d runs, there were %d connections", c.streams, most)
	}
	if r.lost < 0 || r.lost > most {
		c.t.Errorf("%d of %d lost, more than %d", r.lost, sent, most)
	}
	note(r)
}

// feeder writes numbered messages to a process until it is told to stop.
type feeder struct {
	stop chan struct{}
	done chan int // how many were written
}

// feedLines begins to write messages of the lone sender to p: as many as it takes,
// or perSecond of them.
func (c *count) feedLines(p *process, perSecond int) *feeder { return c.feedAs(lone, p, perSecond) }

// feedAs does what feedLines does for one of several senders.
func (c *count) feedAs(sender string, p *process, perSecond int) *feeder {
	f := &feeder{make(chan struct{}), make(chan int, 1)}
	const beat = 10 * time.Millisecond
	portion := 100
	if perSecond > 0 {
		portion = max(1, perSecond/int(time.Second/beat))
	}
	go func() {
		tick := time.NewTicker(beat)
		defer tick.Stop()
		n := 0
		for {
			var text strings.Builder
			for i := range portion {
				text.WriteString(c.line(sender, n+i) + "\n")
			}
			if p.feed(text.String()) != nil {
				break
			}
			n += portion
			if perSecond > 0 {
				<-tick.C
			}
			select {
			case <-f.stop:
				f.done <- n
				return
			default:
			}
		}
		<-f.stop
		f.done <- n
	}()
	return f
}

// end stops writing and returns how many messages were written.
func (f *feeder) end() int {
	close(f.stop)
	return <-f.done
}
