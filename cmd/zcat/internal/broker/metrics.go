package broker

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/sockets"
)

// SetMetrics reads HOST:PORT, with the short forms of endpoints.
func SetMetrics(c *line.Config, text string) error {
	host, port, err := net.SplitHostPort(text)
	if port == "*" {
		port = "0"
	}
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || strconv.FormatUint(n, 10) != port {
		return fmt.Errorf("%q is not HOST:PORT, such as 127.0.0.1:9100, :9100 (loopback) or *:9100 (every interface)", text)
	}
	switch host {
	case "":
		host = "127.0.0.1"
	case "*":
		host = ""
	}
	ProxyOf(c).Metrics = net.JoinHostPort(host, port)
	return nil
}

// ServeMetrics answers Prometheus at /metrics until the returned function is
// called.
func (b *broker) ServeMetrics() (finish func(), err error) {
	address := b.asked.Metrics
	if address == "" {
		return func() {}, nil
	}
	var network net.ListenConfig
	listener, err := network.Listen(b.Stop, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--metrics: %s: %w", address, say.Cause(err))
	}
	b.Say.Announce(address, fmt.Sprintf("http://%v/metrics", listener.Addr()))
	s := newScraper(listener, b.metrics, func(err error) { b.Say.Notice("--metrics: accepting a connection failed: %v: trying again", err) })
	go s.serve()
	return func() { s.finish(time.Second) }, nil
}

// metrics returns the current counters in Prometheus' text format 0.0.4.
func (b *broker) metrics() string {
	var text exposition
	var stats [2]sockets.SideStats
	stats[sockets.Front], stats[sockets.Back] = b.Joined.Stats()
	each := func(name, kind string, value func(s sockets.SideStats) uint64, labels ...string) {
		for i, s := range stats {
			text.add(name, kind, value(s), append([]string{"side", sockets.Side(i).String()}, labels...)...)
		}
	}
	each("messages_total", "counter", func(s sockets.SideStats) uint64 { return s.Received }, "direction", "received")
	each("messages_total", "counter", func(s sockets.SideStats) uint64 { return s.Sent }, "direction", "sent")
	each("bytes_total", "counter", func(s sockets.SideStats) uint64 { return s.ReceivedBytes }, "direction", "received")
	each("bytes_total", "counter", func(s sockets.SideStats) uint64 { return s.SentBytes }, "direction", "sent")
	each("dropped_messages_total", "counter", func(s sockets.SideStats) uint64 { return s.Dropped })
	each("discarded_messages_total", "counter", func(s sockets.SideStats) uint64 { return s.Discarded })
	each("refused_connections_total", "counter", func(s sockets.SideStats) uint64 { return s.Refused })
	each("broken_peers_total", "counter", func(s sockets.SideStats) uint64 { return s.Broken })
	each("peers", "gauge", func(s sockets.SideStats) uint64 { return uint64(s.Peers) })
	each("waiting_messages", "gauge", func(s sockets.SideStats) uint64 { return uint64(s.Waiting) })
	for i, c := range b.Captures {
		text.add("uncaptured_messages_total", "counter", c.Missed(), "capture", c.Name, "number", strconv.Itoa(i+1))
	}
	return text.String()
}

// exposition is metrics as text, grouped by name.
type exposition struct {
	strings.Builder
	last string // name
}

// add adds a metric with pairs of a label and its value.
func (e *exposition) add(name, kind string, value uint64, labels ...string) {
	name = "zcat_proxy_" + name
	if name != e.last {
		e.last = name
		e.WriteString("# TYPE " + name + " " + kind + "\n")
	}
	e.WriteString(name + labelled(labels) + " " + strconv.FormatUint(value, 10) + "\n")
}

// labelled writes pairs of a label and its value.
func labelled(pairs []string) string {
	var labels []string
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	for i := 0; i < len(pairs); i += 2 {
		labels = append(labels, pairs[i]+`="`+escape.Replace(pairs[i+1])+`"`)
	}
	return "{" + strings.Join(labels, ",") + "}"
}
