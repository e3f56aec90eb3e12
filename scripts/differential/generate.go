//go:build linux

package main

import (
	"bytes"
	"math/rand/v2"
	"slices"

	"github.com/zcat/zcat/pkg/sockets"
)

// generator makes random cases.
type generator struct {
	*rand.Rand
	s    *scenario
	held [][]byte // what the application has subscribed to
}

// generate returns the case of a seed: of the stable types, or of the drafts, which
// Debian's libzmq does not have.
func generate(seed uint64, drafts bool) *scenario {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), s: &scenario{}}
	kinds := slices.DeleteFunc(sockets.Types(), func(t sockets.Type) bool { return t.Traits().Draft != drafts })
	kind := kinds[g.IntN(len(kinds))]
	s := g.s
	s.kind, s.connects, s.tcp = kind.String(), g.one(3), g.one(8)
	s.old = !kind.Raw() && g.one(6) && !drafts
	s.echo = kind == sockets.Rep && !g.one(4)
	if g.one(3) {
		s.chop = 1 + g.Uint64N(1<<32)
	}
	g.options(kind)
	if kind == sockets.Sub || kind == sockets.XSub || kind == sockets.Dish {
		for range g.IntN(3) {
			g.act(kind)
		}
	}
	peers := 1
	if g.one(2) && (kind != sockets.Pair && kind != sockets.Channel || !s.connects) {
		peers = 2 + g.IntN(2)
	}
	s.echo = s.echo || kind == sockets.Rep && peers > 1 // otherwise each implementation may choose whose request is next
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
	if g.one(3) && !kind.Raw() {
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
		set("manual", "1")
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
	case sockets.Stream:
		set("stream_notify", "0")
	case sockets.Rep, sockets.Push, sockets.Pull, sockets.Pair, sockets.XSub,
		sockets.Client, sockets.Server, sockets.Radio, sockets.Dish, sockets.Gather, sockets.Scatter, sockets.Peering, sockets.Channel:
	}
	if g.one(12) && !g.s.old && !kind.Raw() && !kind.Traits().Draft {
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

// body makes the body of a frame, short for the most part.
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

// topic makes a prefix, one of a few, so that they meet.
func (g *generator) topic() []byte {
	if g.one(25) {
		return bytes.Repeat([]byte("a"), pick(g, 240, 245, 246, 254, 255, 256, 1000, 5000))
	}
	return []byte(pick(g, "", "a", "a", "b", "ab", "abc", "\x00", "\x01", "\x01a", "ba"))
}
