package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// capture is one --capture.
type capture struct {
	name   string
	take   func(sockets.Side, *frames.Batch)
	missed func() uint64 // messages that were not captured
	close  func(context.Context)
}

// asView shows the messages to people. What a ROUTER gives a DEALER is still what
// the ROUTER received, and the other way round.
func (b *broker) asView(w io.Writer) recordForm {
	var kinds [2]sockets.Type
	for i, side := range b.asked.sides {
		if kinds[i] = side.kind; b.asked.sides[1-i].kind == sockets.Router {
			kinds[i] = sockets.Router
		}
	}
	shown := newViewer(b.shown.colour, 0, w)
	return func(dst []byte, s stretch, batch *frames.Batch, _ io.Writer) ([]byte, error) {
		shown.Width = shown.columns()
		m := view.Message{Kind: kinds[s.from], Way: view.FrontToBack, Time: s.time, Peer: batch.Source().Peer}
		if s.from == sockets.Back {
			m.Way = view.BackToFront
		}
		m.Frames = batch.Next()
		return shown.Append(dst, m), nil
	}
}

// openCapture opens what --capture names.
func (b *broker) openCapture(name string, stdout io.Writer) (capture, error) {
	if isEndpoint(name) {
		return b.openCaptureSocket(name)
	}
	failed := func(err error) {
		b.verdict.add(statusFailed)
		b.say.fail("--capture %s: %v: the proxy goes on", name, err)
	}
	open, form := func() (io.Writer, bool, error) { return stdout, false, nil }, asRecord()
	switch {
	case name == stdoutName:
		stdoutFailed := failed
		failed = func(err error) {
			if readerLeft(err) {
				b.readerGone()
				return
			}
			stdoutFailed(err)
		}
		if b.shown.out.view {
			form = b.asView(stdout)
		}
		ignoreFileSizeSignal()
		watchClosed(stdout, b.readerGone)
	case kindOfPath(name) == pathFIFO:
		// Its opening waits for a reader, whom the proxy does not wait for.
		open = func() (io.Writer, bool, error) { return appendTo(name, 0) }
	default:
		f, torn, err := appendTo(name, 0)
		if err != nil {
			return capture{}, fmt.Errorf("--capture: %w", plain(err))
		}
		open = func() (io.Writer, bool, error) { return f, torn, nil }
	}
	r := newRecorder(open, b.options.RecvHWMBytes, form, failed)
	return capture{name: name, take: r.take, missed: r.missed.Load, close: r.close}, nil
}

// openCaptureSocket opens a socket that publishes.
func (b *broker) openCaptureSocket(endpoint string) (capture, error) {
	socket, err := b.open("capture", sideConfig{b.asked.captureType, []attachment{{endpoint, !b.asked.captureConnects}}})
	if err != nil {
		return capture{}, fmt.Errorf("--capture: %w", err)
	}
	lost := uint64(0) // with what was left when it closed
	return capture{
		name: endpoint, take: sockets.CaptureTo(socket),
		missed: func() uint64 {
			stats := socket.Stats()
			return stats.Dropped + stats.Lost + lost
		},
		close: func(ctx context.Context) {
			var left *sockets.UnsentError
			if errors.As(socket.CloseContext(ctx), &left) {
				lost = uint64(left.Messages)
			}
		},
	}, nil
}
