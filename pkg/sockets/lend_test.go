package sockets

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// noise returns size bytes that no others are like.
func noise(seed uint64, size int) []byte {
	var key [32]byte
	key[0] = byte(seed)
	body := make([]byte, size)
	_, _ = rand.NewChaCha8(key).Read(body) // it cannot fail
	return body
}

// A message is the caller's again when Send returns, whatever its length and the
// transport, and arrives as it was.
func TestSendLent(t *testing.T) {
	for _, endpoint := range []string{anyPort, "ipc://*", "inproc://lent"} {
		for _, pair := range [][2]Type{{Push, Pull}, {Dealer, Dealer}, {Pair, Pair}} {
			t.Run(endpoint+" "+pair[0].String(), func(t *testing.T) {
				from, to := newSocket(t, pair[0]), newSocket(t, pair[1])
				join(t, to, from, endpoint)
				var all []frames.Message
				for i, size := range []int{lentSize - 1, lentSize, 2 << 20, 1, lentFront} {
					body := noise(uint64(i), size)
					all = append(all, frames.Message{body}, frames.Message{{}, []byte("id"), body},
						frames.Message{noise(7, lentFront-1), body}, frames.Message{noise(8, lentFront+1), body}, frames.Message{body, nil})
				}
				go func() {
					for _, m := range all {
						m = m.Clone()
						if err := from.Send(within(t), m); err != nil {
							t.Error(err)
						}
						for _, frame := range m {
							clear(frame)
						}
					}
				}()
				for i, want := range all {
					got, err := to.Recv(within(t))
					try(t, err)
					if !bytes.Equal(framing.AppendMessage(nil, got), framing.AppendMessage(nil, want)) {
						t.Fatalf("message %d is not what was sent", i)
					}
				}
				if n := from.Stats().Sent; n != uint64(len(all)) {
					t.Errorf("%d sent, want %d", n, len(all))
				}
			})
		}
	}
}

// A long message to a peer that does not read waits as a copy, and leaves with the next
// connection where that peer goes.
func TestSendLentToWhoDoesNotRead(t *testing.T) {
	for _, leaves := range []bool{false, true} {
		s := newSocket(t, Push)
		l := listenRaw(t, anyPort)
		try(t, s.Connect(l.endpoint))
		p := l.meet("PULL")
		try(t, s.WaitPeers(within(t), 1))
		var want []byte
		for seed := range uint64(3) {
			body := noise(seed, 6<<20) // more than the kernel takes
			want = framing.AppendFrame(want, body, false)
			try(t, s.Send(within(t), frames.Message{body}))
			clear(body)
		}
		if leaves {
			_, err := io.CopyN(io.Discard, p.in, 1<<20)
			try(t, err)
			try(t, p.Close())
			p = l.meet("PULL")
		}
		got := make([]byte, len(want))
		_, err := io.ReadFull(p.in, got)
		try(t, err)
		if !bytes.Equal(got, want) {
			t.Errorf("leaves %v: other bytes came", leaves)
		}
	}
}
