package transport

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// halfCloser is implemented by every connection of this package.
type halfCloser interface {
	net.Conn
	CloseWrite() error
}

// over is a test over one transport.
type over struct {
	*testing.T
	endpoint string // nobody else binds it
}

// each runs a test over every transport.
func each(t *testing.T, test func(t over)) {
	t.Helper()
	for _, scheme := range []string{schemeTCP, schemeIPC, schemeInproc} {
		t.Run(scheme, func(t *testing.T) { test(over{t, freeEndpoint(t, scheme)}) })
	}
}

// freeEndpoint returns an endpoint that nobody else binds.
func freeEndpoint(tb testing.TB, scheme string) string {
	tb.Helper()
	switch scheme {
	case schemeTCP:
		return "tcp://127.0.0.1:*"
	case schemeIPC:
		return "ipc://" + filepath.Join(shortDir(tb), "s")
	}
	return "inproc://" + tb.Name()
}

// shortDir returns a directory whose name leaves room for a socket's: t.TempDir's
// may not.
func shortDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("/tmp", "zcat")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// listen binds an endpoint until the test ends.
func listen(tb testing.TB, text string) Listener {
	tb.Helper()
	l, err := parse(tb, text).Listen(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() })
	return l
}

// dial connects to an endpoint until the test ends.
func dial(tb testing.TB, text string) net.Conn {
	tb.Helper()
	nc, err := parse(tb, text).Dial(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = nc.Close() })
	return nc
}

// connect returns both ends of a connection to l: the one that dialled, and the one
// that was accepted.
func connect(tb testing.TB, l Listener, text string) (a, b halfCloser) {
	tb.Helper()
	dialled := dial(tb, text)
	accepted, err := l.Accept()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = accepted.Close() })
	a, aok := dialled.(halfCloser)
	b, bok := accepted.(halfCloser)
	if !aok || !bok {
		tb.Fatal("a connection cannot be closed for writing alone")
	}
	return a, b
}

// pair returns both ends of a connection over endpoint.
func pair(tb testing.TB, endpoint string) (a, b halfCloser) {
	tb.Helper()
	l := listen(tb, endpoint)
	return connect(tb, l, l.Endpoint())
}

func try(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func wantTimeout(tb testing.TB, err error) {
	tb.Helper()
	var ne net.Error
	if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &ne) || !ne.Timeout() {
		tb.Fatalf("%v is no timeout", err)
	}
}
