package sockets

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// C83: a wildcard's endpoint is the real one, and can be connected to.
func TestC83Wildcards(t *testing.T) {
	for _, wildcard := range []string{"tcp://127.0.0.1:*", "tcp://127.0.0.1:0", "tcp://*:*", ":0", "ipc://*"} {
		pull, push := newSocket(t, Pull), newSocket(t, Push)
		resolved := bind(t, pull, wildcard)
		if strings.Contains(resolved, "*") || strings.HasSuffix(resolved, ":0") {
			t.Errorf("%s is %s", wildcard, resolved)
		}
		try(t, push.Connect(resolved))
		sendParts(t, push, wildcard)
		expectParts(t, pull, wildcard)
		try(t, pull.Close())
		if path, ok := strings.CutPrefix(resolved, "ipc://"); ok {
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s is left: %v", path, err)
			}
		}
	}
}

// C83: an endpoint that cannot work is refused at the call, with a way out.
func TestC83BadEndpoints(t *testing.T) {
	s := newSocket(t, Pull)
	for _, endpoint := range []string{
		"", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://127.0.0.1:70000", "tcp://127.0.0.1:5x", "tcp://1.2.3:5", "udp://127.0.0.1:5",
		"ipc://", "ipc://@", "ipc://" + strings.Repeat("p", 108), "inproc://", "hello",
	} {
		_, err := s.Bind(within(t), endpoint)
		for _, err := range []error{err, s.Connect(endpoint), CheckBind(endpoint), CheckConnect(endpoint)} {
			if err == nil || !strings.Contains(err.Error(), "; try ") {
				t.Errorf("%q: %v", endpoint, err)
			}
		}
	}
	for _, endpoint := range []string{"tcp://127.0.0.1:*", "tcp://127.0.0.1:0", "tcp://*:5555", "ipc://*"} {
		if err := CheckBind(endpoint); err != nil {
			t.Errorf("%q: %v", endpoint, err)
		}
		if err := s.Connect(endpoint); err == nil || !strings.Contains(err.Error(), "; try ") {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	const withSource = "tcp://127.0.0.1:1;127.0.0.1:2"
	if err := CheckConnect(withSource); err != nil {
		t.Error(err)
	}
	if _, err := s.Bind(within(t), withSource); err == nil || !strings.Contains(err.Error(), "source address") {
		t.Error(err)
	}
}

// C83: an endpoint in use is an error, and its user goes on.
func TestC83EndpointInUse(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			first, push := newSocket(t, Pull), newSocket(t, Push)
			endpoint := bind(t, first, endpointOn(t, transport))
			events, monitored := monitor(t)
			second := newSocket(t, Pull, monitored)
			if _, err := second.Bind(within(t), endpoint); err == nil || !strings.Contains(err.Error(), "in use") {
				t.Error(err)
			}
			if e := events.await(EventBindFailed); e.Endpoint != endpoint || e.Err == nil {
				t.Errorf("%+v", e)
			}
			try(t, push.Connect(endpoint))
			sendParts(t, push, "x")
			expectParts(t, first, "x")
			try(t, first.Close())
			bind(t, second, endpoint)
		})
	}
}

