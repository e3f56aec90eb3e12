package main

import (
	"io"
	"os"
	"runtime"
	"strconv"
	"sync"

	"golang.org/x/term"
)

// console is the terminal as all that write to it share it: messages on stdout,
// speech on stderr, and, at the bottom, a line that is being edited or a line of
// progress. Whatever is written appears above that, which is drawn again.
type console struct {
	errs io.Writer

	mu       sync.Mutex
	progress string       // the line of progress, "" without
	above    func([]byte) // prints above a line that is being edited, nil without one
}

// shared is a stream that shows on the console.
type shared struct {
	*console
	w io.Writer
}

// share returns w for use beside the others.
func (c *console) share(w io.Writer) io.Writer { return shared{c, w} }

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
	s.draw(clearLine)
	n, err := s.w.Write(b)
	s.draw(s.progress)
	return n, err
}

// clearLine takes the cursor to the first column and erases the line.
const clearLine = "\r\x1b[K"

// draw writes to the terminal; there is nobody to tell where that fails.
func (c *console) draw(text string) { _, _ = io.WriteString(c.errs, text) }

// setProgress shows a line of progress in the place of the last; "" clears it.
func (c *console) setProgress(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.above != nil || text == c.progress {
		return
	}
	if c.progress != "" {
		c.draw(clearLine)
	}
	c.progress = text
	c.draw(text)
}

// setAbove has everything pass through print from now on, nil ends that. It
// returns when nothing passes the old way any more.
func (c *console) setAbove(print func([]byte)) {
	c.setProgress("")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.above = print
}

// colouring is what --color asks for.
type colouring uint8

const (
	colourAuto colouring = iota
	colourAlways
	colourNever
)

// onto reports whether what is written to w is coloured.
func (c colouring) onto(w any) bool {
	switch c {
	case colourAlways:
		return true
	case colourNever:
		return false
	case colourAuto:
	}
	return os.Getenv("NO_COLOR") == "" && steerable(w)
}

// steerable reports whether w is a terminal that understands more than text.
func steerable(w any) bool {
	if !isTerminal(w) || os.Getenv("TERM") == "dumb" {
		return false
	}
	// The old console of Windows has to be asked; its successor says who it is.
	return runtime.GOOS != "windows" || os.Getenv("WT_SESSION") != "" || os.Getenv("TERM") != ""
}

// usualWidth is the width of a terminal that does not tell.
const usualWidth = 80

// columns is how wide what is written to w may be. It is asked for again and
// again, because a window may change.
func columns(w any) int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return usualWidth
}
