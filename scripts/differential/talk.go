//go:build linux

package main

import (
	"bytes"
	"slices"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// talk makes a peer send something: up to a few messages and commands.
func (g *generator) talk(kind sockets.Type, peer int) {
	for range 1 + g.IntN(4) {
		switch {
		case kind.Raw():
			g.put(peer, append(g.body(), 'x'))
		case g.one(5) && !g.s.old && (kind != sockets.Dish || g.one(8)):
			g.put(peer, g.command(kind))
		case kind == sockets.Pub || kind == sockets.XPub:
			g.put(peer, g.subscription())
		case kind == sockets.Radio && !g.one(8):
			group := g.group() // libzmq's RADIO aborts at a longer one
			g.put(peer, command(pick(g, "JOIN", "JOIN", "JOIN", "LEAVE"), group[:min(len(group), sockets.MaxGroup)]))
		case g.one(100):
			g.put(peer, g.subscription())
		default:
			g.message(peer, g.parts(kind))
		}
	}
}

// message puts a message, now and then with a command between its frames, or
// without its end.
func (g *generator) message(peer int, parts frames.Message) {
	for i, body := range parts {
		var flags byte
		if i < len(parts)-1 {
			flags = flagMore
		}
		if g.one(1000) {
			body = bytes.Repeat([]byte("m"), pick(g, maxSize/2, maxSize-1, maxSize, maxSize+1))
		}
		if g.one(400) {
			flags |= pick[byte](g, 8, 0x10, 0x20, 0x40, 0x80)
		}
		if g.one(15) {
			g.put(peer, longFrame(flags, body))
		} else {
			g.put(peer, frame(flags, body))
		}
		if flags&flagMore != 0 && g.one(12) && !g.s.old {
			g.put(peer, command("PING", append([]byte{0, 0}, g.context()...)))
		}
		if flags&flagMore != 0 && g.one(60) {
			return
		}
	}
}

// parts makes a message that fits the type of the socket that it goes to.
func (g *generator) parts(kind sockets.Type) (m frames.Message) {
	some := func(most int) {
		for range 1 + g.IntN(most) {
			m = append(m, g.body())
		}
	}
	switch kind {
	case sockets.Rep:
		for range pick(g, 0, 0, 0, 1, 2, 9) {
			m = append(m, []byte(pick(g, "id", "a", "\x00abcd")))
		}
		if !g.one(8) {
			m = append(m, nil)
		}
		if !g.one(12) || len(m) == 0 {
			some(4)
		}
	case sockets.Req:
		if !g.one(20) {
			m = append(m, nil)
		}
		some(3)
	case sockets.Sub, sockets.XSub:
		m = append(m, append(g.topic(), g.body()...))
		if g.one(2) {
			some(3)
		}
	case sockets.Dish:
		m = frames.Message{g.group(), g.body()}
		if g.one(12) {
			m = m[:1]
			some(2)
		}
	case sockets.Client, sockets.Server, sockets.Radio, sockets.Gather, sockets.Scatter, sockets.Peering, sockets.Channel:
		m = frames.Message{g.body()}
		if g.one(6) {
			some(2)
		}
	case sockets.Router, sockets.Dealer, sockets.Pub, sockets.Push, sockets.Pull, sockets.Pair, sockets.XPub, sockets.Stream:
		most := 3
		if g.one(6) {
			most = 10
		}
		if g.one(60) {
			most = 300
		}
		some(most)
	}
	return m
}

// context makes the context of a PING.
func (g *generator) context() []byte {
	return bytes.Repeat([]byte("."), pick(g, 0, 1, 2, 15, 16))
}

// subscription makes a subscription in either form, a message to a publisher, or
// both in one.
func (g *generator) subscription() []byte {
	topic, form := g.topic(), g.IntN(10)
	if g.s.old && form < 4 {
		form += 4 // it knows no commands
	}
	switch form {
	case 0, 1, 2:
		return command("SUBSCRIBE", topic)
	case 3:
		return command("CANCEL", topic)
	case 4, 5:
		return frame(0, append([]byte{1}, topic...))
	case 6:
		return frame(0, append([]byte{0}, topic...))
	case 7:
		return frame(pick[byte](g, 0, 0, flagMore), g.body())
	case 8:
		b := frame(flagMore, g.body())
		if g.one(2) && !g.s.old {
			b = append(b, command(pick(g, "SUBSCRIBE", "CANCEL"), topic)...)
		}
		return append(b, frame(0, append([]byte{byte(g.IntN(3))}, topic...))...)
	default:
		return append(frame(flagMore, append([]byte{byte(g.IntN(3))}, topic...)), frame(0, g.body())...)
	}
}

// command makes a command that may come after the handshake.
func (g *generator) command(kind sockets.Type) []byte {
	switch g.IntN(12) {
	case 0, 1, 2, 3:
		ttl := []byte{0, pick[byte](g, 0, 0, 0, 250)}
		return command("PING", append(ttl, g.context()...))
	case 4:
		return command("PONG", g.body())
	case 5:
		return command(pick(g, "FOO", "", "HELLO", "MESSAGE", "JOIN", "LEAVE", "ping"), g.body())
	case 6:
		return command("READY", g.metadata(kind))
	case 7:
		return command("ERROR", g.reason())
	case 8:
		return frame(flagCommand, g.body())
	case 9:
		return command("PING", bytes.Repeat([]byte{0}, pick(g, 0, 1, 2, 2, 2, 19, 40)))
	case 10:
		return longFrame(flagCommand, append([]byte("\x04PING\x00\x00"), g.context()...))
	default:
		if kind != sockets.Pub && kind != sockets.XPub && !g.one(8) {
			return command("PING", []byte{0, 0})
		}
		return command(pick(g, "SUBSCRIBE", "CANCEL"), g.topic())
	}
}

// act makes the application do something that its socket can do.
func (g *generator) act(kind sockets.Type) {
	st := step{verb: send}
	switch kind {
	case sockets.Sub:
		st.verb, st.bytes = subscribe, g.ownTopic()
		if g.one(3) {
			st.verb, st.bytes = unsubscribe, g.cancelled()
		} else {
			g.held = append(g.held, st.bytes)
		}
	case sockets.XSub:
		switch g.IntN(6) {
		case 0:
			st.frames = frames.Message{append([]byte{0}, g.cancelled()...)}
		case 1, 2:
			st.frames = frames.Message{append([]byte("x"), g.body()...)}
		default:
			topic := g.ownTopic()
			g.held = append(g.held, topic)
			st.frames = frames.Message{append([]byte{1}, topic...)}
		}
		if g.one(5) {
			st.frames = append(st.frames, append([]byte(pick(g, "\x00", "\x01", "x", "")), g.ownTopic()...))
		}
	case sockets.Pub, sockets.XPub:
		st.frames = append(frames.Message{append(g.topic(), g.body()...)}, g.more()...)
		if !g.s.has("manual") {
			break
		}
		switch g.IntN(4) {
		case 0:
			st = step{verb: unsubscribe, bytes: g.topic()}
		case 1, 2:
			st = step{verb: subscribe, bytes: g.topic()}
		default:
			st.frames[0] = append([]byte("a"), st.frames[0]...) // what ours takes for an answer, libzmq sends
		}
	case sockets.Router:
		st.frames = append(frames.Message{[]byte(pick(g, "@0", "@0", "@1", "a", "b", "me", "nobody")), g.body()}, g.more()...)
	case sockets.Pull:
		return
	case sockets.Stream:
		st.frames = frames.Message{[]byte(pick(g, "@0", "@0", "@1", "@2", "nobody")), append(g.body(), 'y')}
		if g.one(6) {
			st.frames[1] = nil
		}
	case sockets.Dish:
		st.verb, st.bytes = pick(g, subscribe, subscribe, unsubscribe), g.group()
		st.bytes = st.bytes[:min(len(st.bytes), 14)] // libzmq 4.3.5 joins longer ones by garbage, where it has two peers
	case sockets.Radio:
		group := g.group() // libzmq cuts a longer one
		st.frames = frames.Message{group[:min(len(group), sockets.MaxGroup)], g.body()}
	case sockets.Server, sockets.Peering:
		st.frames = frames.Message{[]byte(pick(g, "@0", "@0", "@1", "none")), g.body()}
	case sockets.Client, sockets.Scatter, sockets.Channel:
		st.frames = frames.Message{g.body()}
	case sockets.Gather:
		return
	case sockets.Req, sockets.Rep, sockets.Dealer, sockets.Push, sockets.Pair:
		st.frames = append(frames.Message{g.body()}, g.more()...)
	}
	g.s.steps = append(g.s.steps, st)
}

// cancelled returns a topic to cancel: one that was subscribed to, for the most
// part.
func (g *generator) cancelled() []byte {
	if n := len(g.held); n > 0 && !g.one(10) {
		i := g.IntN(n)
		topic := g.held[i]
		g.held = slices.Delete(g.held, i, i+1)
		return topic
	}
	return g.ownTopic()
}

// ownTopic makes a topic for the socket under test to subscribe to: libzmq 4.3.4
// writes SUBSCRIBE with a wrong size where the prefix has 246 to 255 bytes.
func (g *generator) ownTopic() []byte {
	topic := g.topic()
	if n := len(topic); n > 245 && n < 256 {
		return topic[:245]
	}
	return topic
}

// group makes the name of a group, one of a few, so that they meet. None has a zero byte,
// which ends a name for libzmq.
func (g *generator) group() []byte {
	if g.one(25) {
		return bytes.Repeat([]byte("g"), pick(g, 1, 14, 15, 16, 254, 255, 256, 1000))
	}
	return []byte(pick(g, "", "a", "a", "a", "b", "ab"))
}

// more makes the rest of a message.
func (g *generator) more() (m frames.Message) {
	for g.one(3) {
		m = append(m, g.body())
	}
	return m
}
