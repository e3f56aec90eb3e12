package sockets

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// What decides in the middle of a proxy (Divert) gets each message back that its side
// cannot send, whatever the reason, and what stands behind it is not held up.
func TestPassGivesBackUnfit(t *testing.T) {
	for _, c := range []struct {
		kind, peer Type
		unfit, fit []string
	}{
		{Router, Dealer, []string{"alone"}, []string{"peer", "x"}},
		{Server, Client, []string{"alone"}, nil},
		{Peering, Peering, []string{"alone"}, nil},
		{Stream, Stream, []string{"alone"}, nil},
		{Scatter, Gather, []string{"two", "frames"}, []string{"x"}},
		{Channel, Channel, []string{"two", "frames"}, []string{"x"}},
		{Radio, Dish, []string{"alone"}, nil},
	} {
		t.Run(c.kind.String(), func(t *testing.T) {
			discarded := 0
			side := newSocket(t, c.kind, func(o *Options) {
				o.Mandatory = true
				o.Monitor = func(e Event) {
					if e.Kind == EventDiscarded {
						discarded++
					}
				}
			})
			peer := dialed(t, c.peer, mustBind(t, side), func(o *Options) {
				if c.peer == Dealer {
					o.Identity = []byte("peer")
				}
			})
			eventually(t, func() bool { return side.Stats().Peers == 1 })
			p, err := NewProxy(side, newSocket(t, Dealer), ProxyOptions{
				Divert: func(context.Context, Side, *frames.Batch) error { return nil },
			})
			try(t, err)
			var b frames.Batch
			b.Append(frames.Strings(c.unfit...))
			if c.fit != nil {
				b.Append(frames.Strings(c.fit...))
			}
			var unfit *UnfitError
			if err := p.Pass(t.Context(), Front, &b); !errors.As(err, &unfit) || !errors.Is(err, ErrMessage) {
				t.Fatalf("Pass = %v, want an UnfitError", err)
			}
			if want := frames.Strings(c.unfit...); !slices.EqualFunc(unfit.Message, want, bytes.Equal) {
				t.Errorf("it gave back %q, want %q", unfit.Message, want)
			}
			try(t, p.Pass(t.Context(), Front, &b))
			if c.fit != nil {
				mustRecv(t, peer, "x")
			}
			stats, _ := p.Stats()
			if want := uint64(min(1, len(c.fit))); stats.Sent != want || stats.Dropped != 1 || discarded != 0 {
				t.Errorf("sent %d, dropped %d, discarded %d: want %d, 1, 0", stats.Sent, stats.Dropped, discarded, want)
			}
		})
	}
}

// A report names no more of a routing id than one can have: whoever made the message
// decides how long it is.
func TestUnroutableNamesShortly(t *testing.T) {
	for _, n := range []int{1, 255, 256, 1 << 20} {
		err := &UnroutableError{RoutingID: []byte(strings.Repeat("x", n))}
		if text := err.Error(); len(text) > 600 || n <= 255 && !strings.HasSuffix(text, strings.Repeat("78", n)) || n > 255 && !strings.Contains(text, "bytes") {
			t.Errorf("%d bytes: %.700s", n, text)
		}
	}
}
