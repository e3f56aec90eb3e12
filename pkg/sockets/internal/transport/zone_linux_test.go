package transport

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"
)

// inRoom is set in a process that has a network of its own.
const inRoom = "ZCAT_TEST_ROOM"

// TestZone binds and connects a link-local address, by itself and from itself,
// within a limit or without. The test runs again in a network of its own, with
// such an address on its loopback.
func TestZone(t *testing.T) {
	if !inOwnNetwork(t, "ip link set lo up", "ip address add fe80::77/64 dev lo nodad") {
		return
	}
	l := listen(t, "tcp://[fe80::77%lo]:*")
	if !strings.HasPrefix(l.Endpoint(), "tcp://[fe80::77%lo]:") {
		t.Errorf("listening on %s", l.Endpoint())
	}
	// The kernel gives a new address its route in its own time.
	again, late := time.NewTicker(time.Millisecond), time.After(60*time.Second)
	defer again.Stop()
	for routed := false; !routed; {
		nc, err := parse(t, l.Endpoint()).DialWithin(t.Context(), 0)
		if err == nil {
			err = nc.Close()
		}
		routed = !errors.Is(err, syscall.ENETUNREACH)
		select {
		case <-again.C:
		case <-late:
			t.Fatal(err)
		}
	}
	source := "tcp://[fe80::77%lo]:0;" + strings.TrimPrefix(l.Endpoint(), "tcp://")
	for _, endpoint := range []string{l.Endpoint(), source} {
		for _, limit := range []time.Duration{0, time.Hour} {
			nc, err := parse(t, endpoint).DialWithin(t.Context(), limit)
			if err != nil {
				t.Fatalf("%s within %v: %v", endpoint, limit, err)
			}
			if peer := Peer(nc, endpoint); peer != l.Endpoint() {
				t.Errorf("the peer is %s", peer)
			}
			try(t, nc.Close())
		}
	}
}

// A looked-up address keeps its zone; an address in the text is not looked up at
// all.
func TestLookUp(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1", "fe80::77%no-such", "fe80::77%1", "::ffff:1.2.3.4"} {
		addrs, err := lookUp(t.Context(), host)
		if err != nil || len(addrs) != 1 {
			t.Fatalf("%s: %v, %v", host, addrs, err)
		}
		want := strings.TrimPrefix(host, "::ffff:")
		if got := addrs[0].String(); got != want {
			t.Errorf("%s became %s", host, got)
		}
	}
	addrs, err := lookUp(t.Context(), "localhost")
	if err != nil || len(addrs) == 0 || !addrs[0].IP.IsLoopback() {
		t.Errorf("localhost is %v, %v", addrs, err)
	}
}
