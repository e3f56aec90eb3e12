package main

import (
	"github.com/zcat/zcat/cmd/zcat/internal/expect"
	"github.com/zcat/zcat/pkg/frames"
)

// expectFlags say what received messages have to be.
func expectFlags() []flagRow {
	return []flagRow{
		{
			name: "expect", kind: takesValue, group: groupCourse, meta: "PATTERN", has: printers, example: "re:^ok",
			help: "what a frame of each received message must be, repeated for the frames in turn; else the difference is said and the status is 1. " +
				"PATTERN is text, hex:00ff, re:REGEXP (matches anywhere), json:.path=VALUE, json:.path~REGEXP or json:.path (is there); " +
				"* any frame, ... any further frames, text:* the text *. " +
				"Without --count it ends after as many messages as are expected, but for req",
			set: func(c *config, text string) error {
				p, err := expect.Parse(text)
				if err != nil {
					return err
				}
				return c.expected.Add(p)
			},
		},
		{
			name: "then", kind: takesNothing, group: groupCourse, has: printers, leader: "--expect=ready", company: "--expect=done",
			help: "the --expect that follow are for the next message; those of the last one for all later messages too",
			set: func(c *config, text string) error {
				on, err := parseBool(text)
				if on {
					c.expected.Then()
				}
				return err
			},
		},
	}
}

// expectation holds the messages of a session against what was expected.
type expectation struct {
	checked int // messages
	failed  int // of them
}

// verify checks received messages.
func (s *session) verify(b *frames.Batch) {
	if s.expected.Len() == 0 {
		return
	}
	for m := range b.Messages() {
		differences := s.expected.Check(s.expectation.checked, m)
		s.expectation.checked++
		for _, d := range differences {
			if d.Frame == 0 {
				s.say.fail("message %d is not as expected: %s", s.expectation.checked, d.Why)
			} else {
				s.say.fail("message %d, frame %d is not as expected: %s", s.expectation.checked, d.Frame, d.Why)
			}
			s.say.fail("  expected %s", d.Want)
			s.say.fail("  received %s", d.Got)
		}
		if len(differences) > 0 {
			s.expectation.failed++
			s.verdict.add(statusFailed)
		}
	}
}

// settleExpectation says at the end what did not come.
func (s *session) settleExpectation() {
	e := &s.expectation
	if want := s.expected.Len(); s.socket != nil && e.checked < want {
		s.say.fail("%d of %s came", e.checked, plural(want, "expected message"))
		s.verdict.add(statusFailed)
	}
	if e.failed > 0 && e.checked > 1 {
		s.say.fail("%d of %s not as expected", e.failed, plural(e.checked, "message"))
	}
}
