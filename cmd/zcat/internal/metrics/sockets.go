package metrics

import "github.com/zcat/zcat/pkg/sockets"

// Socket is one of several sockets of a command, and what it has counted.
type Socket struct {
	Name string
	sockets.SideStats
}

// AddSockets adds the counters of sockets, each with its name as the value of label.
func (p *Page) AddSockets(label string, all ...Socket) {
	each := func(name, kind string, value func(Socket) uint64, labels ...string) {
		for _, s := range all {
			p.Add(name, kind, value(s), append([]string{label, s.Name}, labels...)...)
		}
	}
	each("messages_total", "counter", func(s Socket) uint64 { return s.Received }, "direction", "received")
	each("messages_total", "counter", func(s Socket) uint64 { return s.Sent }, "direction", "sent")
	each("bytes_total", "counter", func(s Socket) uint64 { return s.ReceivedBytes }, "direction", "received")
	each("bytes_total", "counter", func(s Socket) uint64 { return s.SentBytes }, "direction", "sent")
	each("dropped_messages_total", "counter", func(s Socket) uint64 { return s.Dropped })
	each("discarded_messages_total", "counter", func(s Socket) uint64 { return s.Discarded })
	each("refused_connections_total", "counter", func(s Socket) uint64 { return s.Refused })
	each("broken_peers_total", "counter", func(s Socket) uint64 { return s.Broken })
	each("peers", "gauge", func(s Socket) uint64 { return uint64(s.Peers) })
	each("waiting_messages", "gauge", func(s Socket) uint64 { return uint64(s.Waiting) })
}
