package broker

import (
	"fmt"
	"math"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/metrics"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/sockets"
)

// With --last-value the back of a forwarder keeps the newest message of each topic, and
// its front subscribes to everything: what is to be there for a first subscriber has to
// come before.

// lastValueFlag has a forwarder keep the newest messages.
func lastValueFlag() line.Flag {
	return line.Flag{
		Name: "last-value", Kind: line.TakesNothing, Group: "Proxy", Company: "--forwarder",
		Brief: "a forwarder keeps and sends the newest of each topic",
		Help: "a forwarder keeps the newest message of each topic, its first frame, within --hwm-bytes. Who subscribes gets what is kept " +
			"of it, once, before anything newer of the same topic. A message of the topic alone deletes it. Where there is no room for " +
			"more, the topics that have not changed for longest are let go, which is reported",
		Set: flags.ToBool(func(c *line.Config) *bool { return &ProxyOf(c).lastValue }),
	}
}

// lastValueRules are those of --last-value.
func lastValueRules(c *line.Config) []line.Rule {
	p, o := ProxyOf(c), &c.Options
	forwards := passesSubscriptions(p.Sides[sockets.Front].Kind, p.Sides[sockets.Back].Kind)
	return []line.Rule{
		{
			Broken: p.lastValue && !forwards, Sentence: "--last-value is for a forwarder, which has its subscribers at the back",
			Flags: "--forwarder --last-value",
		},
		{
			Broken: p.lastValue && o.InvertMatching, Sentence: "--last-value sends what a peer has subscribed to, and invert_matching what it has not",
			Flags: "--forwarder --last-value",
		},
	}
}

// keep has a side keep the newest messages, where that is asked for.
func (p *proxyConfig) keep(part string, o *sockets.Options) {
	if !p.lastValue || part != sockets.Back.String() {
		return
	}
	if o.LastValueBytes = o.SendHWMBytes; o.LastValueBytes == 0 {
		o.LastValueBytes = math.MaxInt
	}
}

// keptStats are what is kept and was let go so far, for --stats.
func (b *broker) keptStats() string {
	if !b.asked.lastValue {
		return ""
	}
	stats := b.sides[sockets.Back].Stats()
	text := fmt.Sprintf("; %s kept in %s", say.Plural(stats.Kept, "topic"), say.Plural(stats.KeptBytes, "byte"))
	if stats.LetGo > 0 {
		text += fmt.Sprintf(", %d let go", stats.LetGo)
	}
	return text
}

// exposeKept adds the same to the page for Prometheus.
func (b *broker) exposeKept(page *metrics.Page) {
	if !b.asked.lastValue {
		return
	}
	stats := b.sides[sockets.Back].Stats()
	page.Add("kept_topics", "gauge", "Topics whose last message is kept.", uint64(stats.Kept))
	page.Add("kept_bytes", "gauge", "Memory that the kept messages take.", uint64(stats.KeptBytes))
	page.Add("let_go_topics_total", "counter", "Topics whose last message was let go for want of memory.", stats.LetGo)
}

// sumKept reports at the end what was let go.
func (b *broker) sumKept() {
	if n := b.sides[sockets.Back].Stats().LetGo; b.asked.lastValue && n > 0 {
		b.Say.Notice("%s let go, to keep the last values within --hwm-bytes", say.Plural(n, "topic"))
	}
}
