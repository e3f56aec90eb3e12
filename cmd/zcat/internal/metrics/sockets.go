package metrics

import "github.com/zcat/zcat/pkg/sockets"

// Socket is one of several sockets of a command, and what it has counted.
type Socket struct {
	Name string
	sockets.SideStats
}

// AddSockets adds the counters of sockets, each with its name as the value of label.
func (p *Page) AddSockets(label string, all ...Socket) {
	each := func(name, kind, help string, value func(Socket) uint64, labels ...string) {
		for _, s := range all {
			p.Add(name, kind, help, value(s), append([]string{label, s.Name}, labels...)...)
		}
	}
	const messages, bytes = "Messages that a socket received or sent.", "Payload of the messages that a socket received or sent, in bytes."
	each("messages_total", "counter", messages, func(s Socket) uint64 { return s.Received }, "direction", "received")
	each("messages_total", "counter", messages, func(s Socket) uint64 { return s.Sent }, "direction", "sent")
	each("bytes_total", "counter", bytes, func(s Socket) uint64 { return s.ReceivedBytes }, "direction", "received")
	each("bytes_total", "counter", bytes, func(s Socket) uint64 { return s.SentBytes }, "direction", "sent")
	each("dropped_messages_total", "counter", "Messages sent for peers that were too slow, gone or unknown.", func(s Socket) uint64 { return s.Dropped })
	each("discarded_messages_total", "counter", "Messages thrown away since their form does not fit the socket.", func(s Socket) uint64 { return s.Discarded })
	each("refused_connections_total", "counter", "Connections turned away, or failed in the handshake.", func(s Socket) uint64 { return s.Refused })
	each("broken_peers_total", "counter", "Peers dropped because they broke the protocol or a limit.", func(s Socket) uint64 { return s.Broken })
	each("peers", "gauge", "Peers that are connected now.", func(s Socket) uint64 { return uint64(s.Peers) })
	each("waiting_messages", "gauge", "Messages that arrived and were not taken yet.", func(s Socket) uint64 { return uint64(s.Waiting) })
}
