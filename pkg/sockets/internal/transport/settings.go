package transport

import (
	"context"
	"io/fs"
	"net"
	"syscall"
)

// Settings are how a socket listens and connects, beside its endpoint; the zero value
// leaves all to the system.
type Settings struct {
	Device  string      // the network interface that tcp uses; Linux
	Backlog int         // connections that may wait to be accepted
	Proxy   string      // HOST:PORT of the SOCKS5 proxy that tcp connects through
	Mode    fs.FileMode // of the file of an ipc socket

	WebSocket *WebSocket // what ws needs; nil where nothing is known
}

type settingsKey struct{}

// With returns a context in which Listen and DialWithin follow s.
func (s Settings) With(ctx context.Context) context.Context {
	if s == (Settings{}) {
		return ctx
	}
	return context.WithValue(ctx, settingsKey{}, s)
}

func settingsOf(ctx context.Context) Settings {
	s, _ := ctx.Value(settingsKey{}).(Settings)
	return s
}

// control is a function of net.ListenConfig and net.Dialer.
type control = func(network, address string, c syscall.RawConn) error

// tcp adds to next, which may be nil, what s wants of a tcp socket before it is bound or
// connected.
func (s Settings) tcp(next control) control {
	if s.Device == "" {
		return next
	}
	return func(network, address string, c syscall.RawConn) error {
		if next != nil {
			if err := next(network, address, c); err != nil {
				return err
			}
		}
		return bindToDevice(c, s.Device)
	}
}

// listening changes a listener that was just made.
func (s Settings) listening(l net.Listener) error {
	sc, ok := l.(syscall.Conn)
	if s.Backlog == 0 || !ok {
		return nil
	}
	c, err := sc.SyscallConn()
	if err != nil {
		return err
	}
	return setBacklog(c, s.Backlog)
}
