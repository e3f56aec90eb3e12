package metrics

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/throttle"
)

// A page for Prometheus, one request per connection. net/http would do it, but
// together with crypto/tls it takes a third of the time that every start of zcat
// needs, whether or not anyone asks for metrics.

const (
	// scrapeTime bounds how long a client may take over its request.
	scrapeTime = 10 * time.Second
	// scrapeClients is the number of clients that may do so at a time.
	scrapeClients = 16
	// scrapeRest is the pause after a connection that could not be accepted.
	scrapeRest = 100 * time.Millisecond
	// scrapeHead is the largest size of a request, in bytes.
	scrapeHead = 16 << 10
)

// scraper serves a page until it is closed. A silent client keeps nobody out: where
// there are too many, the oldest makes room for the next.
type scraper struct {
	listener net.Listener
	page     func() string
	failed   func(error) // is called now and then with the reason why no connection can be accepted

	mu      sync.Mutex
	closed  bool
	clients []net.Conn // the oldest in front
	running sync.WaitGroup
	stopped chan struct{}
}

func newScraper(l net.Listener, page func() string, failed func(error)) *scraper {
	return &scraper{listener: l, page: page, failed: failed, stopped: make(chan struct{})}
}

// serve answers until the listener is closed. Another failure, such as running out
// of file descriptors, passes.
func (s *scraper) serve() {
	var told throttle.Throttle[string]
	for {
		nc, err := s.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			if why := say.Cause(err); told.Pass(why.Error(), 1, time.Now()) {
				s.failed(why)
			}
			s.evict()
			if !s.rest() {
				return
			}
		default:
			s.take(nc)
		}
	}
}

// rest waits a moment, and reports whether to go on.
func (s *scraper) rest() bool {
	timer := time.NewTimer(scrapeRest)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.stopped:
		return false
	}
}

// take answers a client in a goroutine of its own.
func (s *scraper) take(nc net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = nc.Close() // nothing is answered any more
		return
	}
	if len(s.clients) == scrapeClients {
		_ = s.clients[0].Close() // its answer ends with it
		s.clients = slices.Delete(s.clients, 0, 1)
	}
	s.clients = append(s.clients, nc)
	s.running.Go(func() {
		defer s.leave(nc)
		if nc.SetDeadline(time.Now().Add(scrapeTime)) == nil {
			s.answer(nc)
		}
	})
}

// leave closes a client that has its answer, or gets none.
func (s *scraper) leave(nc net.Conn) {
	_ = nc.Close() // it may have made room
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.clients, nc); i >= 0 {
		s.clients = slices.Delete(s.clients, i, i+1)
	}
}

// evict closes the oldest client: that frees a file descriptor, for example.
func (s *scraper) evict() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.clients) > 0 {
		_ = s.clients[0].Close() // as in take
	}
}

// finish stops serving and waits, within limit, for the answers under way.
func (s *scraper) finish(limit time.Duration) {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.stopped)
	}
	s.mu.Unlock()
	_ = s.listener.Close() // serve ends with it
	over := make(chan struct{})
	go func() {
		s.running.Wait()
		close(over)
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-over:
	case <-timer.C: // the process ends, and they with it
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
