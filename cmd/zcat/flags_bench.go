package main

import (
	"fmt"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/bench"
)

// benchFlags say what is measured.
func benchFlags() []flagRow {
	is := named("bench")
	return []flagRow{
		{
			name: "types", kind: takesValue, group: groupBench, meta: "A:B", has: is, example: "push:pull",
			help: "who sends to whom, repeatable (push:pull and req:rep): also pub:sub, pub:xsub, xpub:sub, xpub:xsub, " +
				"pair:pair, dealer:router, dealer:dealer, req:router, dealer:rep, router:router",
			set: func(c *config, text string) error {
				p, err := bench.ParsePair(text)
				if err == nil {
					c.bench.pairs = append(c.bench.pairs, p)
				}
				return err
			},
		},
		{
			name: "measure", kind: takesValue, group: groupBench, meta: "WHAT", has: is, example: "latency",
			help: "throughput or latency (both, where the types can)",
			set: func(c *config, text string) error {
				m, err := bench.ParseMeasure(text)
				if err == nil {
					c.bench.measures = append(c.bench.measures, m)
				}
				return err
			},
		},
		{
			name: "size", kind: takesValue, group: groupBench, meta: "SIZE", has: is, example: "1K",
			help: "bytes of a message's body, repeatable (100)",
			set: func(c *config, text string) error {
				n, err := parseSize(text)
				if err == nil && n == 0 {
					err = fmt.Errorf("%q is too small: an empty body ends a count", text)
				}
				if err == nil {
					c.bench.sizes = append(c.bench.sizes, n)
				}
				return err
			},
		},
		{
			name: "for", kind: takesValue, group: groupBench, meta: "D", has: is, example: "5",
			help: "how long each measurement sends (5)", rivals: []string{"count"},
			set: toTime(1, func(c *config) *time.Duration { return &c.bench.lasts }),
		},
		{
			name: "count", letter: "n", kind: takesValue, group: groupBench, meta: "N", has: is, example: "1000000",
			help: "send N messages instead; with --serve, a count ends by itself after N", rivals: []string{"for"},
			set: toCount(1, func(c *config) *int { return &c.limit }),
		},
		{
			name: "rate", kind: takesValue, group: groupBench, meta: "N", has: is, example: "1000",
			help: "send N messages a second instead of as many as can be",
			set:  toCount(1, func(c *config) *int { return &c.rate }),
		},
		{
			name: "serve", kind: takesNothing, group: groupBench, has: is, company: "--bind",
			help: "be the other side, at the --bind, until a signal; what is counted is printed",
			set:  toClaim(func(c *config) *bool { return &c.bench.serves }),
		},
		{
			name: "json", kind: takesNothing, group: groupBench, has: is,
			help: "print an object a line instead of a table",
			set:  toClaim(func(c *config) *bool { return &c.bench.json }),
		},
	}
}
