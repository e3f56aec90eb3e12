package sockets

import (
	"errors"
	"strings"
	"testing"
)

// switching is an answer of HTTP that agrees to a WebSocket; ACCEPT stands for the right
// Sec-WebSocket-Accept.
const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "

// answersOfServers lists what a server may answer to the request of a WebSocket, and
// whether it breaks the protocol with that; else it declines.
var answersOfServers = map[string]struct {
	said, text string
	protocol   bool
}{
	"no such path":      {"HTTP/1.1 404 Not Found\r\n\r\n", "(404)", false},
	"forbidden":         {"HTTP/1.1 403 Forbidden\r\n\r\n", "refused us (403)", false},
	"unauthorized":      {"HTTP/1.1 401 Unauthorized\r\n\r\n", "refused us (401)", false},
	"bad request":       {"HTTP/1.1 400 Bad Request\r\n\r\n", "400", false},
	"a page":            {"HTTP/1.1 200 OK\r\n\r\n", "web server", false},
	"a redirection":     {"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", "302", false},
	"older WebSocket":   {"HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 7\r\n\r\n", "version", false},
	"wrong accept":      {switching + "AAAA\r\nSec-WebSocket-Protocol: ZWS2.0\r\n\r\n", "not that of a WebSocket", false},
	"no subprotocol":    {switching + "ACCEPT\r\n\r\n", "no ZeroMQ socket", false},
	"other subprotocol": {switching + "ACCEPT\r\nSec-WebSocket-Protocol: chat\r\n\r\n", `"chat"`, false},
	"other mechanism":   {switching + "ACCEPT\r\nSec-WebSocket-Protocol: ZWS2.0/CURVE\r\n\r\n", "CURVE", false},
	"no HTTP":           {"SSH-2.0-x\r\n", "SSH", true},
	"ZMTP":              {greeting(1), "both ends need tcp://", true},
	"not a head":        {"HTTP/1.1 101 Switching\r\nno colon\r\n\r\n", "", true},
}

// Whatever a server of HTTP answers that is no WebSocket for ZeroMQ is a refusal, as that
// of a peer of ZMTP is, for those who connect and for a probe; what is no HTTP breaks the
// protocol.
func TestWSServersThatDecline(t *testing.T) {
	for name, c := range answersOfServers {
		t.Run(name, func(t *testing.T) {
			l := listenRaw(t, anyPort)
			endpoint := strings.Replace(l.endpoint, "tcp:", "ws:", 1)
			answer := func() {
				p := l.accept()
				_, key, _ := strings.Cut(p.readHead(), "Sec-WebSocket-Key: ")
				key, _, _ = strings.Cut(key, "\r\n")
				p.send(strings.Replace(c.said, "ACCEPT", wsAccept(key), 1))
				p.expectClosed()
			}
			events, monitored := monitor(t)
			s := newSocket(t, Pair, quickly, monitored)
			try(t, s.Connect(endpoint))
			answer()
			wantRefusal(t, s.WaitPeers(within(t), 1), endpoint, c.protocol, c.text)
			if e := events.await(EventHandshakeProtocol); BrokeProtocol(e.Err) != c.protocol {
				t.Errorf("%+v", e)
			}
			if name == "other mechanism" {
				return // which a probe adopts
			}
			probed := make(chan error, 1)
			go func() {
				_, err := Probe(within(t), endpoint)
				probed <- err
			}()
			answer()
			var refused *RefusedError
			if err := <-probed; !errors.As(err, &refused) || refused.Protocol != c.protocol {
				t.Errorf("probe: %v", err)
			}
		})
	}
}

// A web server that has the port for a while is no reason to give up a peer that was
// there before.
func TestWSServerInBetween(t *testing.T) {
	s := newSocket(t, Pull, quickly)
	l := listenRaw(t, anyPort)
	try(t, s.Connect(strings.Replace(l.endpoint, "tcp:", "ws:", 1)))
	shake := func(said string) *rawPeer {
		p := l.accept()
		_, key, _ := strings.Cut(p.readHead(), "Sec-WebSocket-Key: ")
		key, _, _ = strings.Cut(key, "\r\n")
		p.send(strings.Replace(said, "ACCEPT", wsAccept(key), 1))
		return p
	}
	const agreed = switching + "ACCEPT\r\nSec-WebSocket-Protocol: ZWS2.0\r\n\r\n"
	hello := func(text string) string {
		return "\x82\x01\x00\x82" + string([]byte{byte(1 + len(text))}) + "\x00" + text
	}
	p := shake(agreed)
	p.send(hello("before"))
	expectParts(t, s, "before")
	p.hangUp()
	shake("HTTP/1.1 404 Not Found\r\n\r\n").expectClosed()
	shake(agreed).send(hello("after"))
	expectParts(t, s, "after")
}
