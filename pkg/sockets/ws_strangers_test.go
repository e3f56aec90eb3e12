package sockets

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// wsAccept answers a key, as RFC 6455, 4.2.2 says.
func wsAccept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// strangersToWS lists the strangers that a ROUTER has to bear at a ws endpoint.
func strangersToWS() []stranger {
	whole := wsRequest("/", "ZWS2.0/NULL")
	begun := whole + wsReady("DEALER")
	plain := wsRequest("/", "ZWS2.0")
	var list []stranger
	for name, text := range map[string]string{
		"greeting of ZMTP":      greeting(1) + ready("DEALER") + message("never"),
		"TLS":                   "\x16\x03\x01\x02\x00",
		"zeros":                 strings.Repeat("\x00", 64),
		"another method":        "POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("x", 1000),
		"endless method":        strings.Repeat("G", 100000),
		"endless head":          "GET / HTTP/1.1\r\n" + strings.Repeat("X: "+letters+"\r\n", 10000),
		"endless line":          "GET /" + strings.Repeat("x", 1<<20),
		"folded":                "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
		"bytes for a terminal":  "GET /\x1b[31m HTTP/1.1\r\n\r\n",
		"no READY":              whole + wsMessage("never"),
		"ERROR":                 whole + wsCommand("ERROR", "\x03400"),
		"READY of a stranger":   whole + wsReady("FOO"),
		"large READY":           whole + wsCommand("READY", strings.Repeat("x", 5000)),
		"READY in fragments":    whole + wsFrame(wsBinary, false, "\x02\x05READY") + wsMasked(wsContinue, true, 1<<40, strings.Repeat("x", 9000)),
		"text":                  whole + wsFrame(1, true, "\x02\x05READY"),
		"not masked":            whole + "\x82\x01\x00",
		"long routing id":       plain + wsMessage(strings.Repeat("i", 256)),
		"forged routing id":     plain + wsMessage("\x00abcd"),
		"routing id in two":     plain + wsMessage("a", "b"),
		"empty message":         plain + wsFrame(wsBinary, true, ""),
		"announced routing id":  plain + wsMasked(wsBinary, true, 1<<62, "\x00"),
		"command as routing id": plain + wsCommand("READY", ""),
	} {
		list = append(list, said(name, text))
	}
	for name, text := range map[string]string{
		"reserved bits":        "\xF2\x80\x00\x00\x00\x00",
		"unknown kind":         "\x85\x80\x00\x00\x00\x00",
		"flags":                wsFrame(wsBinary, true, "\x04x"),
		"message over limit":   wsMasked(wsBinary, true, 1002, "\x00x"),
		"announced 2^62":       wsMasked(wsBinary, true, 1<<62, "\x00x"),
		"announced 2^64":       wsMasked(wsBinary, true, 1<<64-1, "\x00x"),
		"fragments over limit": strings.Repeat(wsFrame(wsBinary, false, "\x00")[:7]+strings.Repeat(wsFrame(wsContinue, false, letters), 10), 1),
		"announced fragment":   wsMasked(wsBinary, false, 1<<62, "\x00x"),
		"long ping":            wsFrame(wsPing, true, strings.Repeat("x", 126)),
		"ping in fragments":    wsFrame(wsPing, false, "x"),
		"continues nothing":    wsFrame(wsContinue, true, "x"),
		"message inside":       wsFrame(wsBinary, false, "\x00x") + wsMessage("never"),
		"more than 3 frames":   wsMessage("a", "b", "c", "d"),
		"MORE on a command":    wsFrame(wsBinary, true, "\x03\x04PING\x00\x00"),
		"server's frame":       "\x82\x02\x00x",
	} {
		row := said("behind READY, "+name, begun+wsMessage("before")+text+wsMessage("never"))
		row.delivered = []string{"before"}
		list = append(list, row)
	}
	for _, n := range []int{0, 1, 20, len(whole) - 1, len(whole), len(whole) + 3, len(begun) - 1, len(begun)} {
		list = append(list, stranger{name: fmt.Sprintf("leaves after %d bytes", n), say: func(p *rawPeer) {
			p.send(begun[:n])
			p.hangUp()
		}})
	}
	for name, text := range map[string]string{"silent": "", "half a request": whole[:50], "silent after its request": whole, "half a READY": begun[:len(begun)-1]} {
		row := said(name, text)
		row.late = true
		list = append(list, row)
	}
	list = append(list, stranger{name: "dribbles its request", ends: true, late: true, say: func(p *rawPeer) {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for i := range len(whole) {
			if _, err := p.Write([]byte{whole[i]}); err != nil {
				return
			}
			<-tick.C
		}
	}})
	for name, text := range map[string]string{
		"pings, many, unread":     strings.Repeat(wsFrame(wsPing, true, strings.Repeat("p", 125)), 20000), // 2.6 MB
		"pongs, many":             strings.Repeat(wsFrame(wsPong, true, "x"), 20000),
		"fragments of nothing":    wsFrame(wsBinary, false, "\x00") + strings.Repeat(wsFrame(wsContinue, false, ""), 50000) + wsFrame(wsContinue, true, "yyyyyyyyy"),
		"a message byte by byte":  wsFrame(wsBinary, false, "\x00") + strings.Repeat(wsFrame(wsContinue, false, "y"), 9) + wsFrame(wsContinue, true, ""),
		"unknown commands":        strings.Repeat(wsCommand("FOO", "bar"), 1000),
		"second READY":            wsReady("FOO"),
		"PING of ZMTP":            wsCommand("PING", "\x00\x00abc"),
		"SUBSCRIBE":               wsCommand("SUBSCRIBE", "x"),
		"control between frames":  wsFrame(wsBinary, true, "\x01") + wsFrame(wsPing, true, "") + wsFrame(wsBinary, true, "\x00yyyyyyyyy"),
		"truncated commands":      wsFrame(wsBinary, true, "\x02") + wsFrame(wsBinary, true, "\x02\x09PI"),
		"sizes longer than need":  "\x82\xfe\x00\x01\x00\x00\x00\x00\x00",
		"the same in eight bytes": "\x82\xff\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00",
	} {
		list = append(list, stranger{name: "harmless: " + name, delivered: []string{"after", ""}, say: func(p *rawPeer) {
			p.send(begun, text, wsMessage("after"))
		}})
	}
	slices.SortFunc(list, func(a, b stranger) int { return strings.Compare(a.name, b.name) })
	return list
}

// TestWSStrangers: none of them harms a good peer of the same socket, holds memory or
// leaves anything behind.
func TestWSStrangers(t *testing.T) {
	rows := strangersToWS() // before the heap is measured
	c := newCrowd(t, Router, Dealer, "tcp", true)
	c.bound = bind(t, c.s, onWS)
	late := slices.DeleteFunc(slices.Clone(rows), func(row stranger) bool { return !row.late })
	if !c.run(t, "those who take their time", "tcp", late...) {
		return
	}
	for _, row := range rows {
		if !row.late && !c.run(t, row.name, "tcp", row) {
			return
		}
	}
}
