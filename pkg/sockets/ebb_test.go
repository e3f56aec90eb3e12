package sockets

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// A proxy that is told to end while its received messages wait for a back that is
// not there takes nothing new, and counts all messages that it could not pass on.
func TestTerminatedProxyTakesNothingNew(t *testing.T) {
	for _, c := range []struct {
		name        string
		front, back Type
		client      Type
	}{
		{"streamer", Pull, Push, Push},
		{"queue", Router, Dealer, Dealer},
	} {
		t.Run(c.name, func(t *testing.T) {
			front, back := newSocket(t, c.front), newSocket(t, c.back)
			frontEP := mustBind(t, front)
			mustBind(t, back)
			p := proxyOf(t, front, back)
			drain, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			ended := make(chan error, 1)
			go func() { ended <- p.Run(t.Context(), drain) }()
			old := meet(t, frontEP, c.client.String())
			old.send(message("", "one"), message("", "two"))
			eventually(t, func() bool { return front.waiting() == 2 })
			p.Terminate()
			_, address := netAddress(frontEP)
			eventually(t, func() bool {
				nc, err := net.Dial("tcp", address)
				if err == nil {
					_ = nc.Close()
				}
				return err != nil
			})
			// A reader that waited takes what comes next, and that counts too.
			old.send(message("", "three"))
			giveUp()
			var left *UnsentError
			if err := <-ended; !errors.As(err, &left) || left.Messages < 2 {
				t.Errorf("ended with %v", err)
			}
			if st := front.Stats(); left != nil && left.Messages > int(st.Received)+st.Waiting {
				t.Errorf("%d left of %+v", left.Messages, st)
			}
		})
	}
}

// Both directions of a proxy count the messages that they leave.
func TestProxyCountsBothWays(t *testing.T) {
	front, back := newSocket(t, Pair), newSocket(t, Pair)
	p := proxyOf(t, front, back)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, s := range []*Socket{front, back} {
		q := newPeer(s, "test", true)
		s.mu.Lock()
		q.deliverMessage(framing.AppendFrame(nil, []byte("left"), false))
		s.mu.Unlock()
	}
	p.Terminate()
	var left *UnsentError
	if err := p.Run(t.Context(), gone); !errors.As(err, &left) || left.Messages != 2 {
		t.Errorf("ended with %v", err)
	}
}

// Messages that an ebbing socket has received can be taken, and those to be sent
// leave.
func TestEbb(t *testing.T) {
	dealer := newSocket(t, Dealer)
	p := meet(t, bind(t, dealer, anyPort), "ROUTER")
	p.send(message("before"))
	eventually(t, func() bool { return dealer.waiting() == 1 })
	dealer.Ebb()
	dealer.Ebb()
	expectParts(t, dealer, "before")
	sendParts(t, dealer, "still")
	p.expectMessage("still")
	// A peer that messages are queued for may still come.
	meet(t, dealer.somewhere(), "ROUTER")
}
