package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/bench"
	"github.com/zcat/zcat/pkg/sockets"
)

// benchConfig is what a command line asks of a bench.
type benchConfig struct {
	pairs    []bench.Pair
	measures []bench.Measure // none: all that the pairs can
	sizes    []int
	lasts    time.Duration
	serves   bool
	json     bool
}

func defaultBench() *benchConfig { return &benchConfig{lasts: 5 * time.Second} }

// benchOf is the settings of a bench.
func benchOf(c *config) *benchConfig { return c.own.(*benchConfig) }

// alone reports whether both sockets are the command's own.
func benchAlone(c *config) bool { return !benchOf(c).serves && !c.connects() }

// settleBench fills in what nobody asked for.
func settleBench(c *config) {
	b := benchOf(c)
	if len(b.pairs) == 0 {
		for _, p := range []bench.Pair{{Client: sockets.Push, Server: sockets.Pull}, {Client: sockets.Req, Server: sockets.Rep}} {
			// A server has one socket.
			if len(b.wanted(p)) > 0 && (len(b.pairs) == 0 || benchAlone(c)) {
				b.pairs = append(b.pairs, p)
			}
		}
	}
	if len(b.sizes) == 0 {
		b.sizes = []int{100}
	}
	if len(c.endpoints) == 0 && !b.serves {
		c.attach(defaultBind, true)
	}
}

// wanted lists what is to be measured of a pair.
func (b *benchConfig) wanted(p bench.Pair) []bench.Measure {
	return slices.DeleteFunc(slices.Clone(p.Measures()), func(m bench.Measure) bool {
		return len(b.measures) > 0 && !slices.Contains(b.measures, m)
	})
}

// loadOf is what one measurement sends, but for its size.
func loadOf(c *config) bench.Load {
	l := bench.Load{Count: uint64(c.limit), For: benchOf(c).lasts, Rate: c.rate, Patience: c.timeout}
	if l.Rate > int(time.Second) {
		l.Rate = 0 // more than one a nanosecond is no limit
	}
	return l
}

// benchRules are the rules of a bench.
func benchRules(c *config) []rule {
	b := benchOf(c)
	connects, serves := c.connects(), b.serves
	unable := slices.IndexFunc(b.pairs, func(p bench.Pair) bool { return len(b.wanted(p)) == 0 })
	what := ""
	if unable >= 0 {
		what = fmt.Sprintf("%v has no %v: messages go one way only, or take turns", b.pairs[unable], b.measures[0])
	}
	tooLarge := slices.IndexFunc(b.sizes, func(n int) bool { return c.options.MaxSize > 0 && n > c.options.MaxSize })
	return []rule{
		{len(c.args) > 0, fmt.Sprintf("bench takes no arguments such as %q: flags say all", first(c.args)), c.line("--size 1K")},
		{serves && connects, "--serve waits for the other side at a --bind, and connects nowhere", c.line("--serve --bind tcp://127.0.0.1:5555")},
		{serves && !c.binds(), "--serve needs an endpoint to bind", c.line("--serve --bind tcp://127.0.0.1:5555")},
		{
			!serves && connects && len(c.endpoints) > 1, "bench sends to one server: --connect stands alone",
			c.line("--connect tcp://127.0.0.1:5555"),
		},
		{
			len(b.pairs) > 1 && (serves || connects), "a server has one socket, for one of the --types",
			c.line("--types " + b.firstPair() + " " + b.serverFlag()),
		},
		{unable >= 0, what, c.line("--types pair:pair")},
		{tooLarge >= 0, "a --size is over the --max-size, the largest message taken", c.line("--size 1M --max-size 1M")},
		{
			c.typed["for"] && c.typed["count"], "--for and --count both say when a measurement ends",
			c.line("--count 100000"),
		},
		{
			serves && (c.typed["for"] || c.typed["rate"] || c.typed["size"] || c.typed["measure"]),
			"--for, --rate, --size and --measure are for the side that sends, which is not --serve",
			c.line("--serve --bind tcp://127.0.0.1:5555"),
		},
		{
			c.typed["endpoint-file"] && !serves, "--endpoint-file is for whoever is to connect, and only --serve waits for one",
			c.line("--serve --bind --endpoint-file /tmp/endpoint"),
		},
		{
			c.endpointFile == stdoutName, "--endpoint-file - is stdout, where bench prints its table",
			c.line("--serve --bind --endpoint-file /dev/stderr"),
		},
	}
}

func (b *benchConfig) firstPair() string {
	if len(b.pairs) == 0 {
		return "push:pull"
	}
	return b.pairs[0].String()
}

// serverFlag is an endpoint that goes with more than one process.
func (b *benchConfig) serverFlag() string {
	if b.serves {
		return "--serve --bind tcp://127.0.0.1:5555"
	}
	return "--connect tcp://127.0.0.1:5555"
}
