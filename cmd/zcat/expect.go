package main

import (
	"github.com/zcat/zcat/pkg/frames"
)

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
