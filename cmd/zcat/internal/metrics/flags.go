package metrics

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// Asked has the settings of statistics and metrics. The zero value asks for none.
type Asked struct {
	Stats   time.Duration // of --stats, for Every
	Address string        // of --metrics, for Serve; "" for none
	Top     bool          // --top
}

// Reports says whether the counts are reported at the end: where that was asked for, and to
// whoever watches.
func (a *Asked) Reports(voice *say.Speech) bool { return a.Stats > 0 || a.Top || voice.Watched }

// Flags are the flags of a command that counts, under a heading of its help. of is
// where in the command's settings they are stored.
func Flags(group string, of func(*line.Config) *Asked) []line.Flag {
	return []line.Flag{
		{
			Name: "stats", Kind: line.TakesValue, Group: group, Meta: "D", Example: "10",
			Brief: "report messages and bytes every D",
			Help:  "report messages and bytes each way every D, and at the end",
			Set:   flags.ToTime(1, func(c *line.Config) *time.Duration { return &of(c).Stats }),
		},
		{
			Name: "top", Kind: line.TakesNothing, Group: group,
			Brief: "show rates, peers and queues, live",
			Help: "show rates, peers and what waits where, on the terminal, live; at the end what --stats reports. waiting came from peers " +
				"and has not been passed on; queued is for peers that have not taken it yet. owes are requests that a peer was given and has not " +
				"answered, asks are its own that have no reply yet, and oldest is how long one of these waits: who keeps others waiting for a second " +
				"or more stands first. A wider window shows more",
			Set: flags.ToBool(func(c *line.Config) *bool { return &of(c).Top }),
		},
		{
			Name: "metrics", Kind: line.TakesValue, Group: group, Meta: "ADDR", Example: ":9100",
			Brief: "serve the counters to Prometheus",
			Help:  "serve the counters to Prometheus at http://ADDR/metrics; :PORT is loopback, *:PORT every interface",
			Set: func(c *line.Config, text string) (err error) {
				of(c).Address, err = parseAddress(text)
				return err
			},
		},
	}
}

// parseAddress reads HOST:PORT, with the short forms of endpoints.
func parseAddress(text string) (string, error) {
	host, port, err := net.SplitHostPort(text)
	if port == "*" {
		port = "0"
	}
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || strconv.FormatUint(n, 10) != port {
		return "", fmt.Errorf("%q is not HOST:PORT, such as 127.0.0.1:9100, :9100 (loopback) or *:9100 (every interface)", text)
	}
	switch host {
	case "":
		host = "127.0.0.1"
	case "*":
		host = ""
	}
	return net.JoinHostPort(host, port), nil
}
