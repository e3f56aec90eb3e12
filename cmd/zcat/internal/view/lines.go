package view

import (
	"bufio"
	"bytes"
	"io"

	"github.com/zcat/zcat/pkg/frames"
)

// namedLines turns what is typed at the prompt of a socket with many peers into lines of
// JSON, in which a routing id may be any bytes.
type namedLines struct {
	in    *bufio.Reader
	names *Names
	fail  func(problem string)
	rest  []byte
}

// Lines returns lines of JSON for the lines of in, as Names.Line reads them; fail is told
// of those that are wrong.
func (n *Names) Lines(in io.Reader, fail func(problem string)) io.Reader {
	return &namedLines{in: bufio.NewReader(in), names: n, fail: fail}
}

// Read implements io.Reader.
func (n *namedLines) Read(b []byte) (int, error) {
	for len(n.rest) == 0 {
		line, err := n.in.ReadBytes('\n')
		if line = bytes.TrimSuffix(line, []byte{'\n'}); len(line) > 0 {
			m, problem := n.names.Line(line)
			if problem != "" {
				n.fail(problem)
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
