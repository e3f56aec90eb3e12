package dissect_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/dissect"
	"github.com/zcat/zcat/cmd/zcat/internal/packets/packetstest"
)

// The request and the answer with which a WebSocket begins.
func wsRequest(protocols string) []byte {
	return []byte("GET /a HTTP/1.1\r\nHost: b\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: " + protocols + "\r\n\r\n")
}

func wsAnswer(status, protocol string) []byte {
	return []byte("HTTP/1.1 " + status + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: " + protocol + "\r\n\r\n")
}

// wsFrame returns a frame of WebSocket as a side sends it.
func wsFrame(side int, first byte, payload string) []byte {
	key, bit := []byte{0x12, 0x34, 0x56, 0x78}, byte(0x80)
	if side == 1 {
		key, bit = []byte{0, 0, 0, 0}, 0
	}
	b := []byte{first}
	switch n := len(payload); {
	case n > 0xffff:
		b = binary.BigEndian.AppendUint64(append(b, bit|127), uint64(n))
	case n > 125:
		b = binary.BigEndian.AppendUint16(append(b, bit|126), uint16(n))
	default:
		b = append(b, bit|byte(n))
	}
	if side == 0 {
		b = append(b, key...)
	}
	for i := range len(payload) {
		b = append(b, payload[i]^key[i&3])
	}
	return b
}

// wsMessage returns the frames of a message, each of which is a message of WebSocket.
func wsMessage(side int, list ...string) (wire []byte) {
	for i, f := range list {
		flags := "\x01"
		if i+1 == len(list) {
			flags = "\x00"
		}
		wire = append(wire, wsFrame(side, 0x82, flags+f)...)
	}
	return wire
}

func wsReady(side int, kind string) []byte {
	return wsFrame(side, 0x82, "\x02\x05READY"+packetstest.Property("Socket-Type", kind))
}

const (
	wsGreets   = `>greeting path="/a" protocols="ZWS2.0/%[1]s"`
	wsAnswers  = `<greeting protocol="ZWS2.0/%[1]s" mechanism=%[1]q`
	wsNull     = "ZWS2.0/NULL"
	wsSwitches = "101 Switching Protocols"
)

// A conversation over WebSocket, a byte a segment and all in as few as can be.
func TestWebSocket(t *testing.T) {
	long, longer := strings.Repeat("x", 300), strings.Repeat("y", 70000)
	for _, size := range []int{1, 2, 7, 1000, 60000} {
		c := loopback()
		n := c.Connect(client, server)
		send := func(side int, parts ...[]byte) {
			for all := bytes.Join(parts, nil); len(all) > 0; all = all[min(size, len(all)):] {
				n.Send(side, all[:min(size, len(all))])
			}
		}
		send(0, wsRequest(wsNull))
		send(1, wsAnswer(wsSwitches, wsNull), wsReady(1, "ROUTER"))
		send(0, wsReady(0, "REQ"), wsMessage(0, "", "hello"))
		send(1, wsMessage(1, "", "world", long, longer))
		send(0, wsFrame(0, 0x02, ""), wsFrame(0, 0x00, "\x00in "), wsFrame(0, 0x89, "hi"), wsFrame(0, 0x80, "parts"))
		send(1, wsFrame(1, 0x8a, "hi"))
		send(0, wsFrame(0, 0x88, "\x03\xe8"))
		n.Close(0)
		wants(t, c, fmt.Sprintf(wsGreets, "NULL"), fmt.Sprintf(wsAnswers, "NULL"), `<READY Socket-Type="ROUTER"`, `>READY Socket-Type="REQ"`,
			`>["","hello"]`, `<["","world","`+long+`","`+longer+`"]`, `>PING context="hi"`, `>["in parts"]`, `<PONG context="hi"`, `>CLOSE code="1000"`)
	}
}

// Peers without a mechanism, also where the client has offered one, begin with their
// routing ids.
func TestWebSocketWithoutMechanism(t *testing.T) {
	c := loopback()
	n := c.Connect(client, server)
	n.Send(0, wsRequest("ZWS2.0"))
	n.Send(1, wsAnswer(wsSwitches, "ZWS2.0"))
	n.Send(0, wsMessage(0, "me"), wsMessage(0, "a", "b"))
	n.Send(1, wsMessage(1, ""), wsMessage(1, "c"))
	wants(t, c, `>greeting path="/a" protocols="ZWS2.0"`, `<greeting protocol="ZWS2.0" mechanism="NULL"`, `>["a","b"]`, `<["c"]`)
}

// What the mechanisms hide stays hidden here too.
func TestWebSocketMechanisms(t *testing.T) {
	for _, hello := range []string{"\x02\x05HELLO\x03joe\x06secret", "\x00\x05HELLO\x03joe\x06secret"} {
		c := loopback()
		n := c.Connect(client, server)
		n.Send(0, wsRequest("ZWS2.0/PLAIN"))
		n.Send(1, wsAnswer(wsSwitches, "ZWS2.0/PLAIN"))
		n.Send(0, wsFrame(0, 0x82, hello))
		got, _, _, err := told(c.Bytes)
		if len(got) != 3 || strings.Contains(fmt.Sprint(got), "secret") || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	c := loopback()
	n := c.Connect(client, server)
	n.Send(0, wsRequest("ZWS2.0/CURVE"))
	n.Send(1, wsAnswer(wsSwitches, "ZWS2.0/CURVE"))
	n.Send(0, wsMessage(0, "\x07MESSAGE"+strings.Repeat("x", 30)))
	wants(t, c, fmt.Sprintf(wsGreets, "CURVE"), fmt.Sprintf(wsAnswers, "CURVE"), ">sealed 38")
}

// A gap within a frame costs its message only; after another one, frames are found where
// a segment is made of whole ones.
func TestWebSocketGaps(t *testing.T) {
	c := loopback()
	n := c.Connect(client, server)
	n.Send(0, wsRequest(wsNull))
	n.Send(1, wsAnswer(wsSwitches, wsNull), wsReady(1, "PULL"))
	n.Send(0, wsReady(0, "PUSH"))
	wire := wsMessage(0, strings.Repeat("x", 1000), "part")
	n.Send(0, wire[:500])
	n.Skip(0, wire[500:701])
	n.Send(0, wire[701:], wsMessage(0, "second"))
	n.Ack(1)
	n.Skip(0, wsMessage(0, "missed"))
	wire = wsMessage(0, "third")
	n.Send(0, wire[:7])
	n.Send(0, wire[7:])
	n.Send(0, wsMessage(0, "fourth"), wsMessage(0, "a", "b"))
	n.Ack(1)
	wants(t, c, fmt.Sprintf(wsGreets, "NULL"), fmt.Sprintf(wsAnswers, "NULL"), `<READY Socket-Type="PULL"`, `>READY Socket-Type="PUSH"`,
		">lost 201", `>["second"]`, ">lost 25", `>["fourth"]`, `>["a","b"]`)
}

// A WebSocket that began before the capture is found where a segment is made of whole
// frames; who sends with masks is the client.
func TestWebSocketFoundInTheMiddle(t *testing.T) {
	c := loopback()
	n := c.Resume(client, server)
	n.Ends[0], n.Ends[1] = n.Ends[1], n.Ends[0] // whatever the ports are
	wire := wsMessage(0, strings.Repeat("some text ", 50))
	n.Send(0, wire[100:])
	n.Send(0, wsMessage(0, "", "hello"))
	n.Send(1, wsMessage(1, "", "world"))
	n.Send(0, wsFrame(0, 0x82, "\x02\x05HELLO\x03joe\x06secret"))
	n.Send(1, wsFrame(1, 0x88, "\x03\xe8"))
	wants(t, c, ">lost 409", `>["","hello"]`, `<["","world"]`, `>HELLO bytes="11"`, `<CLOSE code="1000"`)
	c = loopback()
	n = c.Resume(client, server)
	n.Send(0, wsMessage(0, "a"))
	n.Send(1, wsFrame(1, 0x88, "\x03\xe8"))
	wants(t, c, `>["a"]`, `<CLOSE code="1000"`)
}

// The request is lost, or the answer: the other one tells enough.
func TestWebSocketHalfGreeted(t *testing.T) {
	for side := range 2 {
		c := loopback()
		n := c.Connect(client, server)
		both := [2]func(int, ...[]byte){func(s int, d ...[]byte) { n.Send(s, d...) }, func(s int, d ...[]byte) { n.Skip(s, d...) }}
		both[1-side](0, wsRequest(wsNull))
		both[side](1, wsAnswer(wsSwitches, wsNull))
		n.Ack(0)
		n.Ack(1)
		n.Send(1, wsReady(1, "REP"))
		n.Send(0, wsReady(0, "REQ"))
		n.Send(0, wsMessage(0, "", "hello"))
		n.Ack(1)
		got, _, _, err := told(c.Bytes)
		if len(got) != 5 || got[4] != `>["","hello"]` || err != nil {
			t.Errorf("%d: %q, %v", side, got, err)
		}
	}
}

// Other WebSockets, and those that are refused, are left alone.
func TestWebSocketsOfOthers(t *testing.T) {
	for name, answer := range map[string][]byte{
		"refused": wsAnswer("400 Bad Request", wsNull), "another": wsAnswer(wsSwitches, "chat"), "none": []byte("HTTP/1.1 200 OK\r\n\r\n"),
	} {
		c := loopback()
		n := c.Connect(client, server)
		n.Send(0, wsRequest("chat, "+wsNull))
		n.Send(1, answer)
		n.Send(0, wsMessage(0, "a"))
		got, d, _, err := told(c.Bytes)
		if len(got) != 1 || err != nil || d.Stats != (dissect.Stats{Foreign: 1}) {
			t.Errorf("%s: %q, %+v, %v", name, got, d.Stats, err)
		}
	}
}
