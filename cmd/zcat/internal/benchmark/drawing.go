package benchmark

import (
	"errors"
	"os"

	"github.com/zcat/zcat/cmd/zcat/internal/bench"
	"github.com/zcat/zcat/cmd/zcat/internal/paths"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// drawing is the file of --svg. It is opened before anything is measured: a name that
// cannot be written to is reported at once, and not after all the time that it took.
type drawing struct {
	name string
	file *os.File // nil for a FIFO, whose opening waits for a reader: it is opened at the end
	made bool     // it was not there before
}

// openDrawing opens the file of --svg, where that was asked for.
func openDrawing(name string) (*drawing, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // there is none, which is no error
	}
	d := &drawing{name: name}
	kind := paths.KindOf(name)
	if kind == paths.FIFO {
		return d, nil
	}
	var err error
	d.made = kind == paths.New
	d.file, err = paths.OpenThrough(name, os.O_CREATE)
	return d, d.failed(err)
}

// draw writes the picture of results. What was in the file before stays until then, and
// where there is nothing to draw.
func (d *drawing) draw(results []bench.Result) (err error) {
	if d == nil {
		return nil
	}
	picture := bench.Picture(results)
	if d.file == nil {
		if picture == nil {
			return nil
		}
		if d.file, err = paths.OpenThrough(d.name, 0); err != nil {
			return d.failed(err)
		}
	}
	switch info, statErr := d.file.Stat(); {
	case picture == nil && d.made:
		err = os.Remove(d.name)
	case picture == nil:
	case statErr == nil && info.Mode().IsRegular() && paths.KindOf(d.name) != paths.Descriptor:
		err = d.file.Truncate(0)
		fallthrough
	default:
		_, writeErr := d.file.Write(picture)
		err = errors.Join(err, writeErr)
	}
	return d.failed(errors.Join(err, d.file.Close()))
}

func (d *drawing) failed(err error) error {
	if err == nil {
		return nil
	}
	return &say.PlainError{Name: "--svg: " + d.name, Err: say.Cause(err)}
}
