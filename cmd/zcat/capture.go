package main

import (
	"context"
	"errors"
	"fmt"
	"io"

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

// openCapture opens what --capture names.
func (b *broker) openCapture(name string, stdout io.Writer) (capture, error) {
	if isEndpoint(name) {
		return b.openCaptureSocket(name)
	}
	failed := func(err error) {
		b.verdict.add(statusFailed)
		b.say.fail("--capture %s: %v: the proxy goes on", name, err)
	}
	out, torn := stdout, false
	if name == "-" {
		stdoutFailed := failed
		failed = func(err error) {
			if readerLeft(err) {
				b.readerGone()
				return
			}
			stdoutFailed(err)
		}
		ignoreFileSizeSignal()
		watchClosed(stdout, b.readerGone)
	} else {
		f, part, err := openRecording(name)
		if err != nil {
			return capture{}, fmt.Errorf("--capture: %w", err)
		}
		out, torn = f, part
	}
	r := newRecorder(out, b.options.RecvHWMBytes, torn, failed)
	return capture{name: name, take: r.take, missed: r.missed.Load, close: r.close}, nil
}

// openCaptureSocket opens a socket that publishes.
func (b *broker) openCaptureSocket(endpoint string) (capture, error) {
	socket, err := b.open("capture", sideConfig{b.proxy.captureType, []attachment{{endpoint, !b.proxy.captureConnects}}})
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
