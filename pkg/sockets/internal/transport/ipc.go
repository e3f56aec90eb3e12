package transport

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

func ipcTransport() transport {
	return transport{
		scheme: schemeIPC, parse: parseIPC, short: isPath,
		format:       func(e Endpoint) string { return e.name },
		checkBind:    checkSystem,
		checkConnect: checkConnectIPC,
		listen:       func(ctx context.Context, e Endpoint) (Listener, error) { return e.listenIPC(ctx) },
		dial: func(ctx context.Context, e Endpoint) (net.Conn, error) {
			nc, err := new(net.Dialer).DialContext(ctx, "unix", e.name)
			widen(nc)
			return nc, err
		},
		near: func(Endpoint) bool { return true },
		raw: func(nc net.Conn) raw {
			if uc, ok := nc.(*net.UnixConn); ok {
				return ipcRaw{kernel{uc}}
			}
			return nil
		},
	}
}

// ipcBuffer is what the kernel is asked to hold of what was written to an ipc
// connection, in bytes; it doubles that. With its default, which is the same without
// the doubling, messages of 1 MiB have the ends wake each other three times as often
// and go at three quarters of the speed; more is of no use.
const ipcBuffer = 212992

// widen sets a connection's buffer, as far as the system lets it.
func widen(nc net.Conn) {
	if buffered, ok := nc.(interface{ SetWriteBuffer(bytes int) error }); ok {
		_ = buffered.SetWriteBuffer(ipcBuffer) // it works with a smaller one, too
	}
}

// ipcRaw is an ipc connection.
type ipcRaw struct{ kernel }

func (ipcRaw) traits() Traits {
	return Traits{MaxWrite: otherWrite, LongWrite: otherWrite, Queues: true, Abrupt: true}
}
func (r ipcRaw) address() string { return credentials(r.Conn) }

// isPath reports whether text is the short form of an ipc endpoint.
func isPath(text string) bool {
	for _, prefix := range []string{"@", "/", "./", "../"} {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}

// parseIPC reads the part of an ipc endpoint after its scheme.
func parseIPC(text, path string) (Endpoint, error) {
	const example = "ipc:///tmp/zcat.sock"
	switch {
	case path == "":
		return Endpoint{}, refuse(text, "it has no path", example)
	case path == "@":
		return Endpoint{}, refuse(text, "the abstract name is empty", "ipc://@name")
	case len(path) > maxPath():
		what := fmt.Sprintf("the path has %d bytes and a unix socket's at most %d", len(path), maxPath())
		return Endpoint{}, refuse(text, what, example)
	}
	return Endpoint{scheme: schemeIPC, name: path}, nil
}

// maxPath returns the number of bytes that sockaddr_un has for a path, without the
// final NUL.
func maxPath() int {
	if runtime.GOOS == "linux" || runtime.GOOS == "windows" {
		return 107
	}
	return 103
}

// abstract reports whether e is a name in Linux's abstract namespace.
func (e Endpoint) abstract() bool { return e.name[0] == '@' }

// checkSystem returns an error for a part of e that this system does not have, or
// nil.
func checkSystem(e Endpoint) error {
	if e.abstract() && runtime.GOOS != "linux" {
		return refuse(e.String(), "only Linux has abstract names", "ipc:///tmp/"+e.name[1:])
	}
	return nil
}

func checkConnectIPC(e Endpoint) error {
	if e.name == "*" {
		return refuse(e.String(), "\"*\" stands for a temporary path at a bind; a connect needs the path itself", "ipc:///tmp/zcat.sock")
	}
	return checkSystem(e)
}

// ipcListener is a Listener on a unix socket.
type ipcListener struct {
	*net.UnixListener
	endpoint string
	remove   func() // removes the socket's file, if it has one
}

func (l *ipcListener) Endpoint() string { return l.endpoint }

func (l *ipcListener) Accept() (net.Conn, error) {
	nc, err := l.UnixListener.Accept()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.endpoint, cause(err))
	}
	widen(nc)
	return nc, nil
}

// Close removes the file first: as long as we listen, nobody takes it for a stale
// one and replaces it.
func (l *ipcListener) Close() error {
	l.remove()
	if err := l.UnixListener.Close(); err != nil {
		return fmt.Errorf("%s: %w", l.endpoint, cause(err))
	}
	return nil
}

func (e Endpoint) listenIPC(ctx context.Context) (Listener, error) {
	if e.abstract() {
		l, err := listenUnix(ctx, e.name)
		if err != nil {
			return nil, err
		}
		return &ipcListener{l, e.String(), func() {}}, nil
	}
	if e.name != "*" {
		return listenPath(ctx, e.name)
	}
	dir, err := os.MkdirTemp("", "zcat")
	if err != nil {
		return nil, err
	}
	l, err := listenPath(ctx, filepath.Join(dir, "socket"))
	if err != nil {
		_ = os.Remove(dir)
		return nil, err
	}
	file := l.remove
	l.remove = func() {
		file()
		_ = os.Remove(dir)
	}
	return l, nil
}

// listenPath binds a path, and replaces a socket there on which nobody listens.
func listenPath(ctx context.Context, path string) (*ipcListener, error) {
	abs, err := filepath.Abs(path) // the working directory may change before Close
	if err != nil {
		return nil, err
	}
	// From the bind to the listen a socket looks like a stale one.
	unlock, err := lockPath(abs)
	if err != nil {
		return nil, err
	}
	defer unlock()
	l, err := listenUnix(ctx, path)
	if isInUse(err) {
		if err = removeStale(ctx, path); err != nil {
			return nil, err
		}
		l, err = listenUnix(ctx, path)
	}
	if err != nil {
		return nil, err
	}
	ours, err := os.Lstat(abs)
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	var once sync.Once
	return &ipcListener{l, schemeIPC + "://" + path, func() { once.Do(func() { removeOurs(abs, ours) }) }}, nil
}

// listenUnix binds a path or an abstract name, and leaves its file in place at
// Close.
func listenUnix(ctx context.Context, name string) (*net.UnixListener, error) {
	settings := settingsOf(ctx)
	var config net.ListenConfig
	if settings.Mode != 0 && name[0] != '@' {
		config.Control = limitMode(settings.Mode)
	}
	l, err := config.Listen(ctx, "unix", name)
	if err != nil {
		return nil, err
	}
	if err = settings.listening(l); err == nil && settings.Mode != 0 && name[0] != '@' {
		err = setMode(name, settings.Mode)
	}
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	ul, ok := l.(*net.UnixListener)
	if !ok {
		return nil, errors.Join(errors.ErrUnsupported, l.Close())
	}
	ul.SetUnlinkOnClose(false)
	return ul, nil
}

// removeStale removes the socket at path if nobody listens on it. Anything else
// that is there is an error, and stays.
func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return &reason{"the file there is not a socket; remove it or bind another path", syscall.EADDRINUSE}
	}
	nc, err := new(net.Dialer).DialContext(ctx, "unix", path)
	switch {
	case err == nil:
		_ = nc.Close()
		return syscall.EADDRINUSE
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, fs.ErrPermission):
		return err
	case !isRefused(err): // a full backlog, or a datagram socket: it is in use
		return syscall.EADDRINUSE
	}
	return os.Remove(path)
}

// removeOurs removes the file at path unless another has taken its place.
func removeOurs(path string, ours fs.FileInfo) {
	if there, err := os.Lstat(path); err == nil && os.SameFile(ours, there) {
		_ = os.Remove(path)
	}
}
