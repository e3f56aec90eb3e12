package board

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// listen reads the command's lines to their end, and returns nil there.
func (b *Board) listen() error {
	var message frames.Batch
	answers := slices.ContainsFunc(b.ports, func(p *port) bool { return p.Answers })
	decoder := frames.NewDecoder(b.From, frames.JSON, frames.DecoderOptions{Peers: answers, MaxLine: b.longestLine(), Grown: life.Sweep})
	for {
		err := decoder.DecodeOrders(&message, func(o *frames.Order) error { return b.perform(o, &message) })
		for _, p := range b.ports {
			p.out.flush()
		}
		var bad *frames.LineError
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, outcome.ErrHalted):
			if b.Hard.Err() != nil && decoder.Midway() { // as below, without a look at the end
				b.broken.Store(1)
			}
			return outcome.ErrHalted
		case !errors.As(err, &bad):
			return fmt.Errorf("reading %s: %w", b.Name, err)
		case bad.Cut && b.Hard.Err() != nil: // we ended the command
			b.broken.Store(1)
		case b.Skip:
			b.bad.Fail(say.Kind{Before: b.Name + ": ", One: "bad line", After: " skipped"}, "%s, %s: skipped", b.Name, stream.Advised(bad))
			b.skipped.Add(1)
		default:
			return fmt.Errorf("%s, %s", b.Name, stream.Advised(bad))
		}
	}
}

// longestLine is the longest line that the command may write, in bytes; 0: any. Without a
// limit, one that writes no line feed would fill the memory. What was taken from a peer has
// to come back whole: a byte takes up to six in JSON, a frame some more, and an envelope and
// the other keys of a record come on top.
func (b *Board) longestLine() (most int) {
	const ofByte, ofFrame, beside = 8, 16, 256 << 10
	for _, p := range b.ports {
		if p.MaxSize <= 0 || p.MaxFrames <= 0 || p.MaxSize > (math.MaxInt-beside)/(2*ofByte) || p.MaxFrames > math.MaxInt/(4*ofFrame) {
			return 0
		}
		most = max(most, ofByte*p.MaxSize+ofFrame*p.MaxFrames+beside)
	}
	return most
}

// perform does what a line asks for; message holds its message, if it has one.
func (b *Board) perform(o *frames.Order, message *frames.Batch) error {
	bad := func(format string, args ...any) error {
		return &frames.LineError{Line: o.Line, Reason: fmt.Sprintf(format, args...)}
	}
	for _, steer := range [...]struct {
		name  []byte
		pause bool
	}{{o.Pause, true}, {o.Resume, false}} {
		if len(steer.name) == 0 {
			continue
		}
		p := b.byName[string(steer.name)]
		if p == nil {
			return bad("%q is none of the sockets: %s", steer.name, b.names(func(*port) bool { return true }))
		}
		b.gate.set(p, func(e *entry) { e.paused = steer.pause })
	}
	if message.Len() == 0 {
		return nil
	}
	p := b.named(o.To)
	switch {
	case len(o.To) > 0:
	case len(o.From) > 0:
		if p = b.named(o.From); p != nil && p.other != nil {
			p = p.other
		}
		if p == nil {
			return bad("it comes from %q, which is none of the sockets: %s", o.From, b.targets())
		}
	case !slices.ContainsFunc(b.ports, sends):
		return bad("none of the sockets can send: %s", b.names(func(*port) bool { return true }))
	default:
		return bad(`it does not say where to: expected {"to":NAME,"frames":[...]}, NAME one of %s`, b.names(sends))
	}
	switch {
	case p == nil:
		return bad("%q is none of the sockets: %s", o.To, b.targets())
	case p.Send == nil:
		if !slices.ContainsFunc(b.ports, sends) {
			return bad("%q cannot send, nor can any other of the sockets", p.Name)
		}
		return bad("%q cannot send, expected one of these: %s", p.Name, b.names(sends))
	}
	if b.Limit > 0 && b.written.Load() == uint64(b.Limit) {
		return io.EOF // there is no more to do for it
	}
	if n := b.written.Add(1); b.Limit > 0 && n == uint64(b.Limit) {
		close(b.enough)
	}
	if why := p.unfit(message, o.Frames); why != "" {
		b.giveBack(p, &ReturnedError{Message: message.Next(), Reason: why, Unfit: true})
		return nil
	}
	p.out.stage(message)
	return nil
}

func sends(p *port) bool { return p.Send != nil }

// named is the port of that name, nil where there is none. It is mostly that of the line
// before.
func (b *Board) named(name []byte) *port {
	if b.latest == nil || b.latest.Name != string(name) {
		b.latest = b.byName[string(name)]
	}
	return b.latest
}

// unfit says what is wrong with the frames of a message for its socket, "" where nothing is.
// It ends nothing, as a bad line does: a peer mostly decides on the frames.
func (p *port) unfit(message *frames.Batch, n int) string {
	switch {
	case n >= p.Least && (p.Most == 0 || n <= p.Most):
		if p.Check == nil {
			return ""
		}
		for m := range message.Messages() {
			if err := p.Check(m[0]); err != nil {
				return err.Error()
			}
		}
		return ""
	case p.Frames != "":
		return fmt.Sprintf("expected %s, found %s", p.Frames, say.Plural(n, "frame"))
	}
	return "expected a routing id and at least one more frame, found one frame"
}

// names lists ports, for people.
func (b *Board) names(which func(*port) bool) string {
	text := ""
	for _, p := range b.ports {
		if !which(p) {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += p.Name
	}
	return text
}

// targets lists the ports that can send, for people.
func (b *Board) targets() string { return cmp.Or(b.names(sends), "none of them can send") }

// giveBack returns a message to the command that could not be sent. One that has the wrong
// frames is reported too, and one for nobody where nobody is told of peers.
func (b *Board) giveBack(p *port, r *ReturnedError) {
	p.returned.Add(1)
	b.note(stream.EventOf("unsent", p.Name, r.Reason, r.Message), &b.untold)
	kind := say.Kind{Before: p.Name + ": ", One: "message", After: " without a peer"}
	switch {
	case r.Unfit:
		kind.After = " with the wrong frames"
	case !r.Gone || b.Presence:
		return
	}
	b.Verdict.Add(outcome.Refused)
	b.back.Fail(kind, "%s: %s: the message was not sent", p.Name, r.Reason)
}

// mostReports is the number of messages of a kind that came back which are reported one by one.
const mostReports = 10
