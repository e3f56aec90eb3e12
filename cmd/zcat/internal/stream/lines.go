package stream

import (
	"bytes"
	"errors"
	"io"
	"os"

	"github.com/zcat/zcat/cmd/zcat/internal/paths"
)

// WholeLines appends lines to a file in which no part of a line stays: after a
// write that failed half-way the file is cut back; where it cannot be, the next
// line begins anew.
type WholeLines struct {
	Out   io.Writer
	begun int  // bytes of the last line in the file, which the next write goes on with
	Torn  bool // the last line in the file is a part of one, and remains that
}

// Write writes lines, of which the last may be a part that the next write goes on
// with. It returns the number of lines, of those that end in it, that were not
// written. After an error the line that was begun is over: the rest of it is not to
// be written.
func (w *WholeLines) Write(lines []byte) (missed int, err error) {
	begin := 0 // of the first line
	if w.Torn {
		lines = append([]byte{'\n'}, lines...)
		begin = 1
	}
	n, err := w.Out.Write(lines)
	end := bytes.LastIndexByte(lines[:n], '\n')
	part := n - 1 - end
	if end < 0 {
		part += w.begun
	}
	if err == nil {
		w.begun, w.Torn = part, false
		return 0, nil
	}
	missed = bytes.Count(lines[max(n, begin):], []byte{'\n'})
	if n > 0 || w.begun > 0 {
		w.Torn = part > 0 && CutBack(w.Out, part) != nil
	}
	w.begun = 0
	return missed, err
}

// CutBack removes the last n bytes that were written to out.
func CutBack(out io.Writer, n int) error {
	noEnd := errors.New("not the end of a regular file")
	f, ok := out.(interface {
		io.Seeker
		Stat() (os.FileInfo, error)
		Truncate(size int64) error
	})
	if !ok {
		return noEnd
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	end, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() != end {
		return noEnd
	}
	if err := f.Truncate(end - int64(n)); err != nil {
		return err
	}
	_, err = f.Seek(end-int64(n), io.SeekStart)
	return err
}

// AppendTo opens what lines are appended to. Where an earlier writer left a part
// of a line, the first begins a line of its own.
func AppendTo(name string, flags int) (f *os.File, torn bool, err error) {
	IgnoreFileSizeSignal()
	f, err = paths.OpenThrough(name, os.O_APPEND|os.O_CREATE|flags)
	if err != nil {
		return nil, false, err
	}
	return f, endsTorn(name), nil
}

// endsTorn reports whether the last line of a file is a part of one. Of a file
// that cannot be read, and of a pipe, it is not known.
func endsTorn(name string) bool {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // it was only read
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return err == nil && last[0] != '\n'
}
