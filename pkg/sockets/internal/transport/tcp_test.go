package transport

import (
	"context"
	"errors"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// C83: a wildcard port is reported as the real one.
func TestTCPResolved(t *testing.T) {
	for endpoint, want := range map[string]string{
		":*":                "tcp://127.0.0.1:",
		"tcp://127.0.0.1:0": "tcp://127.0.0.1:",
		"tcp://localhost:*": "tcp://127.0.0.1:",
		"tcp://0.0.0.0:*":   "tcp://0.0.0.0:",
		"*:*":               "tcp://0.0.0.0:",
	} {
		l := listen(t, endpoint)
		port, ok := strings.CutPrefix(l.Endpoint(), want)
		if !ok || port == "0" || port == "*" {
			t.Errorf("%s is reported as %s", endpoint, l.Endpoint())
		}
		connect(t, l, l.Endpoint())
		connect(t, l, "tcp://127.0.0.1:"+port)
	}
}

// needIPv6 skips a test on a machine that cannot listen on ::1.
func needIPv6(tb testing.TB) {
	tb.Helper()
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		tb.Skip("no IPv6 loopback here:", err)
	}
	_ = l.Close()
}

// C85: IPv6 works, and * is every interface of both families.
func TestTCPIPv6(t *testing.T) {
	needIPv6(t)
	l := listen(t, "tcp://[::1]:*")
	if !strings.HasPrefix(l.Endpoint(), "tcp://[::1]:") {
		t.Error(l.Endpoint())
	}
	_, b := connect(t, l, l.Endpoint())
	if peer := Peer(b, ""); !strings.HasPrefix(peer, "tcp://[::1]:") {
		t.Error(peer)
	}
	l = listen(t, "*:*")
	port := l.Endpoint()[strings.LastIndexByte(l.Endpoint(), ':'):]
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		_, b := connect(t, l, "tcp://"+host+port)
		if peer := Peer(b, ""); !strings.HasPrefix(peer, "tcp://"+host+":") {
			t.Error(peer)
		}
	}
}

// 0.0.0.0 asks for IPv4 and gets only that.
func TestTCPAnyIPv4(t *testing.T) {
	needIPv6(t)
	l := listen(t, "tcp://0.0.0.0:*")
	port := l.Endpoint()[strings.LastIndexByte(l.Endpoint(), ':'):]
	if _, err := parse(t, "tcp://[::1]"+port).Dial(t.Context()); !isRefused(err) {
		t.Error(err)
	}
}

// loopback returns the name of the loopback interface.
func loopback(tb testing.TB) string {
	tb.Helper()
	all, err := net.Interfaces()
	try(tb, err)
	for _, i := range all {
		if i.Flags&net.FlagLoopback != 0 {
			return i.Name
		}
	}
	tb.Fatal("no loopback interface")
	return ""
}

func TestTCPInterface(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // its interfaces have names with blanks
	}
	l := listen(t, "tcp://"+loopback(t)+":*")
	if !strings.HasPrefix(l.Endpoint(), "tcp://127.0.0.1:") {
		t.Error(l.Endpoint())
	}
	connect(t, l, l.Endpoint())
}

// C85: a connection leaves from the given source.
func TestTCPSource(t *testing.T) {
	l := listen(t, ":*")
	target := strings.TrimPrefix(l.Endpoint(), "tcp://")
	sources := map[string]string{"127.0.0.1:0": "tcp://127.0.0.1:", "*:*": "tcp://127.0.0.1:"}
	if runtime.GOOS != "windows" {
		sources[loopback(t)+":*"] = "tcp://127.0.0.1:"
	}
	if runtime.GOOS == "linux" { // where all of 127/8 is loopback
		sources["127.0.0.2:*"] = "tcp://127.0.0.2:"
	}
	for source, want := range sources {
		_, b := connect(t, l, "tcp://"+source+";"+target)
		if peer := Peer(b, ""); !strings.HasPrefix(peer, want) {
			t.Errorf("from %s: the peer is %s", source, peer)
		}
	}
	_, err := parse(t, "tcp://no-such-nic:*;"+target).Dial(t.Context())
	if err == nil || !strings.HasSuffix(err.Error(), `the source "no-such-nic" is neither an IP address nor an interface with one`) {
		t.Error(err)
	}
}

// One source port serves connections to two endpoints.
func TestTCPSourcePort(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // elsewhere both connections would need SO_REUSEPORT too
	}
	one, two := listen(t, ":*"), listen(t, ":*")
	a, b := connect(t, one, "tcp://127.0.0.1:*;"+strings.TrimPrefix(one.Endpoint(), "tcp://"))
	source := Peer(b, "")
	connect(t, two, source+";"+strings.TrimPrefix(two.Endpoint(), "tcp://"))
	try(t, a.Close())
}

func TestTCPErrors(t *testing.T) {
	dns := &net.DNSError{Err: "no such host", Name: "nosuch", Server: "127.0.0.53:53", IsNotFound: true}
	err := cause(&net.OpError{Op: "dial", Net: "tcp", Err: dns})
	if err.Error() != `host name "nosuch": no such host` || !errors.Is(err, dns) {
		t.Error(err)
	}
	for _, late := range []error{context.DeadlineExceeded, os.ErrDeadlineExceeded} {
		err := cause(&net.OpError{Op: "dial", Net: "tcp", Err: late})
		if err.Error() != "no answer to the attempt to connect" || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}
	if runtime.GOOS != "linux" {
		return // the text is the system's
	}
	_, err = parse(t, "tcp://192.0.2.254:5555").Listen(t.Context())
	if err == nil || err.Error() != "tcp://192.0.2.254:5555: cannot assign requested address" {
		t.Error(err)
	}
}

func TestSetOptions(t *testing.T) {
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		for _, o := range []TCPOptions{
			{},
			{SendBuffer: 64 << 10, RecvBuffer: 128 << 10, KeepAlive: 30 * time.Second},
			{KeepAlive: -1},
		} {
			try(t, SetOptions(a, o))
		}
		try(t, a.Close())
		err := SetOptions(a, TCPOptions{SendBuffer: 1})
		if _, tcp := a.(*net.TCPConn); tcp && (err == nil || err.Error() != "send buffer of 1 bytes: use of closed network connection") {
			t.Error(err)
		}
		_ = b
	})
}
