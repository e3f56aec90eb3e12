package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// fdTransport takes over a socket that listens already, which another program opened and
// handed down, as systemd does for a .socket unit: fd://3, or fd://NAME of its
// FileDescriptorName. It is tcp or ipc from there on.
func fdTransport() transport {
	return transport{
		scheme: schemeFD, parse: parseFD,
		short:     func(string) bool { return false },
		format:    func(e Endpoint) string { return e.name },
		checkBind: func(Endpoint) error { return nil },
		checkConnect: func(e Endpoint) error {
			return refuse(e.String(), "a descriptor that listens is for a bind", exampleTCP)
		},
		listen: func(_ context.Context, e Endpoint) (Listener, error) { return e.listenFD() },
		dial:   func(context.Context, Endpoint) (net.Conn, error) { return nil, errors.ErrUnsupported },
		raw:    func(net.Conn) raw { return nil },
	}
}

// firstFD is the first descriptor that systemd hands down.
const firstFD = 3

func parseFD(text, name string) (Endpoint, error) {
	const example = "fd://3"
	n, err := strconv.ParseUint(name, 10, 20)
	switch {
	case name == "":
		return Endpoint{}, refuse(text, "it has neither the number of a descriptor nor a name of systemd's", example)
	case err == nil && (n == 1 || n == 2):
		return Endpoint{}, refuse(text, "descriptors 1 and 2 are stdout and stderr", example)
	case err == nil:
		name = strconv.FormatUint(n, 10)
	case strings.ContainsAny(name, ":/"):
		return Endpoint{}, refuse(text, "it is neither the number of a descriptor nor a name of systemd's", example)
	}
	return Endpoint{scheme: schemeFD, name: name}, nil
}

// taken are the descriptors that were bound by name: several may have the same name, as
// the sockets of one unit have, and each bind takes the next.
var taken sync.Map //nolint:gochecknoglobals // they are the process's

// descriptor returns the number of the descriptor: the name itself, or the first that
// systemd gave the name (sd_listen_fds_with_names(3)) and that is not taken.
func descriptor(name string) (int, error) {
	if n, err := strconv.Atoi(name); err == nil {
		return n, nil
	}
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return 0, errors.New("nobody handed down sockets by name: LISTEN_PID is not this process")
	}
	names := strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	most, _ := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	names = names[:min(len(names), max(most, 0))]
	first := slices.Index(names, name)
	if first < 0 {
		return 0, fmt.Errorf("no socket of this name was handed down, there are %q", names)
	}
	for i, other := range names[first:] {
		if other != name {
			continue
		}
		n := firstFD + first + i
		if _, before := taken.LoadOrStore(n, true); !before {
			return n, nil
		}
	}
	return firstFD + first, nil // it is bound again
}

func (e Endpoint) listenFD() (Listener, error) {
	n, err := descriptor(e.name)
	if err != nil {
		return nil, err
	}
	f, err := takeFD(n)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d: %w", n, err)
	}
	defer func() { _ = f.Close() }() // the listener has one of its own
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d: %w", n, err)
	}
	switch l := l.(type) {
	case *net.TCPListener:
		endpoint := schemeTCP + "://" + l.Addr().String()
		if a, ok := l.Addr().(*net.TCPAddr); ok && a.IP.IsUnspecified() {
			endpoint = fmt.Sprintf("tcp://0.0.0.0:%d", a.Port)
		}
		return &tcpListener{l, endpoint}, nil
	case *net.UnixListener:
		l.SetUnlinkOnClose(false) // it is not ours
		return &ipcListener{l, schemeIPC + "://" + l.Addr().String(), func() {}}, nil
	}
	_ = l.Close()
	return nil, fmt.Errorf("descriptor %d: neither tcp nor a unix socket", n)
}
