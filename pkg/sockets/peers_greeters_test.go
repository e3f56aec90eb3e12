package sockets

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// TestPeersGreetAsLibzmq: a ROUTER with the options that tell of peers receives, and sends
// first, what libzmq's with the same options does, over every transport. They differ in
// one thing: libzmq tells that a peer has left before its disconnect_msg, we after all
// that is received of it.
func TestPeersGreetAsLibzmq(t *testing.T) {
	if os.Getenv("ZCAT_PEERS") == "" {
		t.Skip("make peers")
	}
	there, left, gone, said := []string{"it", ""}, []string{"it", ""}, []string{"it", "gone"}, []string{"it", "hello"}
	notify := func(o *Options) { o.NotifyJoined, o.NotifyLeft = true, true }
	parting := func(o *Options) { o.Parting = []byte("gone") }
	greets := func(o *Options) { o.Hello = []frames.Message{frames.Strings("hi")} }
	for _, c := range []struct {
		name         string
		flags        []string
		options      []Option
		theirs, ours [][]string
	}{
		{"router_notify", []string{"-o", "router_notify=3"}, []Option{notify}, [][]string{there, said, left}, nil},
		{"joined", []string{"-o", "router_notify=1"}, []Option{func(o *Options) { o.NotifyJoined = true }}, [][]string{there, said}, nil},
		{"left", []string{"-o", "router_notify=2"}, []Option{func(o *Options) { o.NotifyLeft = true }}, [][]string{said, left}, nil},
		{"disconnect_msg", []string{"-o", "disconnect_msg=gone"}, []Option{parting}, [][]string{said, gone}, nil},
		{"hello_msg", []string{"-o", "hello_msg=hi"}, []Option{greets}, [][]string{said}, nil},
		{
			"all",
			[]string{"-o", "router_notify=3", "-o", "disconnect_msg=gone", "-o", "hello_msg=hi"},
			[]Option{notify, parting, greets},
			[][]string{there, said, left, gone},
			[][]string{there, said, gone, left},
		},
	} {
		for _, transport := range []string{anyPort, "ws://127.0.0.1:*", "ipc"} {
			t.Run(c.name+"/"+transport, func(t *testing.T) {
				file, path := filepath.Join(t.TempDir(), "endpoint"), transport
				if transport == "ipc" {
					path = "ipc://" + filepath.Join(t.TempDir(), "s")
				}
				greeted := c.name == "hello_msg" || c.name == "all"
				z := startDrafts(t, Router, append([]string{"--bind", path, "--endpoint-file", file}, c.flags...)...)
				visit(t, awaitEndpoint(within(t), t, file), greeted)
				for _, want := range c.theirs {
					z.prints(frames.Strings(want...))
				}
				if transport == "ipc" {
					path += "2"
				}
				s := newSocket(t, Router, c.options...)
				visit(t, bind(t, s, path), greeted)
				if c.ours == nil {
					c.ours = c.theirs
				}
				for _, want := range c.ours {
					expectParts(t, s, want...)
				}
			})
		}
	}
}

// visit is a DEALER that comes, is greeted, says hello and leaves.
func visit(t *testing.T, endpoint string, greeted bool) {
	t.Helper()
	d, err := New(Dealer, func(o *Options) { o.Identity = []byte("it") })
	try(t, err)
	try(t, d.Connect(endpoint))
	sendParts(t, d, "hello")
	if greeted {
		expectParts(t, d, "hi")
	}
	try(t, d.WaitPeers(within(t), 1))
	try(t, d.Close())
}
