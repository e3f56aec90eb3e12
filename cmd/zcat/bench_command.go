package main

import (
	"fmt"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/bench"
)

// benchCommand is the command that measures.
func benchCommand() command {
	return command{
		tool:    true,
		name:    "bench",
		summary: "measure throughput and latency",
		about: "Between two sockets of its own, over tcp or the endpoints of --bind (inproc:// too), or between two processes " +
			"or machines: one runs --serve, the other --connect. Throughput is of messages one way, counted where they arrive, " +
			"from the first to the last, or, where a PUSH, PUB or XPUB has another process for a peer, until the last has left " +
			"the sender, whatever the other side's system still holds. Latency is of round trips, one at a time, without the first twentieth (a second at most), in " +
			"microseconds; at a --rate each is timed from when it was due, so that a late answer counts for all that it delays. " +
			"MB is 1000000 bytes of bodies, one way. A signal ends with what was measured until then; a server that leaves in " +
			"the middle is a failure. With --curve-server --curve-secret everything is encrypted, between two sockets of its own too.\n\n" +
			"A peer need not be ours: it sends back a message whose last frame begins with E, counts all others, and " +
			"answers an empty last frame, where it can, with the same envelope and \"COUNT NANOSECONDS\" " +
			"since the last such; a REP sends everything back, and a ROUTER that a ROUTER is to find has the routing id bench. " +
			"A --serve of push:pull with --count N, or of req:rep, is a peer for libzmq's remote_thr and remote_lat, whose latency " +
			"is half of a mean round trip.\n\n" +
			"An object of --json has sockets, measure, endpoint, size (bytes of a body), sent (0 where another process counts that), " +
			"messages (that arrived; of latency, round trips that count), lost, seconds (that these took), measured_at (sender or " +
			"receiver), messages_per_second, mb_per_second and, of latency, latency_us with mean, p50, p90, p99, p99.9 and max.",
		example: "bench --types req:rep --size 100 --size 64K --for 2",
		use:     useEndpoints,
		own:     func() any { return defaultBench() }, flags: allFlags(benchFlags), settle: settleBench, rules: allRules(benchRules), alone: benchAlone,
		run: func(c *config, std streams) (status, error) { return measure(c, std), nil },
	}
}

// benchFlags say what is measured.
func benchFlags() []flagRow {
	return []flagRow{
		endpointFile(nil, "--serve --bind"),
		{
			name: "types", kind: takesValue, group: "Bench", meta: "A:B", example: "push:pull",
			brief: "who sends to whom: push:pull, req:rep, pub:sub",
			help: "who sends to whom, repeatable (push:pull and req:rep): also pub:sub, pub:xsub, xpub:sub, xpub:xsub, " +
				"pair:pair, dealer:router, dealer:dealer, req:router, dealer:rep, router:router",
			set: func(c *config, text string) error {
				p, err := bench.ParsePair(text)
				if err == nil {
					benchOf(c).pairs = append(benchOf(c).pairs, p)
				}
				return err
			},
		},
		{
			name: "measure", kind: takesValue, group: "Bench", meta: "WHAT", example: "latency",
			brief: "throughput or latency",
			help:  "throughput or latency (both, where the types can)",
			set: func(c *config, text string) error {
				m, err := bench.ParseMeasure(text)
				if err == nil {
					benchOf(c).measures = append(benchOf(c).measures, m)
				}
				return err
			},
		},
		{
			name: "size", kind: takesValue, group: "Bench", meta: "SIZE", example: "1K",
			brief: "bytes of a message; repeatable",
			help:  "bytes of a message's body, repeatable (100)",
			set: func(c *config, text string) error {
				n, err := parseSize(text)
				if err == nil && n == 0 {
					err = fmt.Errorf("%q is too small: an empty body ends a count", text)
				}
				if err == nil {
					benchOf(c).sizes = append(benchOf(c).sizes, n)
				}
				return err
			},
		},
		{
			name: "for", kind: takesValue, group: "Bench", meta: "D", example: "5",
			brief: "how long each measurement sends (5)",
			help:  "how long each measurement sends (5)", rivals: []string{"count"},
			set: toTime(1, func(c *config) *time.Duration { return &benchOf(c).lasts }),
		},
		{
			name: "count", letter: "n", kind: takesValue, group: "Bench", meta: "N", example: "1000000",
			brief: "send N messages instead",
			help:  "send N messages instead; with --serve, a count ends by itself after N", rivals: []string{"for"},
			set: toCount(1, func(c *config) *int { return &c.limit }),
		},
		{
			name: "rate", kind: takesValue, group: "Bench", meta: "N", example: "1000",
			brief: "send N messages a second instead of all it can",
			help:  "send N messages a second instead of as many as can be",
			set:   toCount(1, func(c *config) *int { return &c.rate }),
		},
		{
			name: "serve", kind: takesNothing, group: "Bench", company: "--bind",
			brief: "be the other side, at the --bind",
			help:  "be the other side, at the --bind, until a signal; what is counted is printed",
			set:   toBool(func(c *config) *bool { return &benchOf(c).serves }),
		},
		{
			name: "json", kind: takesNothing, group: "Bench",
			brief: "print an object a line instead of a table",
			help:  "print an object a line instead of a table",
			set:   toBool(func(c *config) *bool { return &benchOf(c).json }),
		},
	}
}
