package sockets

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestC79PairExclusive refuses a second peer, whose data never surfaces, and
// takes a new one after the first has left.
func TestC79PairExclusive(t *testing.T) {
	log, watch := monitor(t)
	pair := newSocket(t, Pair, watch)
	endpoint := bind(t, pair, anyPort)
	first := meet(t, endpoint, "PAIR")
	first.send(message("one"))
	expectParts(t, pair, "one")
	second := dialRaw(t, endpoint)
	second.greet(1)
	second.send(ready("PAIR"), message("of the second"))
	second.expectCommand("READY")
	if e := log.await(EventPeerRefused); !errors.Is(e.Err, errPaired) || e.Peer != "tcp://"+second.LocalAddr().String() {
		t.Errorf("event %+v", e)
	}
	if reason := second.expectCommand("ERROR"); !strings.Contains(reason, "PAIR") {
		t.Errorf("the peer is told %q", reason)
	}
	second.expectClosed()
	first.send(message("two"))
	expectParts(t, pair, "two")
	sendParts(t, pair, "reply")
	first.expectMessage("reply")

	first.hangUp()
	eventually(t, func() bool { return pair.Stats().Peers == 0 })
	third := meet(t, endpoint, "PAIR")
	third.send(message("three"))
	expectParts(t, pair, "three")
	sendParts(t, pair, "reply")
	third.expectMessage("reply")
}

// TestC79PairReconnects keeps its queue for the peer that it connected to.
func TestC79PairReconnects(t *testing.T) {
	l := listenRaw(t, anyPort)
	pair := newSocket(t, Pair, func(o *Options) { o.ReconnectMin = time.Millisecond })
	try(t, pair.Connect(l.endpoint))
	p := l.meet("PAIR")
	p.hangUp()
	eventually(t, func() bool { return pair.Stats().Peers == 0 })
	p = l.meet("PAIR")
	sendParts(t, pair, "hello")
	p.expectMessage("hello")
	p.send(message("reply"))
	expectParts(t, pair, "reply")
}

// TestC79Unread delivers what a peer sent before it left, ahead of its
// successor's.
func TestC79Unread(t *testing.T) {
	pair := newSocket(t, Pair)
	endpoint := bind(t, pair, anyPort)
	first := meet(t, endpoint, "PAIR")
	first.send(message("last words"))
	first.settle()
	first.hangUp()
	eventually(t, func() bool { return pair.Stats().Peers == 0 })
	second := meet(t, endpoint, "PAIR")
	second.send(message("first words"))
	second.settle()
	expectParts(t, pair, "last words")
	expectParts(t, pair, "first words")
}

// TestC79LostQueue counts what was queued for a peer that left for good.
func TestC79LostQueue(t *testing.T) {
	pair := newSocket(t, Pair, func(o *Options) { o.SendHWM = 4 })
	p := meet(t, bind(t, pair, anyPort), "PAIR")
	try(t, pair.WaitPeers(within(t), 1))
	fillUp(t, pair, make([]byte, 1<<20))
	p.hangUp()
	eventually(t, func() bool { return pair.Stats().Lost > 0 })
}
