//go:build linux

package main

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// generator writes cases by chance.
type generator struct {
	*rand.Rand
	s    *scenario
	held [][]byte // what the application has subscribed to
}

// generate is the case of a seed.
func generate(seed uint64) *scenario {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), s: &scenario{}}
	kinds := sockets.Types()
	kind := kinds[g.IntN(len(kinds))]
	s := g.s
	s.kind, s.connects, s.tcp = kind.String(), g.one(3), g.one(8)
	s.echo = kind == sockets.Rep && !g.one(4)
	if g.one(3) {
		s.chop = 1 + g.Uint64N(1<<32)
	}
	g.options(kind)
	if kind == sockets.Sub || kind == sockets.XSub {
		for range g.IntN(3) {
			g.act(kind)
		}
	}
	peers := 1
	if g.one(2) && (kind != sockets.Pair || !s.connects) {
		peers = 2 + g.IntN(2)
	}
	s.echo = s.echo || kind == sockets.Rep && peers > 1 // whose request is next otherwise, is for each to choose
	for peer := range peers {
		g.arrive(kind, peer)
		if !g.one(3) {
			g.talk(kind, peer)
		}
	}
	for range g.IntN(6) {
		if g.one(3) {
			g.act(kind)
			continue
		}
		peer := g.IntN(peers)
		g.talk(kind, peer)
		if g.one(6) {
			s.steps = append(s.steps, step{verb: pick(g, half, hangUp), peer: peer})
		}
	}
	if g.one(3) {
		g.mutate()
	}
	return s
}

