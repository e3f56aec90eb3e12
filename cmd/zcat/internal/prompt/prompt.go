// Package prompt reads lines that a person edits at the bottom of a terminal,
// while what a program writes appears above them, and keeps the terminal in order while they
// are edited.
package prompt

import (
	"errors"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"
)

// mark stands before the line.
const mark = "> "

// tab is shown for a TAB, whose width a line editor could not keep track of. The
// character itself cannot be typed, so that nothing else becomes a TAB.
const tab = '␉'

// Limit is the number of characters of a line that the editor takes.
const Limit = 4096

// Prompt is a line that is being edited. It is an io.Reader of whole lines, and
// keeps the history of them in memory only.
type Prompt struct {
	editor *term.Terminal
	screen *screen
	resize func() (columns, rows int, err error)
	// tooLong is called for a line that had more than Limit characters. Read does
	// not return it: a part of it would be another line.
	tooLong func()
	long    bool   // the line being edited is one
	rest    []byte // of a line that a Read had no room for
	ended   error

	mu     sync.Mutex
	closed bool
}

// New makes a prompt that reads keys from in and draws to out. It shows itself
// with the first Read.
func New(in io.Reader, out io.Writer, size func() (columns, rows int, err error), tooLong func()) *Prompt {
	p := &Prompt{screen: &screen{in: in, out: out}, resize: size, tooLong: tooLong}
	p.editor = term.NewTerminal(p.screen, mark)
	p.editor.AutoCompleteCallback = p.insert
	p.Resize()
	return p
}

// insert takes a TAB, which the editor would not, and notes that a line is too
// long.
func (p *Prompt) insert(line string, at int, key rune) (string, int, bool) {
	switch {
	case len(line) >= Limit && utf8.RuneCountInString(line) >= Limit:
		p.long = true
	case key == '\t':
		return line[:at] + string(tab) + line[at:], at + len(string(tab)), true
	case key == tab:
		return line, at, true
	}
	return "", 0, false
}

// Resize tells the prompt that the terminal has another size.
func (p *Prompt) Resize() {
	if columns, rows, err := p.resize(); err == nil && columns > 0 && rows > 0 {
		_ = p.editor.SetSize(columns, rows) // it fails where drawing does, which Read tells
	}
}

// Read returns lines as they are entered. It ends with Ctrl-D, or as the reader of
// keys does.
func (p *Prompt) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		if p.ended != nil {
			return 0, p.ended
		}
		line, err := p.editor.ReadLine()
		// A line that was pasted is a line.
		if err != nil && !errors.Is(err, term.ErrPasteIndicator) {
			p.ended = err
			p.Close()
			continue
		}
		if p.long {
			p.long = false
			p.tooLong()
			continue
		}
		p.rest = append([]byte(strings.ReplaceAll(line, string(tab), "\t")), '\n')
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// Print shows text, in whole lines, above the line that is being edited.
func (p *Prompt) Print(text []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Nobody can be told of a terminal that is gone.
	if p.closed {
		_, _ = p.screen.out.Write(text)
		return
	}
	p.screen.set(erasing)
	_, _ = p.editor.Write(text)
}

// Redraw shows the line again where something else drew over it.
func (p *Prompt) Redraw() { p.Print(nil) }

// Close takes the prompt off the screen. What is printed from then on stays
// where it is.
func (p *Prompt) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
	p.screen.set(closing)
	_, _ = p.editor.Write(nil) // erases the line, then draws it again
	p.screen.set(shut)
}

// screen is the terminal as the editor sees it.
type screen struct {
	in  io.Reader
	out io.Writer

	mu    sync.Mutex
	state int
}

// The states of a screen.
const (
	open    = iota
	erasing // what is drawn next erases the line
	closing // the same, and is the last
	shut    // nothing is drawn any more
)

// eraseRow erases the row that the cursor is in. The editor takes all characters to
// be equally wide, and would leave a part of a line with wide ones.
const eraseRow = "\r\x1b[K"

func (s *screen) set(state int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
}

func (s *screen) Read(b []byte) (int, error) { return s.in.Read(b) }

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(b)
	switch {
	case n == 0, s.state == shut:
		return n, nil
	case s.state == open:
		return s.out.Write(b)
	case s.state == closing:
		s.state = shut
	default:
		s.state = open
	}
	_, err := s.out.Write(append([]byte(eraseRow), b...))
	return n, err
}
