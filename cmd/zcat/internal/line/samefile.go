package line

import (
	"fmt"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/paths"
)

// NamedFile is a file that a flag or an argument names.
type NamedFile struct {
	Flag, Name string
	Read       bool // it is not written
}

// namedFiles returns the files that the command writes, and the recording that it
// reads.
func (c *Config) namedFiles() []NamedFile {
	all := []NamedFile{{Flag: "--endpoint-file", Name: c.EndpointFile}, {Flag: "--events", Name: c.EventsFile}}
	if c.Command.Files != nil {
		all = append(all, c.Command.Files(c)...)
	}
	return all
}

// checkFiles finds two flags that write the same file, by whatever name: one would
// overwrite what the other has written. A FIFO, a device or a descriptor, which
// everybody appends to, may be shared.
func (c *Config) checkFiles() error {
	all := c.namedFiles()
	for i, a := range all {
		for _, b := range all[:i] {
			if a.Name == "" || b.Name == "" || a.Name == StdoutName || b.Name == StdoutName || !paths.SameFile(a.Name, b.Name) {
				continue
			}
			hint := c.Line(b.Flag + " " + b.Name + " " + a.Flag + " " + a.Name + ".2")
			if a.Read {
				hint = c.Line(a.Name + " " + b.Flag + " " + b.Name + ".2")
			}
			return &outcome.UsageError{Sentence: fmt.Sprintf("%s and %s are the same file, %s: each needs one of its own", b.Flag, a.Flag, a.Name), Hint: hint}
		}
	}
	return nil
}
