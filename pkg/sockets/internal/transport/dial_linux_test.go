package transport

import (
	"context"
	"errors"
	"net"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// An address that does not answer is given up after the limit; one that does is
// connected to, by address and by name, within a limit or without.
func TestDialWithin(t *testing.T) {
	l := listen(t, ":*")
	_, port, err := net.SplitHostPort(l.Endpoint()[len("tcp://"):])
	try(t, err)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		for _, limit := range []time.Duration{0, time.Hour} {
			nc, err := parse(t, "tcp://"+host+":"+port).DialWithin(t.Context(), limit)
			if err != nil {
				t.Fatal(err)
			}
			try(t, nc.Close())
		}
	}
	silent := parse(t, deaf(t))
	for range 10 { // the first may still find room in the backlog
		nc, err := silent.DialWithin(t.Context(), 50*time.Millisecond)
		if err == nil {
			defer func() { _ = nc.Close() }()
			continue
		}
		if !errors.Is(err, context.DeadlineExceeded) || err.Error() != silent.String()+": no answer to the attempt to connect" {
			t.Error(err)
		}
		return
	}
	t.Error("somebody answered")
}

// deaf is an endpoint that accepts nothing: once its backlog is full, the kernel
// leaves attempts to connect without an answer.
func deaf(t *testing.T) string {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	try(t, err)
	t.Cleanup(func() { _ = unix.Close(fd) })
	try(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	try(t, unix.Listen(fd, 0))
	bound, err := unix.Getsockname(fd)
	try(t, err)
	return "tcp://127.0.0.1:" + strconv.Itoa(bound.(*unix.SockaddrInet4).Port)
}
