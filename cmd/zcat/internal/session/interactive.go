package session

import (
	"bufio"
	"bytes"
	"io"
	"os"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
)

// settleOn makes the streams share a terminal where they show on one, and returns
// the input: lines edited at a prompt, where a person types them.
func (s *Session) settleOn(std say.Streams) io.Reader {
	if sameTerminal(std.Out, std.Console.Errs) {
		s.prints.W = std.Console.Share(std.Out)
	}
	in, isFile := std.In.(*os.File)
	errs, seen := std.Console.Errs.(*os.File)
	if !isFile || !seen || !s.editable(std.Out) || !say.Steerable(in) || !say.Steerable(errs) || !foreground(in) {
		return std.In
	}
	lines, restore := editedInput(s.Taking, in, errs, std)
	if lines == nil {
		return std.In
	}
	s.Leave = restore
	if s.Row.Traits.Addressed && !s.In.Asked && s.Input.Text.Frame == nil && s.Out.View {
		names := &view.Names{}
		s.prints.ShowNames(names)
		s.In.Format = frames.JSON
		return &namedLines{in: bufio.NewReader(lines), names: names, say: std.Say}
	}
	return lines
}

// namedLines turns what is typed at the prompt of a ROUTER into lines of JSON, in which
// a routing id may be any bytes.
type namedLines struct {
	in    *bufio.Reader
	names *view.Names
	say   *say.Speech
	rest  []byte
}

// Read implements io.Reader.
func (n *namedLines) Read(b []byte) (int, error) {
	for len(n.rest) == 0 {
		line, err := n.in.ReadBytes('\n')
		if line = bytes.TrimSuffix(line, []byte{'\n'}); len(line) > 0 {
			m, problem := n.names.Line(line)
			if problem != "" {
				n.say.Fail("%s", problem)
			} else {
				n.rest = frames.EncodeMessage(frames.JSON, m, frames.EncoderOptions{})
			}
		}
		if err != nil && len(n.rest) == 0 {
			return 0, err
		}
	}
	copied := copy(b, n.rest)
	n.rest = n.rest[copied:]
	return copied, nil
}

// sameTerminal reports whether two streams are one terminal.
func sameTerminal(a, b io.Writer) bool {
	first, isFile := a.(*os.File)
	second, both := b.(*os.File)
	if !isFile || !both || !say.IsTerminal(first) || !say.IsTerminal(second) {
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
// output leaves the prompt alone: it shows above it, in whole lines, or not at all.
// The reader of a pipe probably writes to the same terminal.
func (s *Session) editable(out io.Writer) bool {
	if !s.command.TakesInput() || !s.Reads || s.FilterCommand != "" || !s.In.InLines(&s.Input.Text) {
		return false
	}
	switch {
	case !s.command.Prints():
		return true
	case say.IsTerminal(out):
		return s.Out.InLines(&s.Output.Text)
	}
	f, isFile := out.(*os.File)
	if !isFile {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0
}
