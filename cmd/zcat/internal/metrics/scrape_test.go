package metrics

import (
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are pipes, or errors.
type pipes struct {
	next   chan any // net.Conn or error
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan any), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case next := <-p.next:
		if nc, ok := next.(net.Conn); ok {
			return nc, nil
		}
		err, _ := next.(error)
		return nil, &net.OpError{Op: "accept", Err: err}
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// connect returns a client's end.
func (p *pipes) connect() net.Conn {
	near, far := net.Pipe()
	p.next <- near
	return far
}

// scraped returns what a client that asks gets.
func scraped(t *testing.T, nc net.Conn) string {
	t.Helper()
	if _, err := io.WriteString(nc, "GET /metrics HTTP/1.1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(nc)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// However long no connection can be accepted, one is accepted once that works
// again; the failure is reported, but not each time.
func TestScraperGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, told := newPipes(), 0
		s := newScraper(l, func() string { return "the page" }, func(err error) {
			if told++; !errors.Is(err, syscall.EMFILE) {
				t.Error(err)
			}
		})
		go s.serve()
		silent := l.connect()
		begun := time.Now()
		for time.Since(begun) < 10*time.Minute {
			l.next <- syscall.EMFILE
			if synctest.Wait(); told == 0 {
				t.Fatal("the first failure is not told")
			}
		}
		if told > 20 {
			t.Errorf("told %d times", told)
		}
		if n, err := silent.Read(make([]byte, 1)); err == nil {
			t.Errorf("a silent client keeps its descriptor: %d bytes", n)
		}
		if got := scraped(t, l.connect()); !strings.HasSuffix(got, "the page") {
			t.Errorf("%q", got)
		}
		l.next <- syscall.EMFILE
		s.finish(time.Second) // it rests
	})
}

// No number of silent clients keeps out one that asks: the oldest goes. At the end
// no answer is awaited for longer than the limit.
func TestScraperOfSilentClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := newScraper(l, func() string { return "the page" }, func(err error) { t.Error(err) })
		go s.serve()
		var silent []net.Conn
		for range 2 * scrapeClients {
			silent = append(silent, l.connect())
		}
		if got := scraped(t, l.connect()); !strings.HasSuffix(got, "the page") {
			t.Errorf("%q", got)
		}
		synctest.Wait()
		if len(s.clients) != scrapeClients-1 {
			t.Errorf("%d clients are left", len(s.clients))
		}
		if _, err := silent[scrapeClients].Read(make([]byte, 1)); err == nil {
			t.Error("the oldest is still there")
		}
		if got := scraped(t, silent[len(silent)-1]); !strings.HasSuffix(got, "the page") {
			t.Errorf("the newest: %q", got)
		}
		begun := time.Now()
		if s.finish(time.Second); time.Since(begun) != time.Second {
			t.Errorf("it took %v", time.Since(begun))
		}
		for _, nc := range silent {
			_ = nc.Close()
		}
	})
}
