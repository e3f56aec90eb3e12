package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// draining is a session of pull that gets a signal, and two peers of it.
type draining struct {
	*session
	t     *testing.T
	peers [2]*sockets.Socket
	taken []string // the first frames of what was taken
	ebbed func()   // called once nothing more is taken from peers, if it is set
}

func newDraining(t *testing.T) *draining {
	t.Helper()
	c := &config{}
	d := &draining{t: t, session: &session{
		config: c, life: newLife(c, streams{say: &speech{w: io.Discard}}), witness: &witness{}, output: newOutput(c, io.Discard),
	}}
	t.Cleanup(d.kill)
	d.socket = d.open(sockets.Pull, func(o *sockets.Options) {
		o.Monitor = func(e sockets.Event) {
			if e.Kind == sockets.EventClosed && d.ebbed != nil {
				d.ebbed()
			}
		}
	})
	endpoint, err := d.socket.Bind(t.Context(), "tcp://127.0.0.1:*")
	for i := range d.peers {
		d.peers[i] = d.open(sockets.Push)
		err = errors.Join(err, d.peers[i].Connect(endpoint))
	}
	if err = errors.Join(err, d.socket.WaitPeers(t.Context(), len(d.peers))); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *draining) open(kind sockets.Type, options ...sockets.Option) *sockets.Socket {
	d.t.Helper()
	s, err := sockets.New(kind, append(options, func(o *sockets.Options) { o.Linger = 0 })...)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = s.Close() })
	return s
}

// send has the peers send n messages in turn, and waits until they are there.
func (d *draining) send(n int) (sent []string) {
	for i := range n {
		sent = append(sent, fmt.Sprintf("%02d", i))
		if err := d.peers[i%2].Send(d.t.Context(), frames.Strings(sent[i], strings.Repeat("x", 10<<10))); err != nil {
			d.t.Error(err)
		}
	}
	again, late := time.NewTicker(time.Millisecond), time.After(time.Minute)
	defer again.Stop()
	for d.socket.Stats().Waiting < n {
		select {
		case <-again.C:
		case <-late:
			d.t.Errorf("%d messages were sent: %+v", n, d.socket.Stats())
			return sent
		}
	}
	return sent
}

func (d *draining) take(b *frames.Batch) error {
	for b.Len() > 0 {
		d.taken = append(d.taken, string(frames.ParseMessage(nil, b.Next())[0]))
	}
	slices.Sort(d.taken)
	return nil
}

// TestSignalDrains: what reaches a socket's queues while a signal ends its command
// is still printed, of each peer: a reader had begun to read it.
func TestSignalDrains(t *testing.T) {
	d := newDraining(t)
	var sent []string
	d.ebbed = func() { sent = d.send(2) }
	d.halt()
	if err := d.receiveAll(d.stop, d.take); !errors.Is(err, errHalted) {
		t.Error(err)
	}
	d.ebbed = nil
	if len(sent) != 2 || !slices.Equal(d.taken, sent) {
		t.Errorf("%q came, and %q was taken", sent, d.taken)
	}
}

// TestDrain: all that waits is printed, in however many batches, but no more than
// is left of --count, and nothing for a reader of stdout that left.
func TestDrain(t *testing.T) {
	const count = 30 // more than a batch
	for left, want := range map[int]int{0: count, 1: 1, 9: 9, count: count, count + 1: count} {
		d := newDraining(t)
		sent := d.send(count)
		if err := d.drain(new(frames.Batch), left, d.take); !errors.Is(err, errHalted) {
			t.Error(err)
		}
		if len(d.taken) != want || want == count && !slices.Equal(d.taken, sent) {
			t.Errorf("%d left of --count: %q", left, d.taken)
		}
		if last := left > 0 && want == left; d.output.final() != last {
			t.Errorf("%d left of --count: the last was printed: %v", left, !last)
		}
	}
	d := newDraining(t)
	d.send(count)
	d.deserted.Store(true)
	if err := d.drain(new(frames.Batch), 0, d.take); !errors.Is(err, errHalted) || len(d.taken) > 0 {
		t.Errorf("nobody reads: %v, %q", err, d.taken)
	}
	d.deserted.Store(false)
	failure := errors.New("stdout is full")
	if err := d.drain(new(frames.Batch), 0, func(*frames.Batch) error { return failure }); !errors.Is(err, failure) {
		t.Errorf("stdout is full: %v", err)
	}
}
