// Package expect compares frames with what was expected of them.
//
// A pattern is written as
//
//	text              the frame is this text
//	text:T            the frame is T, whatever T looks like
//	hex:00ff          the frame is these bytes
//	re:REGEXP         the regular expression matches somewhere in the frame
//	json:PATH         the frame is JSON and has something at PATH
//	json:PATH=VALUE   and that is VALUE: JSON, or else a string
//	json:PATH~REGEXP  and that, a string without its quotes, matches
//	*                 any frame
//	...               any further frames, or none; only at the end
package expect

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/zcat/zcat/pkg/frames"
)

// Pattern describes what is expected of one frame.
type Pattern struct {
	text  string // as it was written
	rest  bool   // it stands for any further frames
	check func(frame []byte) *Miss
}

// String returns the pattern as it was written.
func (p Pattern) String() string { return p.text }

// Miss is the reason why a frame is not what was expected.
type Miss struct {
	Why  string // "the two differ from byte 3 on"; "" where there is no more to say
	Want string // what was expected, for people
	Got  string // what came, for people
}

// Parse reads a pattern.
func Parse(text string) (Pattern, error) {
	p := Pattern{text: text}
	kind, value, found := strings.Cut(text, ":")
	var err error
	switch {
	case text == "*":
		p.check = func([]byte) *Miss { return nil }
	case text == "...":
		p.rest = true
	case found && kind == "text":
		p.check = same([]byte(value))
	case found && kind == "hex":
		var want []byte
		if want, err = frames.ParseBytes(text); err != nil {
			return p, fmt.Errorf("%q is not hex: expected pairs of digits, such as hex:00ff", text)
		}
		p.check = sameBytes(want)
	case found && kind == "re":
		var re *regexp.Regexp
		if re, err = regexp.Compile(value); err != nil {
			return p, fmt.Errorf("%q: %w", text, err)
		}
		p.check = matching(re)
	case found && kind == "json":
		if p.check, err = parseJSON(value); err != nil {
			return p, fmt.Errorf("%q: %w", text, err)
		}
	default:
		p.check = same([]byte(text))
	}
	return p, nil
}

// same wants exactly these bytes, and shows them as text where both sides are text.
func same(want []byte) func([]byte) *Miss {
	return func(got []byte) *Miss {
		if bytes.Equal(want, got) {
			return nil
		}
		at := firstDifference(want, got)
		why := fmt.Sprintf("the two differ from byte %d on", at+1)
		switch {
		case at == len(want):
			why = "the frame goes on for " + count(len(got)-at, "byte") + " more"
		case at == len(got):
			why = "the frame ends " + count(len(want)-at, "byte") + " too early"
		}
		return &Miss{why, show(want, at), show(got, at)}
	}
}

// sameBytes is same in hex.
func sameBytes(want []byte) func([]byte) *Miss {
	return func(got []byte) *Miss {
		if bytes.Equal(want, got) {
			return nil
		}
		at := firstDifference(want, got)
		return &Miss{fmt.Sprintf("the two differ from byte %d on", at+1), showHex(want, at), showHex(got, at)}
	}
}

func matching(re *regexp.Regexp) func([]byte) *Miss {
	return func(got []byte) *Miss {
		if re.Match(got) {
			return nil
		}
		return &Miss{"no match", "re:" + re.String(), show(got, 0)}
	}
}

// firstDifference returns the index at which two byte strings begin to differ.
func firstDifference(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// Rest reports whether the pattern stands for any further frames.
func (p Pattern) Rest() bool { return p.rest }

// Matches reports whether a frame is what the pattern says.
func (p Pattern) Matches(frame []byte) bool { return !p.rest && p.check(frame) == nil }
