package transport

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"

	"github.com/zcat/zcat/pkg/sockets/internal/locks"
)

func inprocTransport() transport {
	anywhere := func(Endpoint) error { return nil }
	return transport{
		scheme: schemeInproc, parse: parseInproc,
		short:     func(string) bool { return false },
		format:    func(e Endpoint) string { return e.name },
		checkBind: anywhere, checkConnect: anywhere,
		listen:    func(_ context.Context, e Endpoint) (Listener, error) { return listenInproc(e.name) },
		dial:      func(ctx context.Context, e Endpoint) (net.Conn, error) { return dialInproc(ctx, e.name) },
		awaitBind: awaitBindInproc,
		raw: func(nc net.Conn) raw {
			if c, ok := nc.(*memConn); ok {
				return memRaw{c}
			}
			return nil
		},
	}
}

func parseInproc(text, name string) (Endpoint, error) {
	if name == "" {
		return Endpoint{}, refuse(text, "it has no name", "inproc://name")
	}
	return Endpoint{scheme: schemeInproc, name: name}, nil
}

// maxPending is the number of connections that may wait to be accepted; more are
// refused, as with a full backlog of a kernel.
const maxPending = 1024

// bound holds the inproc endpoints of this process.
//
//nolint:gochecknoglobals // inproc is one name space for the whole process
var bound = registry{listeners: map[string]*inprocListener{}, waiting: map[string][]chan struct{}{}}

// registry finds the listener of an inproc name, and wakes those that wait for one.
type registry struct {
	mu        locks.Mutex[locks.Name]
	listeners map[string]*inprocListener
	waiting   map[string][]chan struct{} // to close when the name is bound; never empty
}

func awaitBindInproc(e Endpoint) (bind <-chan struct{}, forget func()) {
	told := make(chan struct{})
	bound.mu.Lock()
	defer bound.mu.Unlock()
	bound.waiting[e.name] = append(bound.waiting[e.name], told)
	return told, func() { bound.forget(e.name, told) }
}

// forget ends a wait for a name.
func (r *registry) forget(name string, told chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := slices.DeleteFunc(r.waiting[name], func(c chan struct{}) bool { return c == told })
	if r.waiting[name] = left; len(left) == 0 {
		delete(r.waiting, name)
	}
}

// inprocListener is a Listener on an inproc name.
type inprocListener struct {
	name    string
	mu      locks.Mutex[locks.Listener]
	arrived sync.Cond
	pending []net.Conn
	closed  bool
}

// inprocAddr is an inproc name as a net.Addr.
type inprocAddr string

func (inprocAddr) Network() string  { return schemeInproc }
func (a inprocAddr) String() string { return schemeInproc + "://" + string(a) }

func listenInproc(name string) (Listener, error) {
	l := &inprocListener{name: name}
	l.arrived.L = &l.mu
	bound.mu.Lock()
	defer bound.mu.Unlock()
	if bound.listeners[name] != nil {
		return nil, syscall.EADDRINUSE
	}
	bound.listeners[name] = l
	for _, told := range bound.waiting[name] {
		close(told)
	}
	delete(bound.waiting, name)
	return l, nil
}

func dialInproc(ctx context.Context, name string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	bound.mu.Lock()
	l := bound.listeners[name]
	bound.mu.Unlock()
	if l == nil {
		return nil, syscall.ECONNREFUSED
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.pending) == maxPending {
		return nil, syscall.ECONNREFUSED
	}
	ours, theirs := newMemConns(inprocAddr(name))
	l.pending = append(l.pending, theirs)
	l.arrived.Signal()
	return ours, nil
}

func (l *inprocListener) Endpoint() string { return inprocAddr(l.name).String() }

func (l *inprocListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.pending) == 0 && !l.closed {
		l.arrived.Wait()
	}
	if l.closed {
		return nil, fmt.Errorf("%s: %w", l.Endpoint(), net.ErrClosed)
	}
	nc := l.pending[0]
	l.pending = slices.Delete(l.pending, 0, 1)
	return nc, nil
}

// Close frees the name, and closes the connections that were not accepted yet.
func (l *inprocListener) Close() error {
	bound.mu.Lock()
	if bound.listeners[l.name] == l {
		delete(bound.listeners, l.name)
	}
	bound.mu.Unlock()
	l.mu.Lock()
	pending := l.pending
	l.pending = nil
	wasClosed := l.closed
	l.closed = true
	l.arrived.Broadcast()
	l.mu.Unlock()
	for _, nc := range pending {
		_ = nc.Close()
	}
	if wasClosed {
		return fmt.Errorf("%s: %w", l.Endpoint(), net.ErrClosed)
	}
	return nil
}
