package transport

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/ws"
)

// exampleWS is the hint where the text suggests no better one.
const exampleWS = "ws://127.0.0.1:8080"

// WebSocket is how a socket presents itself over ws, and to whom it does.
type WebSocket struct {
	Mechanism string   // "NULL"; empty asks for the peer's
	Origins   []string // of web pages that may connect, "*" for all
}

func wsTransport() transport {
	return transport{
		scheme: schemeWS, parse: parseWS, format: formatWS,
		short:     func(string) bool { return false },
		checkBind: checkBindWS, checkConnect: checkConnectTCP,
		listen: listenWS,
		dial: func(ctx context.Context, e Endpoint) (net.Conn, error) {
			nc, err := e.dialTCP(ctx, e.to.host)
			return dialedWS(ctx, e, nc, err)
		},
		dialWithin: func(ctx context.Context, e Endpoint, limit time.Duration) (net.Conn, error) {
			nc, err := dialTCPWithin(ctx, e, limit)
			return dialedWS(ctx, e, nc, err)
		},
		near: nearTCP,
		raw: func(nc net.Conn) raw {
			if c, ok := nc.(*wsConn); ok {
				return wsRaw{tcpRaw{kernel{c.tcp}, c.tcp}, c}
			}
			return nil
		},
	}
}

// parseWS reads the part of a ws endpoint after its scheme: HOST:PORT, and perhaps a path.
func parseWS(text, rest string) (Endpoint, error) {
	address, path := rest, "/"
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		address, path = rest[:i], rest[i:]
		if path[0] != '/' {
			path = "/" + path // RFC 6455, 3: an empty path is /
		}
	}
	if address == "" {
		return Endpoint{}, refuse(text, "it has no host and no port", exampleWS)
	}
	to, err := parseHostPort(text, address)
	if bad, ok := err.(*EndpointError); ok { //nolint:errorlint // parseHostPort wraps none
		hint, path := schemeWS+strings.TrimPrefix(bad.Hint, schemeTCP), path
		if badPath(path) != "" || path == "/" {
			path = ""
		}
		return Endpoint{}, refuse(text, bad.Reason, strings.Replace(hint, ":5555", ":8080", 1)+path)
	}
	e := Endpoint{scheme: schemeWS, name: path, to: to}
	if what := badPath(path); what != "" {
		e.name = "/"
		return Endpoint{}, refuse(text, what, e.String())
	}
	return e, nil
}

// badPath returns the fault of a path, or "".
func badPath(path string) string {
	for _, r := range path {
		if r <= ' ' || r >= 0x7F || strings.ContainsRune(`"<>\^{|}#`+"`", r) {
			return fmt.Sprintf("its path has the character %q: what is no part of a URL's path is written as %s", r, url.PathEscape(string(r)))
		}
	}
	return ""
}

func formatWS(e Endpoint) string {
	if e.name == "/" {
		return e.to.String()
	}
	return e.to.String() + e.name
}

func checkBindWS(e Endpoint) error {
	if path, _, found := strings.Cut(e.name, "?"); found {
		hint := e
		hint.name = path
		return refuse(e.String(), "a query (?) is for connecting only", hint.String())
	}
	return nil
}

// wsListener is a Listener on a tcp port whose connections begin with HTTP.
type wsListener struct {
	*tcpListener
	server ws.Server
	heads  heads
}

func listenWS(ctx context.Context, e Endpoint) (Listener, error) {
	l, err := e.listenTCP(ctx)
	if err != nil {
		return nil, err
	}
	on, _ := l.(*tcpListener)
	on.endpoint = schemeWS + strings.TrimPrefix(on.endpoint, schemeTCP)
	if e.name != "/" {
		on.endpoint += e.name
	}
	web := settingsOf(ctx).web()
	return &wsListener{tcpListener: on, server: ws.Server{Path: e.name, Mechanism: web.Mechanism, Origins: web.Origins}, heads: heads{most: manyHeads}}, nil
}

// Accept returns a connection whose request is still to come: it is read and answered
// where the handshake reads.
func (l *wsListener) Accept() (net.Conn, error) {
	nc, err := l.tcpListener.Accept()
	if err != nil {
		return nil, err
	}
	c, err := newWSConn(nc, &l.server, nil)
	if err != nil {
		return nil, err
	}
	c.heads = &l.heads
	return c, nil
}

// web returns what ws needs to know.
func (s Settings) web() WebSocket {
	if s.WebSocket == nil {
		return WebSocket{}
	}
	return *s.WebSocket
}

// dialedWS makes a connection of nc, which was just dialed, and sends its request; the
// answer is read where the handshake reads.
func dialedWS(ctx context.Context, e Endpoint, nc net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	host := net.JoinHostPort(e.to.host, strconv.Itoa(int(e.to.port)))
	if e.to.port == 80 {
		host = strings.TrimSuffix(host, ":80")
	}
	client := &ws.Client{Host: host, Path: e.name, Mechanism: settingsOf(ctx).web().Mechanism}
	if _, err := nc.Write(client.Request()); err != nil {
		_ = nc.Close()
		return nil, err
	}
	c, err := newWSConn(nc, nil, client)
	if err != nil {
		return nil, err
	}
	return c, nil
}
