package session

import (
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/frames"
)

// expectation compares the messages of a session with what was expected.
type expectation struct {
	checked int // messages
	failed  int // of them
}

// verify checks received messages.
func (s *Session) verify(b *frames.Batch) {
	if s.Expected.Len() == 0 {
		return
	}
	for m := range b.Messages() {
		differences := s.Expected.Check(s.expectation.checked, m)
		s.expectation.checked++
		if len(differences) > 0 {
			s.expectation.failed++
			s.Verdict.Add(outcome.Failed)
			if !s.different.Pass(say.Kind{One: "message", After: " not as expected"}) {
				continue
			}
		}
		for _, d := range differences {
			if d.Frame == 0 {
				s.Say.Fail("message %d is not as expected: %s", s.expectation.checked, d.Why)
			} else {
				s.Say.Fail("message %d, frame %d is not as expected: %s", s.expectation.checked, d.Frame, d.Why)
			}
			s.Say.Fail("  expected %s", d.Want)
			s.Say.Fail("  received %s", d.Got)
		}
	}
}

// settleExpectation reports at the end what did not come.
func (s *Session) settleExpectation() {
	e := &s.expectation
	if want := s.Expected.Len(); s.socket != nil && e.checked < want {
		s.Say.Fail("%d of %s came", e.checked, say.Plural(want, "expected message"))
		s.Verdict.Add(outcome.Failed)
	}
	if e.failed > 0 && e.checked > 1 {
		s.Say.Fail("%d of %s not as expected", e.failed, say.Plural(e.checked, "message"))
	}
}
