package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"time"
)

// A page for Prometheus, one request a connection. net/http would do it, and
// takes with crypto/tls a third of the time that every start of zcat needs,
// whether or not anyone asks for metrics.

const (
	// scrapeTime bounds how long a client may take over its request.
	scrapeTime = 10 * time.Second
	// scrapeClients is how many may do so at a time.
	scrapeClients = 16
	// scrapeHead is how many bytes a request may have.
	scrapeHead = 16 << 10
)

// scraper serves a page until it is closed.
type scraper struct {
	listener net.Listener
	page     func() string
	slots    chan struct{}
}

func newScraper(l net.Listener, page func() string) *scraper {
	return &scraper{listener: l, page: page, slots: make(chan struct{}, scrapeClients)}
}

// serve answers until the listener is closed, which it returns the error of.
func (s *scraper) serve() error {
	for {
		nc, err := s.listener.Accept()
		if err != nil {
			return err
		}
		s.slots <- struct{}{}
		go func() {
			defer func() { <-s.slots }()
			defer func() { _ = nc.Close() }() // it has its answer
			if nc.SetDeadline(time.Now().Add(scrapeTime)) == nil {
				s.answer(nc)
			}
		}()
	}
}

// finish stops serving and waits, within limit, for the answers under way.
func (s *scraper) finish(limit time.Duration) {
	_ = s.listener.Close() // serve tells
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for range scrapeClients {
		select {
		case s.slots <- struct{}{}:
		case <-timer.C:
			return
		}
	}
}

// answer reads one request of HTTP/1 and answers it (RFC 9112).
func (s *scraper) answer(nc net.Conn) {
	r := textproto.NewReader(bufio.NewReader(io.LimitReader(nc, scrapeHead)))
	line, err := r.ReadLine()
	if err != nil {
		return
	}
	if _, err := r.ReadMIMEHeader(); err != nil {
		respond(nc, "400 Bad Request", "", "not a request of HTTP/1\n")
		return
	}
	method, rest, _ := strings.Cut(line, " ")
	target, version, _ := strings.Cut(rest, " ")
	path, _, _ := strings.Cut(target, "?")
	switch {
	case !strings.HasPrefix(version, "HTTP/1."):
		respond(nc, "400 Bad Request", "", "not a request of HTTP/1\n")
	case path != "/metrics":
		respond(nc, "404 Not Found", "", "the metrics are at /metrics\n")
	case method == "HEAD":
		respond(nc, "200 OK", "", "")
	case method != "GET":
		respond(nc, "405 Method Not Allowed", "Allow: GET, HEAD\r\n", "GET /metrics\n")
	default:
		respond(nc, "200 OK", "", s.page())
	}
}

func respond(w io.Writer, status, header, body string) {
	// A client that has gone needs no answer.
	_, _ = fmt.Fprintf(w, "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"+
		"Content-Length: %d\r\nConnection: close\r\n%s\r\n%s", status, len(body), header, body)
}
