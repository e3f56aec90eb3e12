package zmtp

import (
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/transport"
)

var errNoPlace = errors.New("no place")

// wsPair returns the two ends of a WebSocket that a socket of mechanism has bound.
func wsPair(t *testing.T, mechanism string) (near, far net.Conn) {
	t.Helper()
	ctx := transport.Settings{WebSocket: &transport.WebSocket{Mechanism: mechanism}}.With(t.Context())
	e, err := transport.Parse("ws://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	l, err := e.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if e, err = transport.Parse(l.Endpoint()); err != nil {
		t.Fatal(err)
	}
	if far, err = e.Dial(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = far.Close() })
	if near, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = near.Close() })
	return near, far
}

// settling lets two of our own meet; settle is that of the one that binds.
func settling(t *testing.T, near, far net.Conn, bound, connecting *Config, settle func(heard bool) error) (ours, theirs error) {
	t.Helper()
	bound.Settle = settle
	ended := make(chan error, 1)
	go func() {
		_, _, err := Handshake(far, connecting)
		ended <- err
	}()
	_, _, ours = Handshake(near, bound)
	return ours, <-ended
}

// Whoever binds is asked once whether a peer gets the last word, before it has left: a
// peer that has no place never takes the handshake for done, and one that may not be
// told before it was heard is let in once it was.
func TestSettleComesBeforeTheLastWord(t *testing.T) {
	for _, name := range []string{"NULL", "NULL, asked", "PLAIN", "CURVE"} {
		for _, client := range []bool{false, true} { // the side that binds is the mechanism's client
			for _, over := range []string{"tcp", "ws"} {
				if client && name[:4] == "NULL" {
					continue
				}
				pair := func(t *testing.T) (near, far net.Conn, bound, connecting *Config) {
					t.Helper()
					connecting, bound = mechanismConfigs(t, name)
					if client {
						bound.Security, connecting.Security = connecting.Security, bound.Security
						bound.Server, connecting.Server = false, true
						bound.Authorize, connecting.Authorize = nil, bound.Authorize
					}
					if over == "ws" {
						mechanism, _, _ := strings.Cut(name, ",")
						near, far = wsPair(t, mechanism)
						return near, far, bound, connecting
					}
					near, far = tcpPair(t)
					return near, far, bound, connecting
				}
				title := name + " over " + over
				if client {
					title += ", as the client"
				}
				t.Run(title, func(t *testing.T) {
					near, far, bound, connecting := pair(t)
					ours, theirs := settling(t, near, far, bound, connecting, func(bool) error { return errNoPlace })
					if !errors.Is(ours, errNoPlace) || theirs == nil {
						t.Errorf("without a place: %v; the peer: %v", ours, theirs)
					}
					near, far, bound, connecting = pair(t)
					var asked []bool
					ours, theirs = settling(t, near, far, bound, connecting, func(heard bool) error {
						if asked = append(asked, heard); !heard {
							return errNoPlace
						}
						return nil
					})
					if ours != nil || theirs != nil || !slices.Contains(asked, true) || slices.Index(asked, true) != len(asked)-1 {
						t.Errorf("when it was heard: %v; the peer: %v; asked %v", ours, theirs, asked)
					}
					near, far, bound, connecting = pair(t)
					times := 0
					ours, theirs = settling(t, near, far, bound, connecting, func(bool) error {
						times++
						return nil
					})
					if ours != nil || theirs != nil || times != 1 {
						t.Errorf("at once: %v; the peer: %v; asked %d times", ours, theirs, times)
					}
				})
			}
		}
	}
}

// The same for a peer that shows what it says and hears: what is not to leave before it
// was heard has not left while it is silent.
func TestSettleOfASilentPeer(t *testing.T) {
	for name, row := range map[string]struct {
		said, then string // by the peer, before and after its silence
		before     int    // bytes of ours that it has then
		last       string // the rest
	}{
		"careful": {greeting[:11], greeting[11:] + ready("DEALER"), 64, cmd("READY", prop("Socket-Type", "ROUTER"), prop("Identity", ""))},
		"libzmq":  {greeting, ready("DEALER"), 64, cmd("READY", prop("Socket-Type", "ROUTER"), prop("Identity", ""))},
		"2.0":     {oldPeer("DEALER", "it")[:11], oldPeer("DEALER", "it")[11:], 11, oldPeer("ROUTER", "")[11:]},
	} {
		for _, place := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					near, far := net.Pipe()
					c := configOf("ROUTER")
					c.Bound, c.Server = true, true
					c.Settle = func(heard bool) error {
						if heard && place {
							return nil
						}
						return errNoPlace
					}
					p := meetOn(t, c, near, far)
					heard := make(chan string, 1)
					go func() {
						b := make([]byte, 1024)
						n := 0
						for {
							k, err := far.Read(b[n:])
							if n += k; err != nil || n == row.before+len(row.last) {
								heard <- string(b[:n])
								return
							}
							if n == row.before {
								heard <- string(b[:n])
							}
						}
					}()
					p.send(row.said)
					first := <-heard
					<-time.After(2 * greetingPatience)
					synctest.Wait()
					select {
					case more := <-heard:
						t.Fatalf("it heard %q, then %q", first, more)
					default:
					}
					p.send(row.then)
					if !place {
						if got := <-heard; len(got) != row.before {
							t.Errorf("without a place it heard %q", got)
						}
						p.fails(FailureLost, errNoPlace.Error())
						return
					}
					if got := <-heard; !strings.HasSuffix(got, row.last) || len(got) != row.before+len(row.last) {
						t.Errorf("in the end it heard %q", got)
					}
					p.succeeds()
				})
			})
		}
	}
}
