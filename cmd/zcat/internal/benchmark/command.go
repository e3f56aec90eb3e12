package benchmark

import (
	"fmt"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/bench"
	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/units"
)

// Command is the command that measures.
func Command() line.Command {
	return line.Command{
		Tool:    true,
		Name:    "bench",
		Summary: "measure throughput and latency",
		About: "Between two sockets of its own, over tcp or the endpoints of --bind (inproc:// too), or between two processes " +
			"or machines: one runs --serve, the other --connect. Throughput is of messages one way, counted where they arrive, " +
			"from the first to the last, or, where a PUSH, PUB or XPUB has another process for a peer, until the last has left " +
			"the sender, whatever the other side's system still holds. Latency is of round trips, one at a time, without the first twentieth (a second at most), in " +
			"microseconds; at a --rate each is timed from when it was due, so that a late answer counts for all that it delays. " +
			"On a terminal a histogram of the latencies stands below, and --svg draws it to a file. MB is 1000000 bytes of bodies, one way. A signal ends with what was measured until then; a server that leaves in " +
			"the middle is a failure. With --curve-server --curve-secret everything is encrypted, between two sockets of its own too.\n\n" +
			"A peer need not be ours: it sends back a message whose last frame begins with E, counts all others, and " +
			"answers an empty last frame, where it can, with the same envelope and \"COUNT NANOSECONDS\" " +
			"since the last such; a REP sends everything back, and a ROUTER that a ROUTER is to find has the routing id bench. " +
			"A --serve of push:pull with --count N, or of req:rep, is a peer for libzmq's remote_thr and remote_lat, whose latency " +
			"is half of a mean round trip.\n\n" +
			"An object of --json has sockets, measure, endpoint, size (bytes of a body), sent (0 where another process counts that), " +
			"messages (that arrived; of latency, round trips that count), lost, seconds (that these took), measured_at (sender or " +
			"receiver), messages_per_second, mb_per_second and, of latency, latency_us with mean, p50, p90, p99, p99.9 and max.",
		Example: "bench --types req:rep --size 100 --size 64K --for 2",
		Use:     line.UseEndpoints,
		Files:   func(c *line.Config) []line.NamedFile { return []line.NamedFile{{Flag: "--svg", Name: BenchOf(c).svg}} },
		Own:     func() any { return defaultBench() }, Flags: flags.All(benchFlags), Settle: settleBench, Rules: flags.Rules(benchRules), Alone: benchAlone,
		Run: func(c *line.Config, std say.Streams) (outcome.Status, error) { return measure(c, std), nil },
	}
}

// benchFlags say what is measured.
func benchFlags() []line.Flag {
	return []line.Flag{
		flags.EndpointFile(nil, "--serve --bind"),
		{
			Name: "types", Kind: line.TakesValue, Group: "Bench", Meta: "A:B", Example: "push:pull",
			Brief: "who sends to whom: push:pull, req:rep, pub:sub",
			Help: "who sends to whom, repeatable (push:pull and req:rep): also pub:sub, pub:xsub, xpub:sub, xpub:xsub, " +
				"pair:pair, dealer:router, dealer:dealer, req:router, dealer:rep, router:router, " +
				"and of the drafts client:server, scatter:gather, radio:dish, channel:channel, peer:peer",
			Set: func(c *line.Config, text string) error {
				p, err := bench.ParsePair(text)
				if err == nil {
					BenchOf(c).pairs = append(BenchOf(c).pairs, p)
				}
				return err
			},
		},
		{
			Name: "measure", Kind: line.TakesValue, Group: "Bench", Meta: "WHAT", Example: "latency",
			Brief: "throughput or latency",
			Help:  "throughput or latency (both, where the types can)",
			Set: func(c *line.Config, text string) error {
				m, err := bench.ParseMeasure(text)
				if err == nil {
					BenchOf(c).measures = append(BenchOf(c).measures, m)
				}
				return err
			},
		},
		{
			Name: "size", Kind: line.TakesValue, Group: "Bench", Meta: "SIZE", Example: "1K",
			Brief: "bytes of a message; repeatable",
			Help:  "bytes of a message's body, repeatable (100)",
			Set: func(c *line.Config, text string) error {
				n, err := units.ParseSize(text)
				if err == nil && n == 0 {
					err = fmt.Errorf("%q is too small: an empty body ends a count", text)
				}
				if err == nil {
					BenchOf(c).sizes = append(BenchOf(c).sizes, n)
				}
				return err
			},
		},
		{
			Name: "for", Kind: line.TakesValue, Group: "Bench", Meta: "D", Example: "5",
			Brief: "how long each measurement sends (5)",
			Help:  "how long each measurement sends (5)", Rivals: []string{"count"},
			Set: flags.ToTime(1, func(c *line.Config) *time.Duration { return &BenchOf(c).lasts }),
		},
		{
			Name: "count", Letter: "n", Kind: line.TakesValue, Group: "Bench", Meta: "N", Example: "1000000",
			Brief: "send N messages instead",
			Help:  "send N messages instead; with --serve, a count ends by itself after N", Rivals: []string{"for"},
			Set: flags.ToCount(1, func(c *line.Config) *int { return &c.Limit }),
		},
		{
			Name: "rate", Kind: line.TakesValue, Group: "Bench", Meta: "N", Example: "1000",
			Brief: "send N messages a second instead of all it can",
			Help:  "send N messages a second instead of as many as can be",
			Set:   flags.ToCount(1, func(c *line.Config) *int { return &c.Rate }),
		},
		{
			Name: "serve", Kind: line.TakesNothing, Group: "Bench", Company: "--bind",
			Brief: "be the other side, at the --bind",
			Help:  "be the other side, at the --bind, until a signal; what is counted is printed",
			Set:   flags.ToBool(func(c *line.Config) *bool { return &BenchOf(c).Serves }),
		},
		{
			Name: "json", Kind: line.TakesNothing, Group: "Bench",
			Brief: "print an object a line instead of a table",
			Help:  "print an object a line instead of a table",
			Set:   flags.ToBool(func(c *line.Config) *bool { return &BenchOf(c).json }),
		},
		{
			Name: "svg", Kind: line.TakesValue, Group: "Bench", Meta: "FILE", Example: "latency.svg",
			Brief: "draw the latencies to FILE, as a picture",
			Help:  "draw a histogram of each latency, with its percentiles, to FILE: one picture in SVG, which any browser shows",
			Set:   flags.ToText(func(c *line.Config) *string { return &BenchOf(c).svg }),
		},
	}
}
