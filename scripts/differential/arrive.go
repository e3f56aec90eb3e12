//go:build linux

package main

import (
	"bytes"
	"slices"
	"strings"

	"github.com/zcat/zcat/pkg/sockets"
)

// arrive begins a connection: greeting and handshake, correct ones for the most
// part.
func (g *generator) arrive(kind sockets.Type, peer int) {
	g.s.steps = append(g.s.steps, step{verb: open, peer: peer})
	switch {
	case kind.Raw():
		return
	case g.s.old:
		g.arriveOld(kind, peer)
		return
	}
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
		g.put(peer, longFrame(flagCommand, append([]byte("\x05READY"), metadata...)))
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

// metadata makes the metadata of READY.
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

// reason makes the data of ERROR.
func (g *generator) reason() []byte {
	text := pick(g, "", "400", "no", "300")
	b := append([]byte{byte(len(text))}, text...)
	if g.one(5) {
		b = g.spoil(b)
	}
	return b
}

// arriveOld begins a connection of ZMTP 2.0.
func (g *generator) arriveOld(kind sockets.Type, peer int) {
	legal := kind.Peers()
	number := oldNumber(legal[g.IntN(len(legal))].String())
	if g.one(20) {
		number = byte(g.IntN(14))
	}
	hello := oldGreeting(number)
	if g.one(4) {
		for i := 1; i < 9; i++ {
			hello[i] = byte(g.IntN(256))
		}
	}
	g.put(peer, hello)
	id := pick(g, "", "", "", "a", "b", "me", "\x01", string(bytes.Repeat([]byte("i"), 255)))
	if g.one(40) {
		id = pick(g, "\x00me", strings.Repeat("i", 256))
	}
	if g.one(10) {
		g.put(peer, longFrame(0, []byte(id)))
		return
	}
	g.put(peer, frame(0, []byte(id)))
}
