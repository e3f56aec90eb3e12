// Package metrics counts for others: the page that --metrics serves to Prometheus, and
// what --stats reports.
package metrics

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// Serve answers Prometheus at /metrics of an address with what page returns, until
// finish is called.
func Serve(ctx context.Context, address string, voice *say.Speech, page func() string) (finish func(), err error) {
	var network net.ListenConfig
	listener, err := network.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--metrics: %s: %w", address, say.Cause(err))
	}
	voice.Announce(address, fmt.Sprintf("http://%v/metrics", listener.Addr()))
	s := newScraper(listener, page, func(err error) { voice.Notice("--metrics: accepting a connection failed: %v: trying again", err) })
	go s.serve()
	return func() { s.finish(time.Second) }, nil
}

// Page is metrics in Prometheus' text format 0.0.4, those of one name one after the
// other.
type Page struct {
	strings.Builder
	prefix string
	last   string // name
}

// NewPage makes a page whose metrics have names that begin with prefix.
func NewPage(prefix string) *Page { return &Page{prefix: prefix} }

// Add adds a metric with pairs of a label and its value. help is one sentence on what
// it counts.
func (p *Page) Add(name, kind, help string, value uint64, labels ...string) {
	name = p.prefix + name
	if name != p.last {
		p.last = name
		p.WriteString("# HELP " + name + " " + help + "\n# TYPE " + name + " " + kind + "\n")
	}
	p.WriteString(name + labelled(labels) + " " + strconv.FormatUint(value, 10) + "\n")
}

// labelled writes pairs of a label and its value.
func labelled(pairs []string) string {
	if len(pairs) == 0 {
		return ""
	}
	var labels []string
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	for i := 0; i < len(pairs); i += 2 {
		labels = append(labels, pairs[i]+`="`+escape.Replace(pairs[i+1])+`"`)
	}
	return "{" + strings.Join(labels, ",") + "}"
}
