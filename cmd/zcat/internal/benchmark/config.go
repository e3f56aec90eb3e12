package benchmark

import (
	"fmt"
	"slices"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/bench"
	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets"
)

// benchConfig has the settings of a bench.
type benchConfig struct {
	pairs    []bench.Pair
	measures []bench.Measure // none: all that the pairs can
	sizes    []int
	lasts    time.Duration
	Serves   bool
	json     bool
	svg      string // the file of the picture, "" for none
}

func defaultBench() *benchConfig { return &benchConfig{lasts: 5 * time.Second} }

// BenchOf returns the settings of a bench.
func BenchOf(c *line.Config) *benchConfig { return c.Own.(*benchConfig) }

// benchAlone reports whether both sockets are the command's own.
func benchAlone(c *line.Config) bool { return !BenchOf(c).Serves && !c.Connects() }

// settleBench fills in what was not asked for.
func settleBench(c *line.Config) {
	b := BenchOf(c)
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
	if len(c.Endpoints) == 0 && !b.Serves {
		c.Attach(line.DefaultBind, true)
	}
}

// wanted lists what is to be measured of a pair.
func (b *benchConfig) wanted(p bench.Pair) []bench.Measure {
	return slices.DeleteFunc(slices.Clone(p.Measures()), func(m bench.Measure) bool {
		return len(b.measures) > 0 && !slices.Contains(b.measures, m)
	})
}

// hasLatency reports whether a latency is measured.
func (b *benchConfig) hasLatency() bool {
	return slices.ContainsFunc(b.pairs, func(p bench.Pair) bool { return slices.Contains(b.wanted(p), bench.Latency) })
}

// loadOf returns what one measurement sends, except for its size.
func loadOf(c *line.Config) bench.Load {
	l := bench.Load{Count: uint64(c.Limit), For: BenchOf(c).lasts, Rate: c.Rate, Patience: c.Timeout}
	if l.Rate > int(time.Second) {
		l.Rate = 0 // more than one a nanosecond is no limit
	}
	return l
}

// benchRules are the rules of a bench.
func benchRules(c *line.Config) []line.Rule {
	b := BenchOf(c)
	connects, serves := c.Connects(), b.Serves
	unable := slices.IndexFunc(b.pairs, func(p bench.Pair) bool { return len(b.wanted(p)) == 0 })
	what := ""
	if unable >= 0 {
		what = fmt.Sprintf("%v has no %v: messages go one way only, or take turns", b.pairs[unable], b.measures[0])
	}
	tooLarge := slices.IndexFunc(b.sizes, func(n int) bool { return c.Options.MaxSize > 0 && n > c.Options.MaxSize })
	return []line.Rule{
		{Broken: len(c.Args) > 0, Sentence: fmt.Sprintf("bench takes no arguments such as %q: flags say everything", line.First(c.Args)), Flags: "--size 1K"},
		{Broken: serves && connects, Sentence: "--serve waits for the other side at a --bind, and connects nowhere", Flags: "--serve --bind tcp://127.0.0.1:5555"},
		{Broken: serves && !c.Binds(), Sentence: "--serve needs an endpoint to bind", Flags: "--serve --bind tcp://127.0.0.1:5555"},
		{
			Broken: !serves && connects && len(c.Endpoints) > 1, Sentence: "bench sends to one server: --connect stands alone",
			Flags: "--connect tcp://127.0.0.1:5555",
		},
		{
			Broken: len(b.pairs) > 1 && (serves || connects), Sentence: "a server has one socket, for one of the --types",
			Flags: "--types " + b.firstPair() + " " + b.serverFlag(),
		},
		{Broken: unable >= 0, Sentence: what, Flags: "--types pair:pair"},
		{Broken: tooLarge >= 0, Sentence: "a --size is over the --max-size, the largest message taken", Flags: "--size 1M --max-size 1M"},
		{
			Broken: c.Typed["for"] && c.Typed["count"], Sentence: "--for and --count both say when a measurement ends",
			Flags: "--count 100000",
		},
		{
			Broken:   serves && (c.Typed["for"] || c.Typed["rate"] || c.Typed["size"] || c.Typed["measure"]),
			Sentence: "--for, --rate, --size and --measure are for the side that sends, which is not --serve",
			Flags:    "--serve --bind tcp://127.0.0.1:5555",
		},
		{
			Broken: b.svg != "" && serves, Sentence: "--svg draws latencies, which the side that sends measures: that is not --serve",
			Flags: "--connect tcp://127.0.0.1:5555 --types req:rep --svg latency.svg",
		},
		{
			Broken: b.svg != "" && unable < 0 && !b.hasLatency(), Sentence: "--svg draws latencies, and only throughput is measured",
			Flags: "--types req:rep --svg latency.svg",
		},
		{
			Broken: b.svg == line.StdoutName, Sentence: "--svg - is stdout, where bench prints its table",
			Flags: "--types req:rep --svg latency.svg",
		},
		{
			Broken: c.Typed["endpoint-file"] && !serves, Sentence: "--endpoint-file is for whoever is to connect, and only --serve waits for one",
			Flags: "--serve --bind --endpoint-file /tmp/endpoint",
		},
		{
			Broken: c.Typed["allow-origin"] && !c.BindsWeb(), Sentence: flags.NoWeb,
			Flags: "--serve --bind ws://127.0.0.1:8080 --allow-origin null",
		},
		{
			Broken: c.EndpointFile == line.StdoutName, Sentence: "--endpoint-file - is stdout, where bench prints its table",
			Flags: "--serve --bind --endpoint-file /dev/stderr",
		},
	}
}

func (b *benchConfig) firstPair() string {
	if len(b.pairs) == 0 {
		return "push:pull"
	}
	return b.pairs[0].String()
}

// serverFlag returns flags with an endpoint that several processes can use.
func (b *benchConfig) serverFlag() string {
	if b.Serves {
		return "--serve --bind tcp://127.0.0.1:5555"
	}
	return "--connect tcp://127.0.0.1:5555"
}
