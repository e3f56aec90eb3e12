// Package say is everything that zcat says to its user, messages aside: the rules
// of speech, the terminal that messages and speech share, and causes in plain
// words.
package say

// The rules of speech. Everything that zcat says to its user, messages aside,
// passes through this file and follows these rules:
//
//  1. It goes to stderr, a line at a time, and each line begins with "zcat: ", but
//     for the one of --summary, which is JSON.
//  2. A line is a statement in lower case without a full stop. It quotes what it
//     names, says what was expected, and where there is something to do, what.
//  3. What came from a peer, a file or the command line never reaches the
//     terminal raw: control bytes are escaped.
//  4. Errors are always reported. -q silences notices. Connection events are
//     reported with -v, commands and options with -vv, messages with -vvv.
//  5. A thing is reported once: the end does not repeat what an event has told.

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// The levels of speech: how much is reported, from --quiet up to -vvv.
const (
	LevelErrors = iota - 1
	LevelNotices
	LevelEvents
	LevelCommands
	LevelMessages
)

// Speech writes to the user. It serves several goroutines.
type Speech struct {
	Mu     sync.Mutex
	W      io.Writer
	Level  int
	Colour bool

	Watched bool // it is a terminal: somebody reads what is said now
}

// Says reports whether lines of a level are written at all, so that nothing is
// prepared that nobody will see.
func (s *Speech) Says(level int) bool { return s.Level >= level }

// Fail reports what went wrong.
func (s *Speech) Fail(format string, args ...any) { s.Line(LevelErrors, format, args...) }

// Notice reports what a user should know although nothing failed.
func (s *Speech) Notice(format string, args ...any) { s.Line(LevelNotices, format, args...) }

// Event reports what happened to a connection.
func (s *Speech) Event(format string, args ...any) { s.Line(LevelEvents, format, args...) }

// Detail reports which commands and options are in use.
func (s *Speech) Detail(format string, args ...any) { s.Line(LevelCommands, format, args...) }

// Announce reports where a socket listens: with -v, on a terminal, and always where a port
// was chosen that nobody can know otherwise.
func (s *Speech) Announce(asked, resolved string) {
	if address, isWeb := strings.CutPrefix(asked, "ws://"); isWeb {
		asked, _, _ = strings.Cut(address, "/") // a path follows the port
	}
	if s.Watched || strings.HasSuffix(asked, ":*") || strings.HasSuffix(asked, ":0") || strings.HasSuffix(asked, "://*") {
		s.Notice("listening on %s", resolved)
		return
	}
	s.Event("listening on %s", resolved)
}

// Left reports at the end what was not sent, and why, and what was lost: the numbers of a
// summary, in its words.
func (s *Speech) Left(unsent, lost uint64, why string) {
	if unsent > 0 {
		s.Fail("%s left unsent%s", Plural(unsent, "message"), why)
	}
	switch {
	case lost == 1:
		s.Fail("1 message lost with its connection")
	case lost > 1:
		s.Fail("%d messages lost with their connections", lost)
	}
}

// Strangers reports at the end how many connections came to nothing.
func (s *Speech) Strangers(sums ...sockets.Stats) {
	var refused, broken, untold uint64
	for _, st := range sums {
		refused, broken, untold = refused+st.Refused, broken+st.Broken, untold+st.Untold
	}
	if refused > 0 {
		s.Event("%s turned away or failed in the handshake", Plural(refused, "connection"))
	}
	if broken > 0 {
		s.Event("%s dropped for breaking the protocol", Plural(broken, "peer"))
	}
	if untold > 0 {
		s.Notice("%s came and went in silence while others waited to be told of: --presence left them out", Plural(untold, "peer"))
	}
}

// Messages shows those of b, and which way they go.
func (s *Speech) Messages(direction string, b *frames.Batch) {
	if !s.Says(LevelMessages) {
		return
	}
	for m := range b.Messages() {
		text := frames.EncodeMessage(frames.JSON, m, frames.EncoderOptions{})
		s.Line(LevelMessages, "%s %s", direction, strings.TrimSuffix(string(text), "\n"))
	}
}

// Failure reports err, and, for an error of usage, what would have worked.
func (s *Speech) Failure(err error) {
	s.Fail("%s", Words(err))
	var usage *outcome.UsageError
	if errors.As(err, &usage) && usage.Hint != "" {
		line, other, found := strings.Cut(usage.Hint, "\n")
		s.Fail("try: %s", line)
		if found {
			s.Fail(" or: %s", other)
		}
	}
	var advice *outcome.HintedError
	if errors.As(err, &advice) {
		s.Fail("try: %s", advice.Hint)
	}
}

// Plain writes a line that is for scripts, as it is.
func (s *Speech) Plain(line []byte) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	_, _ = s.W.Write(append(line, '\n')) // nobody is left to tell
}

// Line writes one line at once, so that lines of two goroutines do not mix.
func (s *Speech) Line(level int, format string, args ...any) {
	if !s.Says(level) {
		return
	}
	for i, arg := range args {
		if err, ok := arg.(error); ok {
			args[i] = Words(err)
		}
	}
	text := s.prefix(level) + Printable(fmt.Sprintf(format, args...)) + "\n"
	s.Mu.Lock()
	defer s.Mu.Unlock()
	// Nobody is left to tell of a stderr that is gone.
	_, _ = io.WriteString(s.W, text)
}

// prefix begins a line. Its colour tells an error from a notice, and both from what
// -v asked for.
func (s *Speech) prefix(level int) string {
	code := "2"
	switch {
	case !s.Colour:
		return "zcat: "
	case level == LevelErrors:
		code = "31"
	case level == LevelNotices:
		code = "33"
	}
	return "\x1b[" + code + "mzcat:\x1b[0m "
}

// Printable escapes what could steer a terminal: control characters of ASCII,
// of Latin-1 and of Unicode, and bytes that are no UTF-8.
func Printable(text string) string {
	clean := true
	for i := 0; i < len(text) && clean; i++ {
		clean = text[i] >= 0x20 && text[i] < 0x7f
	}
	if clean {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case strconv.IsPrint(r):
			b.WriteString(text[:n])
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		text = text[n:]
	}
	return b.String()
}

// Plural returns a number and what it counts: "1 message", "2 messages".
func Plural[N int | uint64](n N, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
