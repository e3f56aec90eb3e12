package sockets

import (
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// What a peer sent and nobody took, and what waits for one that is not there.
func TestPeerStats(t *testing.T) {
	router := newSocket(t, Router)
	at := bind(t, router, anyPort)
	dealer := newSocket(t, Dealer, func(o *Options) { o.Identity = []byte("me") })
	try(t, dealer.Connect(at))
	for range 3 {
		try(t, dealer.Send(t.Context(), frames.Strings("hello")))
	}
	eventually(t, func() bool { return router.waiting() == 3 })
	all := router.PeerStats()
	if len(all) != 1 || string(all[0].ID) != "me" || all[0].Waiting != 3 || all[0].Queued != 0 || !all[0].Connected || all[0].Endpoint != at || all[0].Peer == at {
		t.Errorf("%+v", all)
	}
	push := newSocket(t, Push, func(o *Options) { o.Linger = 0 })
	none := "ipc://" + t.TempDir() + "/none"
	try(t, push.Connect(none))
	for range 2 {
		try(t, push.Send(t.Context(), frames.Strings("hello")))
	}
	all = push.PeerStats()
	if len(all) != 1 || all[0].ID != nil || all[0].Waiting != 0 || all[0].Queued != 2 || all[0].Connected || all[0].Peer != none {
		t.Errorf("%+v", all)
	}
	try(t, router.Close())
	if all := router.PeerStats(); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}
