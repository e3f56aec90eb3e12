package retype

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
)

// mostWords is the length of the longest command line that is mended: each word is tried
// without, so that a pattern of the shell that made 4,000 of them took 2.9 s to be refused.
const mostWords = 250

// Corrected returns err and, where it is about the command line, gives it a hint
// that keeps all of the line that was typed and mends what is wrong with it, if
// that is known and makes a line that can be run. Nobody knows better what a line
// was for than the user who typed it.
//
// Of around it needs to know where the line stands.
func Corrected(all *line.Catalogue, args []string, around Around, err error) error {
	usage, ok := err.(*outcome.UsageError) //nolint:errorlint // what is wrapped is about something else
	if !ok || usage.InFile || len(args) > mostWords {
		return err
	}
	better, password := *usage, around.Password
	if name := filepath.Base(around.Output); redirected(all, args, password, name) {
		args = slices.Insert(slices.Clone(args), 1, name)
		better.Sentence += fmt.Sprintf(": the shell took >%s for a file", name)
	}
	meaning, lines := retyped(all, args, around)
	if meaning != "" {
		better.Sentence = meaning
	}
	if len(lines) > 0 {
		better.Hint = strings.Join(lines, "\n")
	} else {
		better.Hint = secured(all, args, password, better.Hint)
	}
	return &better
}

// Around is what a command line is started with.
type Around struct {
	Password bool // the environment holds one
	// Output is the name of the file that stdout is redirected to, "" for none: the shell
	// took >@x for one, where another tool's way to connect was meant.
	Output  string
	Undrawn bool // there is no terminal that --top could draw on
}
