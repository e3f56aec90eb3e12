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

func TestSocksRefuses(t *testing.T) {
	for want, script := range map[string]func(nc net.Conn){
		"wants a password":         func(nc net.Conn) { readAsked(nc, 255) },
		"does not speak SOCKS5":    func(nc net.Conn) { _, _ = io.WriteString(nc, "HTTP/1.1 400\r\n") },
		"connection refused":       func(nc net.Conn) { readAsked(nc, 0); _, _ = io.WriteString(nc, "\x05\x05\x00\x01") },
		"it failed with code 200":  func(nc net.Conn) { readAsked(nc, 0); _, _ = io.WriteString(nc, "\x05\xc8\x00\x01") },
		"its answer is malformed":  func(nc net.Conn) { readAsked(nc, 0); _, _ = io.WriteString(nc, "\x05\x00\x00\x09") },
		"EOF":                      func(net.Conn) {},
		"context deadline exceede": func(nc net.Conn) { _, _ = io.Copy(io.Discard, nc) },
	} {
		limit := time.Minute
		if strings.HasPrefix(want, "context") {
			limit = 20 * time.Millisecond
		}
		e, err := Parse("tcp://127.0.0.1:5555")
		try(t, err)
		nc, err := e.DialWithin(Settings{Proxy: socksProxy(t, script)}.With(t.Context()), limit)
		if err == nil {
			_ = nc.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want %q", err, want)
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
