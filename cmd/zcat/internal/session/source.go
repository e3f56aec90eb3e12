package session

import (
	"bytes"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
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
	return &stream.LineSource{
		// A person who types may mistype.
		Input: s.Lines, Say: s.Say, Skip: s.SkipInvalid || s.Leave != nil, Hint: s.textHint(),
		Decoder: frames.NewDecoder(s.Lines, s.In.Format, s.Limits), Reach: s.ReachAhead(),
	}
}

// textHint returns what helps a user who asked for no format and has lines in
// another than the default.
func (s *Session) textHint() string {
	if s.In != (line.Choice{}) || s.filter != nil {
		return ""
	}
	return s.hint("--in text")
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
