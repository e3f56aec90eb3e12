package broker

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/paths"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// Capture is one --capture.
type Capture struct {
	Name   string
	take   func(sockets.Side, *frames.Batch)
	Missed func() uint64 // messages that were not captured
	close  func(context.Context)
}

// asView shows the messages to people. What a ROUTER hands to a DEALER is still
// what the ROUTER received, and the other way round.
func (b *broker) asView(w io.Writer) recordForm {
	var kinds [2]sockets.Type
	for i, side := range b.asked.Sides {
		if kinds[i] = side.Kind; b.asked.Sides[1-i].Kind == sockets.Router {
			kinds[i] = sockets.Router
		}
	}
	shown := stream.NewViewer(b.shown.Colour, 0, w)
	return func(dst []byte, s stretch, batch *frames.Batch, _ io.Writer) ([]byte, error) {
		shown.Width = shown.Columns()
		m := view.Message{Kind: kinds[s.from], Way: view.FrontToBack, Time: s.time, Peer: batch.Source().Peer}
		if s.from == sockets.Back {
			m.Way = view.BackToFront
		}
		m.Frames = batch.Next()
		return shown.Append(dst, m), nil
	}
}

// openCapture opens what --capture names.
func (b *broker) openCapture(name string, stdout io.Writer) (Capture, error) {
	if line.IsEndpoint(name) {
		return b.openCaptureSocket(name)
	}
	failed := func(err error) {
		b.Verdict.Add(outcome.Failed)
		b.Say.Fail("--capture %s: %v: the proxy goes on", name, err)
	}
	open, form := func() (io.Writer, bool, error) { return stdout, false, nil }, asRecord()
	switch {
	case name == line.StdoutName:
		stdoutFailed := failed
		failed = func(err error) {
			if stream.ReaderLeft(err) {
				b.ReaderGone()
				return
			}
			stdoutFailed(err)
		}
		if b.shown.Out.View {
			form = b.asView(stdout)
		}
		stream.IgnoreFileSizeSignal()
		stream.WatchClosed(stdout, b.ReaderGone)
	case paths.KindOf(name) == paths.FIFO:
		// Opening it waits for a reader; the proxy does not.
		open = func() (io.Writer, bool, error) { return stream.AppendTo(name, 0) }
	default:
		f, torn, err := stream.AppendTo(name, 0)
		if err != nil {
			return Capture{}, fmt.Errorf("--capture: %w", say.Plain(err))
		}
		open = func() (io.Writer, bool, error) { return f, torn, nil }
	}
	r := newRecorder(open, b.options.RecvHWMBytes, form, failed)
	return Capture{Name: name, take: r.take, Missed: r.missed.Load, close: r.close}, nil
}

// openCaptureSocket opens a socket that publishes.
func (b *broker) openCaptureSocket(endpoint string) (Capture, error) {
	socket, err := b.open("capture", sideConfig{b.asked.captureType, []line.Attachment{{Endpoint: endpoint, Bind: !b.asked.captureConnects}}})
	if err != nil {
		return Capture{}, fmt.Errorf("--capture: %w", err)
	}
	lost := uint64(0) // with what was left when it closed
	return Capture{
		Name: endpoint, take: sockets.CaptureTo(socket),
		Missed: func() uint64 {
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
