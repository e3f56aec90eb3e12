//go:build linux

package faults

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestClockJumps shows that no wait and no deadline depends on the date, which
// an administrator or NTP may change: Go compares times by the monotonic clock
// for as long as nothing strips that from them. So nothing may, except where a
// time is printed for people.
func TestClockJumps(t *testing.T) {
	strips := []string{
		"Round", "Truncate", "UTC", "Local", "In", "AddDate", "Unix", "UnixMilli", "UnixMicro", "UnixNano", "Date",
	}
	others := map[string]bool{
		"cmd/zcat/output.go":   true, // prints the time of records and events
		"cmd/zcat/recorder.go": true, // truncates a file
	}
	root := filepath.Join("..", "..")
	checked := 0
	for _, dir := range []string{"cmd", "pkg"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				return err
			}
			if !imports(file, "time") || others[name] {
				return nil
			}
			checked++
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.SelectorExpr); ok && slices.Contains(strips, call.Sel.Name) {
					t.Errorf("%s: %s may strip the monotonic clock from a time", set.Position(n.Pos()), call.Sel.Name)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if checked < 10 {
		t.Errorf("only %d files know the time", checked)
	}
}

func imports(file *ast.File, path string) bool {
	return slices.ContainsFunc(file.Imports, func(s *ast.ImportSpec) bool { return s.Path.Value == `"`+path+`"` })
}
