// Package capture copies the messages that pass through a command to files, to
// stdout and to sockets: what --capture asks for.
package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/zcat/zcat/cmd/zcat/internal/ladder"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/paths"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// Place is the command that messages pass through.
type Place struct {
	*life.Life
	Name    string      // of the command, for people
	Shown   line.Output // how stdout shows what --capture - prints
	Stdout  io.Writer
	Prints  io.Writer // to stdout, beside all else that shows on its terminal
	Records io.Writer // the same for records
	Limit   int       // bytes that may wait for a slow reader of a file; 0 is no limit
	// Open opens the socket of a capture, which is then the capture's to close.
	Open func(sockets.Type, line.Attachment) (*sockets.Socket, error)
	// Look returns the view of a message between two sockets of the command.
	Look func(from, to string) view.Message
}

// Capture is one --capture.
type Capture struct {
	Name   string
	Take   func(from, to string, b *frames.Batch) // see Captures.Take
	Missed func() uint64                          // messages that were not captured
	Close  func(context.Context)
}

// Captures are those of a command.
type Captures []Capture

// Open opens all that is asked for, in its order. Where one fails, it returns those
// before it, too: they are to be closed.
func Open(asked *Asked, at Place) (all Captures, err error) {
	for _, name := range asked.Names {
		c, err := at.capture(asked, name)
		if err != nil {
			return all, fmt.Errorf("--capture: %w", err)
		}
		all = append(all, c)
	}
	return all, nil
}

// Take copies the messages of b, which came from one socket of the command and went
// to another; each is a name, "" where it is not known. It serves any number of
// goroutines, neither waits nor keeps b, and what there is no room for is counted.
func (all Captures) Take(from, to string, b *frames.Batch) {
	for _, c := range all {
		c.Take(from, to, b)
	}
}

// Missed returns the number of messages that were not captured, the sum of all captures.
func (all Captures) Missed() uint64 {
	n := uint64(0)
	for _, c := range all {
		n += c.Missed()
	}
	return n
}

// Close writes and sends what was taken, as long as ctx allows.
func (all Captures) Close(ctx context.Context) {
	var closing sync.WaitGroup
	for _, c := range all {
		closing.Go(func() { c.Close(ctx) })
	}
	closing.Wait()
}

// Sum says at the end what each has missed.
func (all Captures) Sum(voice *say.Speech) {
	for _, c := range all {
		if n := c.Missed(); n > 0 {
			voice.Notice("%s not captured by %s", say.Plural(n, "message"), c.Name)
		}
	}
}

// Expose adds to the metrics what each has missed.
func (all Captures) Expose(add func(name, kind, help string, value uint64, labels ...string)) {
	for i, c := range all {
		add("uncaptured_messages_total", "counter", "Messages that a capture missed.", c.Missed(), "capture", c.Name, "number", strconv.Itoa(i+1))
	}
}

// capture opens what one --capture names.
func (at *Place) capture(asked *Asked, name string) (Capture, error) {
	if line.IsEndpoint(name) {
		return at.toSocket(asked.kind, asked.attachment(name))
	}
	failed := func(err error) {
		at.Verdict.Add(outcome.Failed)
		at.Say.Fail("--capture %s: %v: the %s goes on", name, err, at.Name)
	}
	open, form := func() (io.Writer, bool, error) { return at.Prints, false, nil }, asRecord()
	switch {
	case name == line.StdoutName:
		stdoutFailed := failed
		failed = func(err error) {
			if stream.ReaderLeft(err) {
				at.ReaderGone()
				return
			}
			stdoutFailed(err)
		}
		switch {
		case at.Shown.Ladder:
			form = at.asLadder()
		case at.Shown.Out.View:
			form = at.asView()
		default:
			open = func() (io.Writer, bool, error) { return at.Records, false, nil }
		}
		stream.IgnoreFileSizeSignal()
		stream.WatchClosed(at.Stdout, at.ReaderGone)
	case paths.KindOf(name) == paths.FIFO:
		// Its opening waits for a reader, whom the command does not wait for.
		open = func() (io.Writer, bool, error) { return stream.AppendTo(name, 0) }
	default:
		f, torn, err := stream.AppendTo(name, 0)
		if err != nil {
			return Capture{}, say.Plain(err)
		}
		open = func() (io.Writer, bool, error) { return f, torn, nil }
	}
	r := newRecorder(open, at.Limit, form, failed)
	return Capture{Name: name, Take: r.take, Missed: r.missed.Load, Close: r.close}, nil
}

// asView shows the messages to people.
func (at *Place) asView() recordForm {
	shown := stream.NewViewer(at.Shown, 0, at.Stdout)
	return func(dst []byte, s stretch, batch *frames.Batch, _ io.Writer) ([]byte, error) {
		shown.Width = shown.Columns()
		m := at.Look(s.from, s.to)
		m.Time, m.Peer = s.time, batch.Source().Peer
		m.Frames = batch.Next()
		return shown.Append(dst, m), nil
	}
}

// asLadder draws a sequence diagram. The sockets of the command have the names of their
// endpoints, or their own where a peer has the same.
func (at *Place) asLadder() recordForm {
	text := ladder.Text{Color: at.Shown.Colour.Onto(at.Stdout), ASCII: !say.UTF8()}
	return func(dst []byte, s stretch, batch *frames.Batch, _ io.Writer) ([]byte, error) {
		text.Width = say.Columns(at.Stdout)
		source, m := batch.Source(), at.Look(s.from, s.to)
		a := ladder.Arrow{Time: s.time, From: ladder.Party{Name: source.Peer}, To: ladder.Party{Name: source.Endpoint}, Way: s.from}
		if a.From.Name == a.To.Name && s.from != "" {
			a.To.Name = s.from
		}
		if s.to != "" { // what a hub sends
			a.From.Name, a.To.Name, a.OneWay = at.Name, s.to, true
		}
		m.Frames = batch.Next()
		a.Frames, a.Envelope = m.Frames, view.Envelope(m)
		return text.Flush(text.Append(dst, a)), nil
	}
}

// toSocket opens a socket that publishes.
func (at *Place) toSocket(kind sockets.Type, a line.Attachment) (Capture, error) {
	socket, err := at.Open(kind, a)
	if err != nil {
		return Capture{}, err
	}
	send := sockets.CaptureTo(socket)
	var lost atomic.Uint64 // with what was left when it closed
	return Capture{
		Name: a.Endpoint, Take: func(_, _ string, b *frames.Batch) { send(sockets.Front, b) },
		Missed: func() uint64 {
			stats := socket.Stats()
			return stats.Dropped + stats.Lost + stats.Unmet + lost.Load()
		},
		Close: func(ctx context.Context) {
			var left *sockets.UnsentError
			if errors.As(socket.CloseContext(ctx), &left) {
				lost.Store(uint64(left.Messages))
			}
		},
	}, nil
}
