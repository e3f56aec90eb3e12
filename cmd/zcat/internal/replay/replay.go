// Package replay is the command that sends what was recorded.
package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/session"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// replay runs the socket command that --as names, with a recording in place of its
// input.
func replay(c *line.Config, std say.Streams) (outcome.Status, error) {
	if name := c.Args[0]; name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return outcome.Failed, fmt.Errorf("the recording %w", say.Plain(err))
		}
		defer func() { _ = f.Close() }() // it was only read
		std.In = f
	}
	return session.ConverseFrom(func(s *session.Session) stream.Source { return NewRecording(c, s) }, c, std), nil
}

// recording is a source that gives the messages of a recording when their time has
// come.
type recording struct {
	asked   *replayConfig
	name    string // what is read, for people
	kind    sockets.Type
	reach   int             // bytes that are looked at ahead
	skip    bool            // bad lines
	taking  context.Context // ends the waiting
	bad     *say.Flood
	input   *stream.Input
	decoder *frames.Decoder

	from    stream.Senders
	record  int       // the number of the last one read
	begun   time.Time // when the first was sent
	first   time.Time // when it was recorded
	scratch frames.Batch
}

// NewRecording makes the source of a replay.
func NewRecording(c *line.Config, s *session.Session) *recording {
	r := &recording{
		asked: replayOf(c), reach: c.ReachAhead(), name: c.Args[0], kind: c.Command.Kind, skip: c.SkipInvalid,
		taking: s.Taking, bad: &s.Bad, input: s.Lines,
		decoder: frames.NewDecoder(s.Lines, frames.JSON, frames.DecoderOptions{MaxSize: c.Options.MaxSize, Grown: life.Sweep}),
		from:    stream.Senders{Asked: replayOf(c).from},
	}
	if r.name == "-" {
		r.name = "stdin"
	}
	return r
}

func (r *recording) Next(b *frames.Batch) error {
	b.Reset()
	for {
		r.scratch.Reset()
		record, err := r.decoder.DecodeRecord(&r.scratch)
		r.record++
		r.from.Note(record.From)
		var line *frames.LineError
		switch {
		case errors.Is(err, io.EOF) && r.from.Missing() != "":
			return fmt.Errorf("%s: %s", r.name, r.from.Missing())
		case errors.Is(err, io.EOF), errors.Is(err, outcome.ErrHalted):
			return err
		case errors.As(err, &line):
			err = fmt.Errorf("%s, %s", r.name, stream.Advised(line))
		case err != nil:
			return fmt.Errorf("reading %s: %w", r.name, say.Cause(err))
		case r.asked.from != "" && record.From != r.asked.from:
			continue
		default:
			err = r.prepare(record, b)
		}
		switch {
		case err == nil:
			return nil
		case errors.Is(err, outcome.ErrHalted) || !r.skip:
			return err
		}
		r.bad.Fail(stream.BadLine, "%v: skipped", err)
		r.input.Skipped.Add(1)
	}
}

// prepare waits for a message's time and puts it into b without the frames that
// are left out.
func (r *recording) prepare(record frames.Record, b *frames.Batch) error {
	message := r.scratch.Next()
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%s, message %d: %s", r.name, r.record, fmt.Sprintf(format, args...))
	}
	for range r.surplus(record, message) {
		if len(message) == 1 {
			return bad("nothing is left of it without the frames to leave out (--strip)")
		}
		message = message[1:]
	}
	has := r.kind.Traits()
	if what := line.FramesOf(has); what != "" && (len(message) < has.LeastFrames || len(message) > has.MostFrames) {
		return bad("expected %s, found %s", what, say.Plural(len(message), "frame"))
	}
	if len(message) < has.LeastFrames {
		return bad("expected a routing id and at least one more frame, found one frame")
	}
	if check := line.CheckFirst(has); check != nil {
		if err := check(message[0]); err != nil {
			return bad("%v", err)
		}
	}
	if record.Time != "" && r.asked.speed > 0 {
		at, err := time.Parse(time.RFC3339Nano, record.Time)
		if err != nil {
			return bad("the time %q is not in the form of RFC 3339, such as %s", record.Time, stream.StampForm)
		}
		if err := r.wait(at); err != nil {
			return err
		}
	}
	b.Append(message)
	return nil
}

// surplus returns the number of frames to leave out. A proxy's ROUTER puts a
// routing id in front of what a client sent, which was not there in packets; a REQ makes
// the whole envelope itself.
func (r *recording) surplus(record frames.Record, message frames.Message) int {
	switch {
	case r.asked.strips:
		return r.asked.strip
	case r.kind.Traits().Asks:
		envelope, _, _ := frames.Split(message)
		return len(envelope)
	case r.kind.Traits().Enveloped && !r.kind.Traits().Addressed && (record.From == sockets.Front.String() || record.From == sockets.Back.String()):
		return 1
	}
	return 0
}

// wait waits until a message that was recorded at some time is due.
func (r *recording) wait(at time.Time) error {
	now := time.Now()
	if r.first.IsZero() {
		r.first, r.begun = at, now
	}
	offset := float64(at.Sub(r.first)) / r.asked.speed
	if offset <= float64(now.Sub(r.begun)) {
		return nil
	}
	timer := time.NewTimer(r.begun.Add(time.Duration(min(offset, float64(longest)))).Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-r.taking.Done():
		return outcome.ErrHalted
	}
}

// longest is a wait without end, short enough to be added to a time.
const longest = 100 * 365 * 24 * time.Hour

// Ahead looks at what was recorded, due or not.
func (r *recording) Ahead(id []byte) bool {
	return r.input.Ahead(r.decoder, r.reach, id, func(m frames.Message) bool {
		left := r.surplus(frames.Record{From: r.asked.from}, m)
		if left >= len(m) {
			return false // which is not a message to send
		}
		return !bytes.Equal(m[left], id)
	})
}
