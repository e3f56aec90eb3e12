package session

import (
	"bytes"
	"io"

	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/prompt"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
)

// Source returns where the command's messages come from: the FRAMEs, stdin or a
// recording.
func (s *Session) Source() stream.Source {
	if s.recorded != nil {
		return s.recorded(s)
	}
	if s.Message != nil {
		return &stream.FrameSource{
			Taking: s.Taking, Message: s.Message, Left: s.Repeat, Endless: s.Repeat == 0,
		}
	}
	if s.filter != nil && s.filter.lines != nil {
		return s.filter.lines
	}
	limits := s.Limits
	limits.Grown = life.Sweep
	lines := &stream.LineSource{
		// A person who types may mistype.
		Input: s.Lines, Bad: &s.Bad, Skip: s.SkipInvalid || s.Leave != nil, Hint: s.textHint(),
		Decoder: frames.NewDecoder(s.Lines, s.In.Format, limits), Reach: s.ReachAhead(),
	}
	if s.filter != nil {
		s.filter.lines, lines.GivenUp = lines, func() bool { return s.filter.muted || s.Hard.Err() != nil }
	}
	return lines
}

// textHint returns what helps a user who asked for no format and has lines in
// another than the default.
func (s *Session) textHint() string {
	if s.In != (line.Choice{}) || s.filter != nil {
		return ""
	}
	return s.hint("--in text")
}

// settleOn makes the streams share a terminal where they show on one, and returns
// the input: lines edited at a prompt, where a person types them.
func (s *Session) settleOn(std say.Streams) io.Reader {
	if say.SameTerminal(std.Out, std.Console.Errs) {
		s.prints.W = std.Console.Share(std.Out)
	}
	if !s.editable(std.Out) {
		return std.In
	}
	lines, restore := prompt.Offer(s.Taking, std)
	if lines == nil {
		return std.In
	}
	s.Leave = restore
	named := s.command.Traits().Addressed && !s.In.Asked && s.Input.Text.Frame == nil && s.Out.View
	s.Say.Notice("%s", tip(s.command.Traits(), s.In, &s.Input.Text, named))
	if named {
		names := &view.Names{}
		s.prints.ShowNames(names)
		s.In.Format = frames.JSON
		return names.Lines(lines, func(problem string) { std.Say.Fail("%s", problem) })
	}
	return lines
}

// editable reports whether the input is lines that a person may type, and the
// output leaves the prompt alone: it shows above it, in whole lines, or not at all.
func (s *Session) editable(out io.Writer) bool {
	if !s.command.TakesInput() || !s.Reads || s.FilterCommand != "" || !s.In.InLines(&s.Input.Text) {
		return false
	}
	switch {
	case !s.command.Prints():
		return true
	case say.IsTerminal(out):
		return s.Out.InLines(&s.Output.Text)
	}
	return prompt.Apart(out)
}

// Sending is the input that the sender has not sent yet.
type Sending struct {
	From stream.Source
	Rest *frames.Batch // taken from there, and not given to the socket yet
}

// OthersAhead reports whether there is a message to send to another peer than the
// one with this routing id. The socket asks while it waits for that one.
func (s *Session) OthersAhead(id []byte) bool {
	w := &s.Sending
	if w.From == nil {
		return false // what is sent are replies
	}
	for m := range w.Rest.Messages() {
		if !bytes.Equal(m[0], id) {
			return true
		}
	}
	return w.From.Ahead(id)
}
