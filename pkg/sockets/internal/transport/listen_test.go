package transport

import (
	"errors"
	"net"
	"testing"
)

func TestPeer(t *testing.T) {
	each(t, func(t over) {
		l := listen(t, t.endpoint)
		a, b := connect(t, l, l.Endpoint())
		if got := Peer(a, l.Endpoint()); got != l.Endpoint() {
			t.Errorf("who dialled sees %q, want %q", got, l.Endpoint())
		}
		want := l.Endpoint()
		if parse(t, t.endpoint).Scheme() == schemeTCP {
			want = "tcp://" + a.LocalAddr().String()
		}
		if got := Peer(b, l.Endpoint()); got != want {
			t.Errorf("who accepted sees %q, want %q", got, want)
		}
	})
}

// Close ends a waiting Accept, and frees the endpoint.
func TestListenerClose(t *testing.T) {
	each(t, func(t over) {
		l := listen(t, t.endpoint)
		resolved := l.Endpoint()
		failed := make(chan error, 1)
		go func() {
			_, err := l.Accept()
			failed <- err
		}()
		try(t, l.Close())
		if err := <-failed; !errors.Is(err, net.ErrClosed) || err.Error() != resolved+": use of closed network connection" {
			t.Error(err)
		}
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		listen(t, resolved)
	})
}

func TestListenInUse(t *testing.T) {
	each(t, func(t over) {
		l := listen(t, t.endpoint)
		_, err := parse(t, l.Endpoint()).Listen(t.Context())
		if !isInUse(err) || err.Error() != l.Endpoint()+": address already in use" {
			t.Error(err)
		}
		connect(t, l, l.Endpoint()) // and is unharmed
	})
}

func TestDialRefused(t *testing.T) {
	each(t, func(t over) {
		l := listen(t, t.endpoint)
		resolved := l.Endpoint()
		try(t, l.Close())
		_, err := parse(t, resolved).Dial(t.Context())
		want := ": connection refused"
		if parse(t, t.endpoint).Scheme() == schemeIPC {
			want = ": no such file or directory"
		}
		if err == nil || err.Error() != resolved+want {
			t.Error(err)
		}
	})
}
