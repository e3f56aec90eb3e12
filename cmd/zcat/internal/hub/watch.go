package hub

import (
	"fmt"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/board"
	"github.com/zcat/zcat/cmd/zcat/internal/capture"
	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/metrics"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/top"
	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// What is copied and counted of what passes through a hub.

// openCaptures opens what --capture asks for.
func (h *hub) openCaptures() (err error) {
	c := h.config
	h.captures, err = capture.Open(&h.asked.capture, capture.Place{
		Life: h.Life, Name: c.Command.Name, Shown: c.Output, Stdout: h.std.Out, Prints: h.std.Prints(), Records: h.std.Records(), Limit: c.Options.RecvHWMBytes,
		Open: h.openCapture, Look: h.look,
	})
	return err
}

// openCapture opens the socket of a capture. What the hub's own flags protect is not
// published in clear: they are for it too, where it is on the side that they are for.
func (h *hub) openCapture(kind sockets.Type, a line.Attachment) (*sockets.Socket, error) {
	asked, granted := h.config.Access, &access.Access{}
	if a.Bind && asked.Serves() || !a.Bind && asked.Asks() {
		var err error
		if granted, err = h.Grant(asked); err != nil {
			return nil, err
		}
	}
	socket, err := sockets.New(kind, func(o *sockets.Options) {
		*o = flags.Fitted(h.config.Options, kind)
		o.Monitor = h.monitor.See
		granted.Secure(o, a.Bind)
	})
	if err != nil {
		return nil, err
	}
	h.Opens(socket)
	bound, err := h.Join(socket, []line.Attachment{a}, nil, h.config.Elsewhere)
	if err != nil {
		_ = socket.CloseContext(h.Stop) // nothing is queued
		return nil, err
	}
	h.captured = append(h.captured, bound...)
	return socket, nil
}

// look returns the view of a message of a socket: one that came, or one that was sent.
func (h *hub) look(from, to string) view.Message {
	for _, p := range h.parts {
		if p.name == from || p.name == to {
			return view.Message{Kind: p.asked.Command.Kind, From: from, To: to}
		}
	}
	return view.Message{From: from, To: to}
}

// see captures and shows what comes and goes.
func (h *hub) see(from, to string, b *frames.Batch) {
	h.captures.Take(from, to, b)
	if !h.Say.Says(say.LevelMessages) {
		return
	}
	if from != "" {
		h.Say.Messages(from+" received", b)
	} else {
		h.Say.Messages(to+" sent", b)
	}
}

// serveMetrics answers Prometheus, where it was asked for, until finish is called.
func (h *hub) serveMetrics() (finish func(), err error) {
	if h.asked.told.Address == "" {
		return func() {}, nil
	}
	return metrics.Serve(h.Stop, h.asked.told.Address, h.Say, h.metrics)
}

// sideOf is what the socket with a number has counted.
func (h *hub) sideOf(i int, counts []board.Counts) sockets.SideStats {
	stats := h.parts[i].now().Stats()
	return sockets.SideStats{
		Received: counts[i].Received, ReceivedBytes: counts[i].ReceivedBytes, Sent: counts[i].Sent, SentBytes: counts[i].SentBytes,
		Dropped: stats.Dropped + stats.Lost + stats.Unmet, Discarded: stats.Discarded, Refused: stats.Refused, Broken: stats.Broken,
		Peers: stats.Peers, Waiting: stats.Waiting, Queued: stats.Queued + h.board.Backlog(h.parts[i].name),
	}
}

// top is what --top shows of this moment.
func (h *hub) top() []top.Socket {
	var all []top.Socket
	counts := h.board.Counts()
	for i, p := range h.parts {
		all = append(all, top.Socket{Name: p.name, Kind: p.asked.Command.Kind, SideStats: h.sideOf(i, counts), Each: p.now().PeerStats()})
	}
	return all
}

// metrics are the counters at this moment, for Prometheus.
func (h *hub) metrics() string {
	page := metrics.NewPage("zcat_hub_")
	var all []metrics.Socket
	counts := h.board.Counts()
	for i, p := range h.parts {
		all = append(all, metrics.Socket{Name: p.name, SideStats: h.sideOf(i, counts)})
	}
	page.AddSockets("name", all...)
	for i, p := range h.parts {
		page.Add("returned_messages_total", "counter", "Messages of the filter that could not be sent.", counts[i].Returned, "name", p.name)
	}
	h.captures.Expose(page.Add)
	return page.String()
}

// sayStats reports what came and went at each socket so far.
func (h *hub) sayStats() {
	var parts []string
	for _, n := range h.board.Counts() {
		text := fmt.Sprintf("%s: %s in, %s out", n.Name, amount(n.Received, n.ReceivedBytes), amount(n.Sent, n.SentBytes))
		if n.Returned > 0 {
			text += fmt.Sprintf(", %d returned", n.Returned)
		}
		parts = append(parts, text)
	}
	if missed := h.captures.Missed(); missed > 0 {
		parts = append(parts, say.Plural(missed, "message")+" not captured")
	}
	h.Say.Notice("%s", strings.Join(parts, "; "))
}

func amount(messages, bytes uint64) string {
	return say.Plural(messages, "message") + ", " + say.Plural(bytes, "byte")
}

// summarise reports what a hub did.
func (h *hub) summarise(result outcome.Status) {
	sum := h.Tally.Sum(h.config.Command.Name, result)
	if h.board != nil {
		written, returned := h.board.Written(), h.board.Returned()
		sum.Written, sum.Returned = &written, &returned
		for _, p := range h.parts {
			sum.Unroutable -= min(sum.Unroutable, p.strayed.Load()) // they are among the returned
		}
		// What the filter did not read was received by nobody.
		sum.Received -= min(sum.Received, h.board.Unread())
	}
	h.Summarise(sum)
}
