package transport

import (
	"net"
	"strings"
	"testing"
)

// A connection that is made ahead of package net is one like any other, of either family,
// and nobody who listens is told as such, and may listen later.
func TestConnectAhead(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		l, err := net.Listen("tcp", host+":0")
		if err != nil {
			t.Logf("%s: %v", host, err) // a machine without IPv6
			continue
		}
		to := parse(t, "tcp://"+l.Addr().String())
		nc, err := to.DialWithin(t.Context(), 0)
		try(t, err)
		served, err := l.Accept()
		try(t, err)
		if nc.LocalAddr().String() != served.RemoteAddr().String() {
			t.Errorf("%s is connected to %s", nc.LocalAddr(), served.RemoteAddr())
		}
		_, err = served.Write([]byte("x"))
		try(t, err)
		_, err = nc.Read(make([]byte, 1))
		try(t, err)
		try(t, served.Close())
		try(t, nc.Close())
		try(t, l.Close())
		if _, err = to.DialWithin(t.Context(), 0); !IsAbsent(err) || !strings.HasSuffix(err.Error(), "connection refused") {
			t.Errorf("%s: %v", to, err)
		}
	}
}
