package broker

import (
	"fmt"

	"github.com/zcat/zcat/cmd/zcat/internal/metrics"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/top"
	"github.com/zcat/zcat/pkg/sockets"
)

// metrics are the counters at this moment, for Prometheus.
func (b *broker) metrics() string {
	page := metrics.NewPage("zcat_proxy_")
	front, back := b.Joined.Stats()
	page.AddSockets("side", metrics.Socket{Name: sockets.Front.String(), SideStats: front}, metrics.Socket{Name: sockets.Back.String(), SideStats: back})
	if b.between != nil {
		// It sinks when the filter writes what it held back, which a counter must not.
		page.Add("filtered_messages", "gauge", "Messages that the filter was given beyond those that it wrote.", b.between.Filtered())
	}
	b.exposeKept(page)
	b.Captures.Expose(page.Add)
	return page.String()
}

// top is what --top shows of this moment.
func (b *broker) top() []top.Socket {
	front, back := b.Joined.Stats()
	all := []top.Socket{{SideStats: front}, {SideStats: back}}
	for i := range all {
		side := sockets.Side(i)
		all[i].Name, all[i].Kind, all[i].Each = side.String(), b.asked.Sides[side].Kind, b.sides[side].PeerStats()
	}
	return all
}

// sayStats reports what went each way so far.
func (b *broker) sayStats() {
	front, back := b.Joined.Stats()
	text := fmt.Sprintf("front to back: %s; back to front: %s", amount(front), amount(back))
	if n := b.dropped(); n > 0 {
		text += fmt.Sprintf("; %s dropped", say.Plural(n, "message"))
	}
	if w := b.between; w != nil {
		if n := w.Returned(); n > 0 {
			text += fmt.Sprintf("; %s returned", say.Plural(n, "message"))
		}
		if n := w.Filtered(); n > 0 {
			text += fmt.Sprintf("; %s filtered", say.Plural(n, "message"))
		}
	}
	text += b.keptStats()
	if missed := b.Captures.Missed(); missed > 0 {
		text += fmt.Sprintf("; %s not captured", say.Plural(missed, "message"))
	}
	b.Say.Notice("%s", text)
}

// dropped is how many messages were dropped, those that were lost with a connection among
// them, but for those that came back to a filter, which knows.
func (b *broker) dropped() uint64 {
	front, back := b.Joined.Stats()
	dropped := front.Dropped + back.Dropped
	if w := b.between; w != nil {
		dropped -= min(dropped, w.Returned())
	}
	return dropped
}

// amount returns what was received at a side.
func amount(s sockets.SideStats) string {
	return say.Plural(s.Received, "message") + ", " + say.Plural(s.ReceivedBytes, "byte")
}

// summarise reports what a proxy did.
func (b *broker) summarise(result outcome.Status) {
	sum := b.Tally.Sum(b.command.Name, result)
	if w := b.between; w != nil {
		written, returned := w.Written(), w.Returned()
		sum.Written, sum.Returned = &written, &returned
		sum.Sent -= min(sum.Sent, w.beside.Load()) // which it did not write
		// What comes back counts as one of these two in the sockets.
		strayed := min(sum.Unroutable, returned)
		sum.Unroutable -= strayed
		sum.Dropped -= min(sum.Dropped, returned-strayed)
	}
	b.Summarise(sum)
}
