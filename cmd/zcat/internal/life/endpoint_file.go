package life

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/paths"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/sockets"
)

// Place is the file to which --endpoint-file writes the bound endpoints: one per line, at once
// and whole, so that a reader that waits for them never reads a part. A file is
// made beside its name, put there, and taken away at the end if it is still the
// same one: by then another instance may have put its own there. The file of an
// instance that had no time to do so is replaced. What is not a file of ours, such
// as one with something else in it, a device, a FIFO, a descriptor or what a link
// leads to, is written to and stays.
type Place struct {
	name   string // "" without
	stdout io.Writer
	late   func(error) // called where a FIFO fails, which is written when somebody reads
	made   fs.FileInfo // nil where there is nothing to take away
}

// Publish writes the endpoints, where that was asked for.
func (p *Place) Publish(endpoints []string) error {
	if p.name == "" {
		return nil
	}
	text := strings.Join(endpoints, "\n") + "\n"
	var err error
	switch kind := paths.KindOf(p.name); {
	case p.name == line.StdoutName:
		_, err = io.WriteString(p.stdout, text)
	case kind == paths.New, kind == paths.File && hasEndpoints(p.name):
		p.made, err = putFile(p.name, text)
	case kind == paths.FIFO:
		// Opening it waits for a reader, which nothing else needs to wait for.
		go func() {
			if err := p.failed(writeThrough(p.name, text)); err != nil {
				p.late(err)
			}
		}()
	default:
		err = writeThrough(p.name, text)
	}
	return p.failed(err)
}

func (p *Place) failed(err error) error {
	if err == nil {
		return nil
	}
	return &say.PlainError{Name: "--endpoint-file: " + p.name, Err: say.Cause(err)}
}

// retract removes the file that Publish made.
func (p *Place) retract() {
	if p.made == nil {
		return
	}
	now, err := os.Lstat(p.name)
	if err == nil && os.SameFile(now, p.made) && now.ModTime().Equal(p.made.ModTime()) {
		// The user may remove it at the same moment.
		_ = os.Remove(p.name)
	}
}

// hasEndpoints reports whether a file is one that Publish made: it has whole
// endpoints in it, and nothing else.
func hasEndpoints(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, mostEndpoints))
	if err != nil || len(text) == 0 || len(text) == mostEndpoints {
		return false
	}
	for line := range strings.Lines(string(text)) {
		endpoint, whole := strings.CutSuffix(line, "\n")
		if !whole || sockets.CheckBind(endpoint) != nil || sockets.Canonical(endpoint) != endpoint {
			return false
		}
	}
	return true
}

// mostEndpoints is the size, in bytes, from which a file is not looked at.
const mostEndpoints = 1 << 20

// putFile makes a file with text at name and returns its identity.
func putFile(name, text string) (fs.FileInfo, error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString(text)
	// Temporary files are private; this one is for others to read.
	err = errors.Join(err, f.Chmod(0o644))
	info, statErr := f.Stat()
	err = errors.Join(err, statErr, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the failure to write is the news
		return nil, err
	}
	return info, nil
}

// writeThrough writes text to what is there already, in one piece.
func writeThrough(name, text string) error {
	f, err := paths.OpenThrough(name, os.O_TRUNC|os.O_CREATE)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
