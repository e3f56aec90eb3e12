package main

import (
	"github.com/zcat/zcat/pkg/frames"
)

// source is where the command's messages come from: the FRAMEs, stdin or a
// recording.
func (s *session) source() source {
	if s.recorded != nil {
		return s.recorded(s)
	}
	if s.message != nil {
		return &frameSource{
			taking: s.taking, message: s.message, left: s.repeat, endless: s.repeat == 0,
		}
	}
	return &lineSource{
		// Whoever types may mistype.
		input: s.lines, say: s.say, skip: s.skipInvalid || s.leave != nil, hint: s.textHint(),
		decoder: frames.NewDecoder(s.lines, s.in.format, s.limits), reach: s.reachAhead(),
	}
}

// textHint is what helps whoever did not ask for JSON and has lines of something
// else.
func (s *session) textHint() string {
	if s.in.asked || s.in.format != frames.JSON || s.filter != nil {
		return ""
	}
	return s.hint("--in text")
}
