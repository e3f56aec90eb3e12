//go:build linux

package faults

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestClockJumps shows that no wait and no deadline depends on the date, which
// an administrator or NTP may change: Go compares times by the monotonic clock
// for as long as nothing strips that from them. So nothing may, except where a
// time is printed, or read from a recording.
func TestClockJumps(t *testing.T) {
	others := map[string]bool{
		"cmd/zcat/internal/stream/output.go": true, // prints the time of records and events
		"cmd/zcat/internal/replay/replay.go": true, // reads the times of a recording
		"cmd/zcat/internal/guide/manual.go":  true, // dates the manual page
		"cmd/zcat/internal/show/seen.go":     true, // prints the time of packets
		"cmd/zcat/internal/view/clock.go":    true, // prints the time of messages
		"cmd/zcat/internal/show/show.go":     true, // reads and shows the times of records

		"cmd/zcat/internal/packets/packetstest/packetstest.go": true, // writes those of packets
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	packages := listPackages(t, root)
	exports := map[string]string{}
	for _, p := range packages {
		exports[p.ImportPath] = p.Export
	}
	set := token.NewFileSet()
	config := types.Config{Importer: importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
	uses := 0
	for _, p := range packages {
		if !strings.HasPrefix(p.Dir, filepath.Join(root, "cmd")) && !strings.HasPrefix(p.Dir, filepath.Join(root, "pkg")) {
			continue
		}
		var files []*ast.File
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		info := types.Info{Uses: map[*ast.Ident]types.Object{}}
		if _, err := config.Check(p.ImportPath, set, files, &info); err != nil {
			t.Fatal(err)
		}
		for name, object := range info.Uses {
			f, isFunc := object.(*types.Func)
			if !isFunc || f.Pkg() == nil || f.Pkg().Path() != "time" {
				continue
			}
			uses++
			at := set.Position(name.Pos())
			file, err := filepath.Rel(root, at.Filename)
			if err != nil {
				t.Fatal(err)
			}
			if stripsMonotonic(f) && !others[file] {
				t.Errorf("%s:%d: %s has no monotonic clock", file, at.Line, f.FullName())
			}
		}
	}
	if uses < 50 {
		t.Errorf("only %d uses of package time found", uses)
	}
}

// stripsMonotonic reports whether a function of package time makes a time
// without the monotonic clock, or a number of one. time.Unix(1, 0), a deadline that
// is long past, is past at any date.
func stripsMonotonic(f *types.Func) bool {
	switch f.FullName() {
	case "(time.Time).Round", "(time.Time).Truncate", "(time.Time).UTC", "(time.Time).Local", "(time.Time).In", "(time.Time).AddDate",
		"(time.Time).Unix", "(time.Time).UnixMilli", "(time.Time).UnixMicro", "(time.Time).UnixNano",
		"time.Date", "time.UnixMilli", "time.UnixMicro", "time.Parse", "time.ParseInLocation":
		return true
	}
	return false
}

// listed is what `go list` tells about a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// listPackages lists ours and all that they import, compiled.
func listPackages(t *testing.T, root string) (all []listed) {
	t.Helper()
	list := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles", "./cmd/...", "./pkg/...")
	list.Dir, list.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