// C84: a stale socket's file is replaced and ours is removed at the end; a file
// that is no socket stays as it is.
func TestC84SocketFiles(t *testing.T) {
	endpoint := endpointOn(t, "ipc")
	path := strings.TrimPrefix(endpoint, "ipc://")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	try(t, err)
	stale.SetUnlinkOnClose(false)
	try(t, stale.Close())

	pull, push := newSocket(t, Pull), newSocket(t, Push)
	if resolved := bind(t, pull, endpoint); resolved != endpoint {
		t.Errorf("bound %s", resolved)
	}
	try(t, push.Connect(endpoint))
	sendParts(t, push, "x")
	expectParts(t, pull, "x")
	try(t, pull.Close())
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is left: %v", path, err)
	}

	try(t, os.WriteFile(path, []byte("precious"), 0o600))
	if _, err := newSocket(t, Pull).Bind(within(t), endpoint); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Error(err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "precious" {
		t.Errorf("%q, %v", content, err)
	}
	missing := "ipc://" + filepath.Join(filepath.Dir(path), "missing", "socket")
	if _, err := newSocket(t, Pull).Bind(within(t), missing); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// C85: a connection comes from the source that was asked for.
func TestC85SourceAddress(t *testing.T) {
	l := listenRaw(t, anyPort)
	source := strings.TrimPrefix(freeEndpoint(t, "tcp"), "tcp://")
	for _, from := range []string{"127.0.0.1:0", "127.0.0.1:*", source} {
		s := newSocket(t, Push)
		try(t, s.Connect("tcp://"+from+";"+strings.TrimPrefix(l.endpoint, "tcp://")))
		p := l.meet("PULL")
		if got := p.RemoteAddr().String(); from == source && got != source || !strings.HasPrefix(got, "127.0.0.1:") {
			t.Errorf("came from %s, want %s", got, from)
		}
		sendParts(t, s, "x")
		p.expectMessage("x")
	}
	if runtime.GOOS == "linux" { // the only one where all of 127/8 is there
		s := newSocket(t, Push)
		try(t, s.Connect("tcp://127.0.0.2:0;"+strings.TrimPrefix(l.endpoint, "tcp://")))
		if got := l.meet("PULL").RemoteAddr().String(); !strings.HasPrefix(got, "127.0.0.2:") {
			t.Errorf("came from %s", got)
		}
	}
}

// C84: an abstract name leaves no file, and is in use like any other.
func TestC84AbstractName(t *testing.T) {
	endpoint := "ipc://@zcat-life-test-" + strconv.Itoa(os.Getpid())
	if runtime.GOOS != "linux" {
		if err := CheckBind(endpoint); err == nil || !strings.Contains(err.Error(), "only Linux") {
			t.Error(err)
		}
		return
	}
	t.Chdir(t.TempDir())
	pull, push := newSocket(t, Pull), newSocket(t, Push)
	bind(t, pull, endpoint)
	try(t, push.Connect(endpoint))
	sendParts(t, push, "x")
	expectParts(t, pull, "x")
	if _, err := newSocket(t, Pull).Bind(within(t), endpoint); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Error(err)
	}
	if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
		t.Errorf("%v, %v", files, err)
	}
}

// The short forms have a long form, which is its own long form.
func TestCanonical(t *testing.T) {
	for endpoint, want := range map[string]string{
		":5555":                "tcp://127.0.0.1:5555",
		"@name":                "ipc://@name",
		"./path":               "ipc://./path",
		"tcp://127.0.0.1:5555": "tcp://127.0.0.1:5555",
		"no endpoint":          "no endpoint",
	} {
		if got := Canonical(endpoint); got != want || Canonical(got) != want {
			t.Errorf("%q is %q, want %q", endpoint, got, want)
		}
	}
}

// For any fault of an endpoint, the error has fields for the operation and the
// endpoint, and wraps the system's reason.
func TestEndpointErrors(t *testing.T) {
	s := newSocket(t, Pull)
	taken := bind(t, s, anyPort)
	for _, c := range []struct {
		do       func() error
		op, at   string
		is       error
		hints    int
		contains string
	}{
		{func() error { _, err := s.Bind(t.Context(), taken); return err }, "bind", taken, syscall.EADDRINUSE, 0, ""},
		{func() error { _, err := s.Bind(t.Context(), "5555"); return err }, "bind", "5555", nil, 1, "; try "},
		{func() error { return CheckBind("tcp://127.0.0.1") }, "bind", "tcp://127.0.0.1", nil, 1, "; try "},
		{func() error { return s.Connect("tcp://*:5555") }, "connect", "tcp://*:5555", nil, 1, "; try "},
		{func() error { return CheckConnect("tcp://:1,tcp://:2") }, "connect", "tcp://:1,tcp://:2", nil, 2, " and "},
		{func() error { _, err := Probe(t.Context(), "5555"); return err }, "probe", "5555", nil, 1, ""},
		{func() error { _, err := Probe(t.Context(), freeEndpoint(t, "tcp")); return err }, "probe", "", syscall.ECONNREFUSED, 0, ""},
	} {
		err := c.do()
		var bad *EndpointError
		if !errors.As(err, &bad) {
			t.Errorf("%s %s: %v", c.op, c.at, err)
			continue
		}
		if bad.Op != c.op || c.at != "" && bad.Endpoint != c.at || len(bad.Hints) != c.hints || !strings.Contains(err.Error(), c.contains) {
			t.Errorf("%s %s: %+v, %v", c.op, c.at, bad, err)
		}
		if c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s %s: %v is not %v", c.op, c.at, err, c.is)
		}
		for _, hint := range bad.Hints {
			if CheckBind(hint) != nil && CheckConnect(hint) != nil {
				t.Errorf("%s %s: the hint %s is none", c.op, c.at, hint)
			}
		}
	}
}
