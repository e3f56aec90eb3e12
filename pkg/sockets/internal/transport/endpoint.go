package transport

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"time"
)

// The schemes of an endpoint.
const (
	schemeTCP    = "tcp"
	schemeIPC    = "ipc"
	schemeInproc = "inproc"
)

// Endpoint is a parsed endpoint. Two endpoints are == exactly when their
// canonical texts are equal. Only Parse makes one.
type Endpoint struct {
	scheme string
	name   string   // ipc: a path, "@name" or "*"; inproc: the name
	to     hostPort // tcp
	from   hostPort // tcp: where to connect from; its host is empty if not given
}

// hostPort is one side of a tcp endpoint. The host is "*", an IP address without
// brackets, a host name or an interface's name; port 0 is any free one.
type hostPort struct {
	host string
	port uint16
}

// Listener accepts the connections of one bound endpoint.
type Listener interface {
	// Accept waits for the next connection. After Close it returns an error that
	// is net.ErrClosed.
	Accept() (net.Conn, error)
	// Close stops listening; an ipc file that is still ours is removed. Accepted
	// connections stay open.
	Close() error
	// Endpoint is the resolved endpoint, with the real port. Every interface is
	// "tcp://0.0.0.0:PORT", which any ZeroMQ peer on this machine can connect to.
	Endpoint() string
}

// Scheme is "tcp", "ipc" or "inproc".
func (e Endpoint) Scheme() string { return e.scheme }

// String is the canonical long form: Parse of it gives e again.
func (e Endpoint) String() string {
	if e.scheme != schemeTCP {
		return e.scheme + "://" + e.name
	}
	if e.from.host != "" {
		return "tcp://" + e.from.String() + ";" + e.to.String()
	}
	return "tcp://" + e.to.String()
}

// String is "HOST:PORT", with brackets around IPv6 and "*" for any free port.
func (h hostPort) String() string {
	port := "*"
	if h.port != 0 {
		port = strconv.Itoa(int(h.port))
	}
	return net.JoinHostPort(h.host, port)
}

// CheckBind returns why e cannot be bound on this system, or nil.
func (e Endpoint) CheckBind() error {
	if e.from.host != "" {
		return refuse(e.String(), "a source address is for connecting only", "tcp://"+e.to.String())
	}
	return e.checkSystem()
}

// CheckConnect returns why e cannot be connected to on this system, or nil.
func (e Endpoint) CheckConnect() error {
	switch {
	case e.scheme == schemeTCP && (e.to.host == "*" || e.to.port == 0):
		hint := e
		what := "port 0 and \"*\" stand for any free port at a bind; a connect needs the port itself"
		if e.to.port == 0 {
			hint.to.port = 5555
		}
		if e.to.host == "*" {
			what = "the host \"*\" is every interface at a bind; a connect needs one host"
			hint.to.host = "127.0.0.1"
		}
		return refuse(e.String(), what, hint.String())
	case e.scheme == schemeIPC && e.name == "*":
		return refuse(e.String(), "\"*\" stands for a temporary path at a bind; a connect needs the path itself", "ipc:///tmp/zcat.sock")
	}
	return e.checkSystem()
}

// checkSystem returns which part of e this system does not have.
func (e Endpoint) checkSystem() error {
	if e.abstract() && runtime.GOOS != "linux" {
		return refuse(e.String(), "only Linux has abstract names", "ipc:///tmp/"+e.name[1:])
	}
	return nil
}

// abstract reports whether e is a name in Linux's abstract namespace.
func (e Endpoint) abstract() bool { return e.scheme == schemeIPC && e.name[0] == '@' }

// Listen binds e. The context bounds the look-up of a host name only. An
// endpoint in use is an error that is syscall.EADDRINUSE, or its like on Windows.
func (e Endpoint) Listen(ctx context.Context) (Listener, error) {
	if err := e.CheckBind(); err != nil {
		return nil, err
	}
	var l Listener
	var err error
	switch e.scheme {
	case schemeTCP:
		l, err = e.listenTCP(ctx)
	case schemeIPC:
		l, err = e.listenIPC(ctx)
	default:
		l, err = listenInproc(e.name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e, cause(err))
	}
	return l, nil
}

// Dial makes one attempt to connect to e, for as long as the context allows.
// A host name is looked up anew each time.
func (e Endpoint) Dial(ctx context.Context) (net.Conn, error) {
	if err := e.CheckConnect(); err != nil {
		return nil, err
	}
	var nc net.Conn
	var err error
	switch e.scheme {
	case schemeTCP:
		nc, err = e.dialTCP(ctx, e.to.host)
	case schemeIPC:
		nc, err = new(net.Dialer).DialContext(ctx, "unix", e.name)
	default:
		nc, err = dialInproc(ctx, e.name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e, cause(err))
	}
	return nc, nil
}

// DialWithin is Dial with a limit to the time that an address has to answer; 0
// leaves it to the system. Looking up a name does not count: name servers that
// are slow, or of which the first is dead, would never leave time to connect.
func (e Endpoint) DialWithin(ctx context.Context, limit time.Duration) (net.Conn, error) {
	if limit <= 0 {
		return e.Dial(ctx)
	}
	if e.scheme == schemeTCP {
		begun := time.Now()
		addrs, err := lookUp(ctx, e.to.host)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", e, cause(err))
		case len(addrs) > 1:
			// Package net looks up again, and divides the time among the addresses.
			limit = time.Duration(len(addrs))*limit + 2*time.Since(begun)
		default:
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			nc, err := e.dialTCP(ctx, addrs[0].String())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", e, cause(err))
			}
			return nc, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return e.Dial(ctx)
}

// Peer is the other side of nc as an endpoint: "tcp://127.0.0.1:53412". The far
// end of ipc and inproc has no name of its own, so there it is endpoint, the
// text that was bound or connected to.
func Peer(nc net.Conn, endpoint string) string {
	if a, ok := nc.RemoteAddr().(*net.TCPAddr); ok && a != nil {
		return schemeTCP + "://" + a.String()
	}
	return endpoint
}
