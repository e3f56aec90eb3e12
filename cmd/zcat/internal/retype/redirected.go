package retype

import (
	"slices"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// redirected reports whether all that a command line lacks is an endpoint that the shell
// took for a file: output, the name of what stdout goes to.
func redirected(all *line.Catalogue, args []string, password bool, output string) bool {
	w, found := all.Find(line.First(args))
	if !found || !w.Attaches() || !line.IsEndpoint(output) {
		return false
	}
	_, without := Tried(w, args[1:], password)
	_, with := Tried(w, slices.Concat([]string{"--connect", output}, args[1:]), password)
	return without != nil && with == nil
}
