package main

// The rules of speech. All that zcat says to its user, messages aside, passes
// through this file, and keeps to this:
//
//  1. It goes to stderr, a line at a time, and each line begins with "zcat: ", but
//     for the one of --summary, which is JSON.
//  2. A line is a statement in lower case without a full stop. It quotes what it
//     names, says what was expected, and where there is something to do, what.
//  3. What came from a peer, a file or the command line never reaches the
//     terminal raw: control bytes are escaped.
//  4. Errors are always said. Notices are silenced by -q. Connection events are
//     said with -v, commands and options with -vv, messages with -vvv.
//  5. A thing is said once: what an event has told, the end does not repeat.

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// The levels of speech: what is said, from --quiet up to -vvv.
const (
	levelErrors = iota - 1
	levelNotices
	levelEvents
	levelCommands
	levelMessages
)

// speech writes to the user. It serves several goroutines.
type speech struct {
	mu     sync.Mutex
	w      io.Writer
	level  int
	colour bool
}

// says reports whether what belongs to level is said at all, so that nothing
// needs to be prepared that nobody hears.
func (s *speech) says(level int) bool { return s.level >= level }

// fail says what went wrong.
func (s *speech) fail(format string, args ...any) { s.line(levelErrors, format, args...) }

// notice says what a user should know although nothing failed.
func (s *speech) notice(format string, args ...any) { s.line(levelNotices, format, args...) }

// event says what happened to a connection.
func (s *speech) event(format string, args ...any) { s.line(levelEvents, format, args...) }

// detail says which commands and options are in use.
func (s *speech) detail(format string, args ...any) { s.line(levelCommands, format, args...) }

// announce says where a socket listens: with -v, and where a port was chosen that
// nobody else can know.
func (s *speech) announce(asked, resolved string) {
	if strings.HasSuffix(asked, ":*") || strings.HasSuffix(asked, ":0") || strings.HasSuffix(asked, "://*") {
		s.notice("listening on %s", resolved)
		return
	}
	s.event("listening on %s", resolved)
}

// strangers says at the end how many connections came to nothing.
func (s *speech) strangers(sums ...sockets.Stats) {
	var refused, broken uint64
	for _, st := range sums {
		refused, broken = refused+st.Refused, broken+st.Broken
	}
	if refused > 0 {
		s.event("%s turned away or failed in the handshake", plural(refused, "connection"))
	}
	if broken > 0 {
		s.event("%s dropped for breaking the protocol", plural(broken, "peer"))
	}
}

// messages shows those of b, and which way they go.
func (s *speech) messages(direction string, b *frames.Batch) {
	if !s.says(levelMessages) {
		return
	}
	for m := range b.Messages() {
		text := frames.EncodeMessage(frames.JSON, m, frames.EncoderOptions{})
		s.line(levelMessages, "%s %s", direction, strings.TrimSuffix(string(text), "\n"))
	}
}

// failure says err, and what would have worked where it is about usage.
func (s *speech) failure(err error) {
	s.fail("%v", err)
	var usage *usageError
	if errors.As(err, &usage) && usage.hint != "" {
		line, other, found := strings.Cut(usage.hint, "\n")
		s.fail("try: %s", line)
		if found {
			s.fail(" or: %s", other)
		}
	}
	var advice *hintedError
	if errors.As(err, &advice) {
		s.fail("try: %s", advice.hint)
	}
}

// plain writes a line that is for scripts, as it is.
func (s *speech) plain(line []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = s.w.Write(append(line, '\n')) // there is nobody left to tell
}

// line writes one line at once, so that lines of two goroutines do not mix.
func (s *speech) line(level int, format string, args ...any) {
	if !s.says(level) {
		return
	}
	text := s.prefix(level) + printable(fmt.Sprintf(format, args...)) + "\n"
	s.mu.Lock()
	defer s.mu.Unlock()
	// There is nobody left to tell of a stderr that is gone.
	_, _ = io.WriteString(s.w, text)
}

// prefix begins a line. Its colour tells an error from a notice, and both from
// what was asked for with -v.
func (s *speech) prefix(level int) string {
	code := "2"
	switch {
	case !s.colour:
		return "zcat: "
	case level == levelErrors:
		code = "31"
	case level == levelNotices:
		code = "33"
	}
	return "\x1b[" + code + "mzcat:\x1b[0m "
}

// printable escapes what could steer a terminal: control characters of ASCII,
// of Latin-1 and of Unicode, and bytes that are no UTF-8.
func printable(text string) string {
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

// plural is a number and what it counts: "1 message", "2 messages".
func plural[N int | uint64](n N, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
