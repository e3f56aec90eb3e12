package main

import (
	"io"
	"os"

	"github.com/zcat/zcat/pkg/frames"
)

// editable reports whether the input is lines that a person may type, and the
// output leaves the prompt alone: it is seen above it, in whole lines, or not at
// all. What reads a pipe probably writes to the same terminal.
func (c *config) editable(out io.Writer) bool {
	byLine := func(f frames.Format) bool {
		return f == frames.JSON || f == frames.Hex || f == frames.Text && c.ending() == "\n"
	}
	if !senders(c.word) || !c.reads() || c.filterCommand != "" || !byLine(c.in.format) {
		return false
	}
	switch {
	case !c.word.prints():
		return true
	case isTerminal(out):
		return c.out.view || byLine(c.out.format)
	}
	f, isFile := out.(*os.File)
	if !isFile {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0
}
