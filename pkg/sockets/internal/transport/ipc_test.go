package transport

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// stale leaves a socket behind on which nobody listens.
func stale(tb testing.TB, path string) {
	tb.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	try(tb, err)
	l.SetUnlinkOnClose(false)
	try(tb, l.Close())
}

// wantFiles checks what is in dir: no lock, no socket is left over.
func wantFiles(tb testing.TB, dir string, want ...string) {
	tb.Helper()
	entries, err := os.ReadDir(dir)
	try(tb, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if !slices.Equal(names, want) {
		tb.Errorf("%s holds %q, want %q", dir, names, want)
	}
}

// C84: the file is there while we listen, and no longer.
func TestIPCFile(t *testing.T) {
	dir := shortDir(t)
	l := listen(t, filepath.Join(dir, "s"))
	wantFiles(t, dir, "s")
	a, b := connect(t, l, l.Endpoint())
	try(t, l.Close())
	wantFiles(t, dir)
	_, err := a.Write([]byte("x")) // accepted connections live on
	try(t, err)
	_, err = b.Read(make([]byte, 1))
	try(t, err)
}

// C84: a socket on which nobody listens is replaced.
func TestIPCStale(t *testing.T) {
	dir := shortDir(t)
	stale(t, filepath.Join(dir, "s"))
	l := listen(t, filepath.Join(dir, "s"))
	connect(t, l, l.Endpoint())
	wantFiles(t, dir, "s")
	try(t, l.Close())
	wantFiles(t, dir)
}

// C84: a live socket is not touched. The listener is not one of ours: it holds
// no lock and is seen by its answer alone.
func TestIPCLive(t *testing.T) {
	dir := shortDir(t)
	path := filepath.Join(dir, "s")
	live, err := net.Listen("unix", path)
	try(t, err)
	t.Cleanup(func() { _ = live.Close() })
	if _, err := parse(t, path).Listen(t.Context()); err == nil || err.Error() != "ipc://"+path+": address already in use" {
		t.Error(err)
	}
	dial(t, path)
	wantFiles(t, dir, "s")
}

// C84: a file that is no socket is not touched.
func TestIPCNoSocket(t *testing.T) {
	dir := shortDir(t)
	path := filepath.Join(dir, "s")
	try(t, os.WriteFile(path, []byte("precious"), 0o600))
	_, err := parse(t, path).Listen(t.Context())
	if err == nil || err.Error() != "ipc://"+path+": the file there is not a socket; remove it or bind another path" {
		t.Error(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "precious" {
		t.Errorf("%q, %v", got, err)
	}
	try(t, os.Remove(path))
	stale(t, filepath.Join(dir, "t"))
	try(t, os.Symlink("t", path))
	if _, err := parse(t, path).Listen(t.Context()); err == nil {
		t.Error("a link was replaced")
	}
	wantFiles(t, dir, "s", "t")
}

func TestIPCNoDirectory(t *testing.T) {
	path := filepath.Join(shortDir(t), "none", "s")
	for _, open := range []func(Endpoint) error{
		func(e Endpoint) error { _, err := e.Listen(t.Context()); return err },
		func(e Endpoint) error { _, err := e.Dial(t.Context()); return err },
	} {
		if err := open(parse(t, path)); !errors.Is(err, fs.ErrNotExist) || err.Error() != "ipc://"+path+": no such file or directory" {
			t.Error(err)
		}
	}
}

// A file that another program put in the place of ours is not removed.
func TestIPCReplaced(t *testing.T) {
	dir := shortDir(t)
	path := filepath.Join(dir, "s")
	ours := listen(t, path)
	try(t, os.Remove(path))
	theirs, err := net.Listen("unix", path)
	try(t, err)
	t.Cleanup(func() { _ = theirs.Close() })
	try(t, ours.Close())
	wantFiles(t, dir, "s")
	dial(t, path)
}

// Of many that bind one stale path at once, one succeeds, and can be reached.
func TestIPCRace(t *testing.T) {
	dir := shortDir(t)
	path := filepath.Join(dir, "s")
	e := parse(t, path)
	for range 30 {
		stale(t, path)
		const binders = 8
		start := make(chan struct{})
		won, lost := make(chan Listener, binders), make(chan error, binders)
		for range binders {
			go func() {
				<-start
				if l, err := e.Listen(t.Context()); err != nil {
					lost <- err
				} else {
					won <- l
				}
			}()
		}
		close(start)
		winner := <-won
		for range binders - 1 {
			select {
			case l := <-won:
				t.Fatal("two listen on", l.Endpoint())
			case err := <-lost:
				if !isInUse(err) {
					t.Fatal(err)
				}
			}
		}
		// The probes of those that failed may wait there before us.
		a := dial(t, path)
		_, err := a.Write([]byte("me"))
		try(t, err)
		for {
			b, err := winner.Accept()
			try(t, err)
			got, err := io.ReadFull(b, make([]byte, 2))
			_ = b.Close()
			if got == 2 && err == nil {
				break
			}
		}
		try(t, winner.Close())
		wantFiles(t, dir)
	}
}

// A path may be as long as a socket's address allows.
func TestIPCLongPath(t *testing.T) {
	dir := shortDir(t)
	name := strings.Repeat("n", maxPath()-len(dir)-1)
	l := listen(t, filepath.Join(dir, name))
	connect(t, l, l.Endpoint())
	wantFiles(t, dir, name)
}

// The file of a relative path is removed though the directory has changed.
func TestIPCRelative(t *testing.T) {
	dir := shortDir(t)
	t.Chdir(dir)
	l := listen(t, "./s")
	connect(t, l, "ipc://s")
	t.Chdir("/")
	try(t, l.Close())
	wantFiles(t, dir)
}

func TestIPCTemporary(t *testing.T) {
	dir := shortDir(t)
	t.Setenv("TMPDIR", dir)
	l := listen(t, "ipc://*")
	if !strings.HasPrefix(l.Endpoint(), "ipc://"+dir) {
		t.Error(l.Endpoint())
	}
	connect(t, l, l.Endpoint())
	try(t, l.Close())
	wantFiles(t, dir)
}

// C84: an abstract name leaves no file, and can be bound once.
func TestIPCAbstract(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // CheckBind refuses it
	}
	t.Chdir(shortDir(t))
	for _, name := range []string{"z", strings.Repeat("z", 80)} {
		endpoint := fmt.Sprintf("ipc://@%s-%d", name, os.Getpid())
		l := listen(t, endpoint)
		if l.Endpoint() != endpoint {
			t.Error(l.Endpoint())
		}
		connect(t, l, endpoint)
		if _, err := parse(t, endpoint).Listen(t.Context()); err == nil || err.Error() != endpoint+": address already in use" {
			t.Error(err)
		}
		wantFiles(t, ".")
		try(t, l.Close())
		listen(t, endpoint)
	}
}
