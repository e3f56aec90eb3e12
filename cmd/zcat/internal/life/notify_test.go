//go:build linux

package life

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// supervisor listens as systemd does.
func supervisor(t *testing.T, name string) *net.UnixConn {
	t.Helper()
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	t.Setenv(notifyVariable, name)
	return socket
}

func heard(t *testing.T, socket *net.UnixConn) string {
	t.Helper()
	var text [100]byte
	n, err := socket.Read(text[:])
	if err != nil {
		t.Fatal(err)
	}
	return string(text[:n])
}

// A command is ready once, and its end is told once, however often it begins.
func TestNotify(t *testing.T) {
	for _, name := range []string{filepath.Join(t.TempDir(), "notify"), "@zcat-notify-" + strconv.Itoa(os.Getpid())} {
		socket := supervisor(t, name)
		var said strings.Builder
		l := New(Settings{}, say.Streams{Say: &say.Speech{W: &said}})
		l.Lead(func() {
			l.Ready()
			if got := heard(t, socket); got != "READY=1" {
				t.Errorf("got %q", got)
			}
			l.LimitEnd()
			l.Wind()
			l.Ending()
			l.Ready() // it is too late for that
		})
		l.Ending() // and for that
		if err := sendState(name, "over"); err != nil {
			t.Fatal(err)
		}
		if got := []string{heard(t, socket), heard(t, socket)}; got[0] != "STOPPING=1" || got[1] != "over" {
			t.Errorf("got %q", got)
		}
		if said.Len() > 0 {
			t.Errorf("said %q", said.String())
		}
	}
}

// What a helper of a service does is not the state of that.
func TestNotifyOfHelper(t *testing.T) {
	socket := supervisor(t, filepath.Join(t.TempDir(), "notify"))
	l := New(Settings{}, say.Streams{Say: &say.Speech{W: &strings.Builder{}}})
	t.Setenv("SYSTEMD_EXEC_PID", strconv.Itoa(os.Getppid()))
	l.Ready()
	t.Setenv("SYSTEMD_EXEC_PID", strconv.Itoa(os.Getpid()))
	l.notify("first")
	if got := heard(t, socket); got != "first" {
		t.Errorf("got %q", got)
	}
}

// A supervisor that cannot be told keeps nobody from working, but its user learns of it.
func TestNotifyNobody(t *testing.T) {
	for name, want := range map[string]string{
		"/nowhere/notify": "no such file or directory", "notify": "neither a path", "vsock:2:1": "neither a path",
		"/" + strings.Repeat("x", 200): "invalid argument",
	} {
		t.Setenv(notifyVariable, name)
		var said strings.Builder
		l := New(Settings{}, say.Streams{Say: &say.Speech{W: &said}})
		l.Ready()
		if !strings.Contains(said.String(), want) || !strings.Contains(said.String(), "READY=1 is not reported") {
			t.Errorf("%s: said %q, want %q in it", name, said.String(), want)
		}
	}
}

// One that does not read, so that its socket is full, is given up.
func TestNotifyFull(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	supervisor(t, name)
	for {
		err := sendState(name, "more")
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
