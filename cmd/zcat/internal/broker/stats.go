package broker

import (
	"fmt"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/sockets"
)

// reportStats reports the counters every --stats until the returned function is
// called.
func (b *broker) reportStats() (silence func()) {
	every := b.asked.stats
	if every == 0 {
		return func() {}
	}
	ticker, over := time.NewTicker(every), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				b.sayStats()
			case <-over:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(over)
	}
}

// sayStats reports what went each way so far.
func (b *broker) sayStats() {
	front, back := b.Joined.Stats()
	text := fmt.Sprintf("front to back: %s; back to front: %s", amount(front), amount(back))
	if n := front.Dropped + back.Dropped; n > 0 {
		text += fmt.Sprintf("; %s dropped", say.Plural(n, "message"))
	}
	missed := uint64(0)
	for _, c := range b.Captures {
		missed += c.Missed()
	}
	if missed > 0 {
		text += fmt.Sprintf("; %s not captured", say.Plural(missed, "message"))
	}
	b.Say.Notice("%s", text)
}

// amount returns what was received at a side.
func amount(s sockets.SideStats) string {
	return say.Plural(s.Received, "message") + ", " + say.Plural(s.ReceivedBytes, "byte")
}

// summarise reports what a proxy did.
func (b *broker) summarise(result outcome.Status) {
	b.Summarise(b.Tally.Sum(b.command.Name, result))
}
