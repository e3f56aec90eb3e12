package say

import (
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/term"
)

// Console is the terminal as it is shared by all that write to it: messages on
// stdout, speech on stderr, and, at the bottom, a line that is being edited or a
// line of progress. Whatever is written appears above that, which is drawn again.
type Console struct {
	Errs io.Writer

	mu       sync.Mutex
	progress string       // the line of progress, or several; "" without
	above    func([]byte) // prints above a line that is being edited, nil without one
}

// shared is a stream that shows on the console.
type shared struct {
	*Console
	w io.Writer
}

// Share returns w for use beside the others.
func (c *Console) Share(w io.Writer) io.Writer { return shared{c, w} }

func (s shared) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.above != nil:
		s.above(b)
		return len(b), nil
	case s.progress == "":
		return s.w.Write(b)
	}
	s.draw(clearing(s.progress))
	n, err := s.w.Write(b)
	s.draw(s.progress)
	return n, err
}

// ClearLine takes the cursor to the first column and erases the line.
const ClearLine = "\r\x1b[K"

// clearing returns what erases text at the end of which the cursor stands.
func clearing(text string) string {
	n := strings.Count(text, "\n")
	if n == 0 {
		return ClearLine
	}
	return "\r\x1b[" + strconv.Itoa(n) + "A\x1b[J"
}

// draw writes to the terminal; nobody can be told where that fails.
func (c *Console) draw(text string) { _, _ = io.WriteString(c.Errs, text) }

// SetProgress shows a line of progress, or several, in place of the last; "" clears them.
// None may be as wide as the terminal, nor may there be as many as it has rows.
func (c *Console) SetProgress(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.above != nil || text == c.progress {
		return
	}
	if c.progress != "" {
		c.progress, text = text, clearing(c.progress)+text // at once, so that nothing flickers
	} else {
		c.progress = text
	}
	c.draw(text)
}

// Forget leaves the progress where it is, as after somebody else has written to the terminal:
// the next is drawn below.
func (c *Console) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.progress = ""
}

// SetAbove makes everything pass through print from now on; nil ends that. It
// returns when nothing goes the old way any more.
func (c *Console) SetAbove(print func([]byte)) {
	c.SetProgress("")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.above = print
}

// Colouring is the value of --color.
type Colouring uint8

// The values of --color.
const (
	ColourAuto Colouring = iota
	ColourAlways
	ColourNever
)

// Onto reports whether what is written to w is coloured.
func (c Colouring) Onto(w any) bool {
	switch c {
	case ColourAlways:
		return true
	case ColourNever:
		return false
	case ColourAuto:
	}
	return os.Getenv("NO_COLOR") == "" && Steerable(w)
}

// Steerable reports whether w is a terminal that understands more than text.
func Steerable(w any) bool {
	if !IsTerminal(w) || os.Getenv("TERM") == "dumb" {
		return false
	}
	// The old console of Windows has to be asked; its successor says who it is.
	return runtime.GOOS != "windows" || os.Getenv("WT_SESSION") != "" || os.Getenv("TERM") != ""
}

// usualWidth is the width assumed for a terminal that does not tell its own.
const usualWidth = 80

// Columns returns how wide what is written to w may be. Callers ask again and
// again, because a window may change.
func Columns(w any) int {
	return sized(w, "COLUMNS", func(columns, _ int) int { return columns }, usualWidth)
}

// usualHeight is the same for rows.
const usualHeight = 24

// Rows returns how many rows the terminal has.
func Rows(w any) int { return sized(w, "LINES", func(_, rows int) int { return rows }, usualHeight) }

// sized returns a measure of a terminal: as a variable says it, or the terminal, or else
// the usual one.
func sized(w any, variable string, which func(columns, rows int) int, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil && n > 0 {
		return n
	}
	if f, ok := w.(*os.File); ok {
		if columns, rows, err := term.GetSize(int(f.Fd())); err == nil && which(columns, rows) > 0 {
			return which(columns, rows)
		}
	}
	return usual
}
