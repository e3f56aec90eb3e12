package main

import (
	"io"
	"os"

	"github.com/zcat/zcat/pkg/frames"
)

// settleOn makes the streams fit for each other where they show on a terminal,
// and returns the input: lines edited at a prompt, where a person types them.
func (s *session) settleOn(std streams) io.Reader {
	if sameTerminal(std.out, std.console.errs) {
		s.prints.w = std.console.share(std.out)
	}
	in, isFile := std.in.(*os.File)
	errs, seen := std.console.errs.(*os.File)
	if !isFile || !seen || !s.editable(std.out) || !steerable(in) || !steerable(errs) || !foreground(in) {
		return std.in
	}
	lines, restore := editedInput(s.taking, in, errs, std)
	if lines == nil {
		return std.in
	}
	s.leave = restore
	return lines
}

// sameTerminal reports whether two streams are one terminal.
func sameTerminal(a, b io.Writer) bool {
	first, isFile := a.(*os.File)
	second, both := b.(*os.File)
	if !isFile || !both || !isTerminal(first) || !isTerminal(second) {
		return false
	}
	one, err := first.Stat()
	if err != nil {
		return false
	}
	other, err := second.Stat()
	return err == nil && os.SameFile(one, other)
}

// editable reports whether the input is lines that a person may type, and the
// output leaves the prompt alone: it is seen above it, in whole lines, or not at
// all. What reads a pipe probably writes to the same terminal.
func (s *session) editable(out io.Writer) bool {
	byLine := func(f frames.Format) bool {
		return f == frames.JSON || f == frames.Hex || f == frames.Text && s.Input.text.ending() == "\n"
	}
	if !senders(s.command) || !s.reads || s.filterCommand != "" || !byLine(s.in.format) {
		return false
	}
	switch {
	case !s.command.prints():
		return true
	case isTerminal(out):
		return s.out.view || byLine(s.out.format)
	}
	f, isFile := out.(*os.File)
	if !isFile {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0
}
