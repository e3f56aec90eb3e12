package show

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
)

// growing reads a file that grows, and what takes its place, as tail -F does.
type growing struct {
	taking context.Context //nolint:containedctx // ends the reading
	file   *os.File
	name   string // "" where only the open file is known
	at     int64  // how far it has been read
	how    string // what became of the file, where errAnew says that it is another one
}

// errAnew is the error of a file that begins again: what is read next is its beginning.
var errAnew = errors.New("the file begins anew")

// lookAgain is how often a file is looked at for more.
const lookAgain = 50 * time.Millisecond

// Read implements io.Reader; it waits for more than the end.
func (g *growing) Read(p []byte) (int, error) {
	for {
		if g.taking.Err() != nil {
			return 0, outcome.ErrHalted
		}
		// What takes the place of the file is looked for before its end is: what was written
		// to it until then is read.
		successor := g.successor()
		n, err := g.file.Read(p)
		g.at += int64(n)
		if n > 0 || err != nil && !errors.Is(err, io.EOF) {
			if successor != nil {
				_ = successor.Close() // it will be found again
			}
			return n, err
		}
		if successor != nil {
			_ = g.file.Close() // it was only read
			g.file, g.at, g.how = successor, 0, "replaced"
			return 0, errAnew
		}
		if info, err := g.file.Stat(); err == nil && info.Size() < g.at {
			if _, err := g.file.Seek(0, io.SeekStart); err != nil {
				return 0, err
			}
			g.at, g.how = 0, "truncated"
			return 0, errAnew
		}
		timer := time.NewTimer(lookAgain)
		select {
		case <-timer.C:
		case <-g.taking.Done():
			timer.Stop()
		}
	}
}

// successor returns another file that has the name by now, nil without one: while there is
// none, the writer may come back to the old one.
func (g *growing) successor() *os.File {
	if g.name == "" {
		return nil
	}
	now, err := os.Stat(g.name)
	if err != nil || !now.Mode().IsRegular() {
		return nil
	}
	if old, err := g.file.Stat(); err != nil || os.SameFile(now, old) {
		return nil
	}
	f, err := os.Open(g.name)
	if err != nil {
		return nil // it may be readable later
	}
	return f
}
