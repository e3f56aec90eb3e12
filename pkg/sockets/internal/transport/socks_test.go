package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// socksProxy is a proxy of one connection, which does what script says.
func socksProxy(t *testing.T, script func(nc net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	try(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = nc.Close() }()
		script(nc)
		if tcp, ok := nc.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
		_, _ = io.Copy(io.Discard, nc) // what is unread would make a reset of the end
	}()
	return l.Addr().String()
}

// readAsked reads the client's two requests, answering the first.
func readAsked(nc net.Conn, method byte) (asked string) {
	b := make([]byte, 3)
	_, _ = io.ReadFull(nc, b)
	_, _ = nc.Write([]byte{5, method})
	head := make([]byte, 5)
	if _, err := io.ReadFull(nc, head); err != nil {
		return ""
	}
	rest := make([]byte, int(head[4])+2)
	_, _ = io.ReadFull(nc, rest)
	return string(b) + string(head) + string(rest)
}

func TestSocks(t *testing.T) {
	for name, answer := range map[string]string{
		"IPv4": "\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34", "IPv6": "\x05\x00\x00\x04" + strings.Repeat("x", 16) + "\x12\x34", "name": "\x05\x00\x00\x03\x03abc\x12\x34",
	} {
		asked := make(chan string, 1)
		proxy := socksProxy(t, func(nc net.Conn) {
			asked <- readAsked(nc, 0)
			_, _ = io.WriteString(nc, answer+"hello")
		})
		e, err := Parse("tcp://example.invalid:5555")
		try(t, err)
		nc, err := e.DialWithin(Settings{Proxy: proxy}.With(t.Context()), time.Minute)
		try(t, err)
		if got := <-asked; got != "\x05\x01\x00\x05\x01\x00\x03\x0fexample.invalid\x15\xb3" {
			t.Errorf("%s: asked %q", name, got)
		}
		b := make([]byte, 5)
		if _, err := io.ReadFull(nc, b); err != nil || string(b) != "hello" {
			t.Errorf("%s: %q, %v", name, b, err)
		}
		_ = nc.Close()
	}
}

// Whatever a proxy does instead of connecting is told with its name, in a user's words.
func TestSocksRefuses(t *testing.T) {
	answers := func(code string) func(net.Conn) {
		return func(nc net.Conn) { readAsked(nc, 0); _, _ = io.WriteString(nc, "\x05"+code+"\x00\x01") }
	}
	silent := func(nc net.Conn) { _, _ = io.Copy(io.Discard, nc) }
	for _, c := range []struct {
		does   string
		script func(net.Conn)
		want   string
		is     error
	}{
		{"takes no method that is offered", func(nc net.Conn) { readAsked(nc, 255) }, "it wants a password, which is not supported", nil},
		{"chooses a password", func(nc net.Conn) { readAsked(nc, 2) }, "it wants a password, which is not supported", nil},
		{"is a web server", func(nc net.Conn) { _, _ = io.WriteString(nc, "HTTP/1.1 400\r\n") }, "it does not speak SOCKS5", nil},
		{"code 1", answers("\x01"), "it failed to connect", nil},
		{"code 2", answers("\x02"), "it does not allow this connection", nil},
		{"code 3", answers("\x03"), "network unreachable", nil},
		{"code 4", answers("\x04"), "host unreachable", nil},
		{"code 5", answers("\x05"), "connection refused", syscall.ECONNREFUSED},
		{"code 6", answers("\x06"), "it took too long to connect", nil},
		{"code 7", answers("\x07"), "it makes no connections", nil},
		{"code 8", answers("\x08"), "it takes no host names", nil},
		{"code 9", answers("\x09"), "it failed with code 9", nil},
		{"code 200", answers("\xc8"), "it failed with code 200", nil},
		{"an address of no kind", func(nc net.Conn) { readAsked(nc, 0); _, _ = io.WriteString(nc, "\x05\x00\x00\x09") }, "its answer is malformed", nil},
		{"hangs up at once", func(net.Conn) {}, "it hangs up", nil},
		{"resets the connection", func(nc net.Conn) {
			_, _ = io.ReadFull(nc, make([]byte, 3))
			if tcp, ok := nc.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
			_ = nc.Close()
		}, "it hangs up", nil},
		{"hangs up in front of its answer", func(nc net.Conn) { readAsked(nc, 0) }, "it hangs up", nil},
		{"hangs up in its answer", func(nc net.Conn) { readAsked(nc, 0); _, _ = io.WriteString(nc, "\x05\x00") }, "it hangs up", nil},
		{"says nothing", silent, "it does not answer", context.DeadlineExceeded},
		{"says nothing of the connection", func(nc net.Conn) { readAsked(nc, 0); silent(nc) }, "it does not answer", context.DeadlineExceeded},
	} {
		limit := time.Minute
		if errors.Is(c.is, context.DeadlineExceeded) {
			limit = 20 * time.Millisecond
		}
		e, err := Parse("tcp://127.0.0.1:5555")
		try(t, err)
		proxy := socksProxy(t, c.script)
		nc, err := e.DialWithin(Settings{Proxy: proxy}.With(t.Context()), limit)
		if err == nil {
			_ = nc.Close()
		}
		want := "tcp://127.0.0.1:5555: the SOCKS proxy " + proxy + ": " + c.want
		if err == nil || err.Error() != want || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v, want %s", c.does, err, want)
		}
		var op *net.OpError
		if errors.As(err, &op) {
			t.Errorf("%s: what package net says would hide the proxy: %v", c.does, op)
		}
	}
}

// TestNoSocksProxy: where no proxy listens, the proxy is named, and nothing is said of
// whether somebody listens at the endpoint; a proxy that was refused there says so.
func TestNoSocksProxy(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	try(t, err)
	gone := l.Addr().String()
	try(t, l.Close())
	refuses := socksProxy(t, func(nc net.Conn) { readAsked(nc, 0); _, _ = io.WriteString(nc, "\x05\x05\x00\x01") })
	for proxy, listens := range map[string]bool{gone: true, refuses: false} {
		e, err := Parse("tcp://far.example:5555")
		try(t, err)
		_, err = e.DialWithin(Settings{Proxy: proxy}.With(t.Context()), time.Minute)
		if err == nil || !strings.Contains(err.Error(), "the SOCKS proxy "+proxy+": ") || errors.Is(err, syscall.ECONNREFUSED) == listens {
			t.Errorf("%v", err)
		}
	}
}