// one is true one time in n.
func (g *generator) one(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

func (g *generator) options(kind sockets.Type) {
	set := func(name, value string) {
		if g.one(4) {
			g.s.options = append(g.s.options, option{name, []byte(value)})
		}
	}
	switch kind {
	case sockets.XPub:
		set("verbose", "1")
		set("verboser", "1")
		set("welcome", "welcome")
		set("invert", "1")
	case sockets.Pub, sockets.Sub:
		if g.one(2) {
			set("invert", "1")
		}
	case sockets.Router:
		set("mandatory", "1")
		set("handover", "1")
		set("probe", "1")
		set("identity", "me")
	case sockets.Dealer:
		set("probe", "1")
		set("identity", "me")
	case sockets.Req:
		set("relaxed", "1")
		set("identity", "me")
	case sockets.Rep, sockets.Push, sockets.Pull, sockets.Pair, sockets.XSub:
	}
	if g.one(12) {
		name := pick(g, "plain_server", "plain_username")
		if name == "plain_server" {
			g.s.options = append(g.s.options, option{name, []byte("1")})
			return
		}
		g.s.options = append(g.s.options, option{name, []byte("user")}, option{"plain_password", []byte("user")})
	}
}

func (g *generator) put(peer int, b []byte) {
	g.s.steps = append(g.s.steps, step{verb: put, peer: peer, bytes: b})
}

// arrive begins a connection: greeting and handshake, right ones for the most part.
func (g *generator) arrive(kind sockets.Type, peer int) {
	g.s.steps = append(g.s.steps, step{verb: open, peer: peer})
	hello := greeting(mechanismOf(g.s))
	if g.one(4) {
		g.bend(hello)
	}
	g.put(peer, hello)
	metadata := g.metadata(kind)
	switch {
	case g.s.has("plain_server"):
		name := pick(g, "", "u", "user")
		password := name
		if g.one(6) {
			password = pick(g, "", "wrong")
		}
		data := append([]byte{byte(len(name))}, name...)
		data = append(append(data, byte(len(password))), password...)
		if g.one(10) {
			data = g.spoil(data)
		}
		g.put(peer, command("HELLO", data))
		g.put(peer, command("INITIATE", metadata))
	case g.s.has("plain_username"):
		if g.one(10) {
			g.put(peer, command("ERROR", []byte("\x03400")))
			return
		}
		g.put(peer, command("WELCOME", nil))
		g.put(peer, command("READY", metadata))
	case g.one(30):
		g.put(peer, command("ERROR", g.reason()))
	case g.one(30):
		g.put(peer, longFrame(frames.FlagCommand, append([]byte("\x05READY"), metadata...)))
	default:
		g.put(peer, command("READY", metadata))
	}
}

// bend changes a greeting in a way that ZMTP 3 knows, or does not.
func (g *generator) bend(b []byte) {
	switch g.IntN(8) {
	case 0, 1:
		b[11] = 0
	case 2:
		b[11] = pick[byte](g, 2, 7, 255)
	case 3:
		b[10] = pick[byte](g, 4, 9, 255)
	case 4:
		for i := 1; i < 9; i++ {
			b[i] = byte(g.IntN(256))
		}
	case 5:
		b[32] = byte(g.IntN(3))
	case 6:
		b[33+g.IntN(31)] = byte(g.IntN(256))
	case 7:
		if g.one(3) {
			b[g.IntN(len(b))] ^= 1 << g.IntN(8)
		}
	}
}

// metadata is that of READY.
func (g *generator) metadata(kind sockets.Type) []byte {
	legal := kind.Peers()
	name := legal[g.IntN(len(legal))].String()
	if g.one(20) {
		name = pick(g, "REQ", "REP", "DEALER", "ROUTER", "PUB", "SUB", "XPUB", "XSUB", "PUSH", "PULL", "PAIR", "FOO", "", "dealer", "STREAM")
	}
	list := [][]byte{property("Socket-Type", name)}
	if g.one(2) {
		list = append(list, property("Identity", pick(g, "", "", "a", "b", "me", "\x01", string(bytes.Repeat([]byte("i"), 255)))))
	}
	if g.one(6) {
		list = append(list, property(pick(g, "X-a", "Resource", "foo", "x"), string(g.body())))
	}
	if g.one(15) {
		list = append(list, list[g.IntN(len(list))])
	}
	if g.one(40) {
		list = append(list, pick(g, property("Identity", "\x00me"), property("Identity", strings.Repeat("i", 256)),
			property("IDENTITY", "c"), property("socket-type", name), property("", "x")))
	}
	g.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	b := slices.Concat(list...)
	if g.one(30) {
		b = g.spoil(b)
	}
	return b
}

// reason is the data of ERROR.
func (g *generator) reason() []byte {
	text := pick(g, "", "400", "no", "300")
	b := append([]byte{byte(len(text))}, text...)
	if g.one(5) {
		b = g.spoil(b)
	}
	return b
}

// body is that of a frame, short for the most part.
func (g *generator) body() []byte {
	switch g.IntN(16) {
	case 0:
		return bytes.Repeat([]byte{byte('a' + g.IntN(3))}, pick(g, 254, 255, 256, 257, 300))
	case 1:
		return bytes.Repeat([]byte{byte('a' + g.IntN(3))}, 60+g.IntN(8200))
	case 2:
		if g.one(6) {
			return bytes.Repeat([]byte("x"), 1<<16+g.IntN(3)-1)
		}
	case 3, 4, 5:
		return nil
	}
	b := make([]byte, g.IntN(6))
	for i := range b {
		b[i] = pick[byte](g, 'a', 'b', 'c', 0, 1, 0xff)
	}
	return b
}

// topic is a prefix; few there are, so that they meet.
func (g *generator) topic() []byte {
	if g.one(25) {
		return bytes.Repeat([]byte("a"), pick(g, 240, 245, 246, 254, 255, 256, 1000, 5000))
	}
	return []byte(pick(g, "", "a", "a", "b", "ab", "abc", "\x00", "\x01", "\x01a", "ba"))
}

// spoil flips a bit, or drops, adds, cuts.
func (g *generator) spoil(b []byte) []byte {
	b = slices.Clone(b)
	if len(b) == 0 {
		return []byte{byte(g.IntN(256))}
	}
	i := g.IntN(len(b))
	switch g.IntN(5) {
	case 0, 1:
		b[i] ^= 1 << g.IntN(8)
	case 2:
		b = slices.Delete(b, i, i+1)
	case 3:
		b = slices.Insert(b, i, byte(g.IntN(256)))
	case 4:
		b = b[:i]
	}
	return b
}

// mutate changes what peers send without regard to its meaning.
func (g *generator) mutate() {
	var puts []int
	for i, st := range g.s.steps {
		if st.verb == put {
			puts = append(puts, i)
		}
	}
	for range 1 + g.IntN(3) {
		i := puts[g.IntN(len(puts))]
		st := &g.s.steps[i]
		other := g.s.steps[puts[g.IntN(len(puts))]].bytes
		switch g.IntN(8) {
		case 0, 1, 2, 3:
			if i > 1 || g.one(10) { // a greeting has but few bits of interest
				st.bytes = g.spoil(st.bytes)
			}
		case 4:
			st.bytes = nil
		case 5:
			st.bytes = append(slices.Clone(st.bytes), st.bytes...)
		case 6:
			st.bytes = append(slices.Clone(st.bytes), other...)
		case 7:
			at := g.IntN(len(st.bytes) + 1)
			st.bytes = append(slices.Clone(st.bytes[:at]), other[g.IntN(len(other)+1):]...)
		}
	}
}
