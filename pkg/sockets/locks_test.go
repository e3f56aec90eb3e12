package sockets

import (
	"go/ast"
	"path/filepath"
	"testing"
)

// TestLocksHaveClasses: each lock is one of package locks, which knows where it stands
// in the order in which they are taken.
func TestLocksHaveClasses(t *testing.T) {
	dirs, err := filepath.Glob("internal/*")
	try(t, err)
	classes := 0
	for _, dir := range append(dirs, ".") {
		if filepath.Base(dir) == "locks" {
			continue
		}
		set, files := sourcesOf(t, dir)
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				switch from, _ := s.X.(*ast.Ident); {
				case from == nil || s.Sel.Name != "Mutex" && s.Sel.Name != "RWMutex":
				case from.Name == "sync":
					t.Errorf("%s: a lock without a class", set.Position(n.Pos()))
				case from.Name == "locks":
					classes++
				}
				return true
			})
		}
	}
	if classes < 10 {
		t.Errorf("only %d locks were found", classes)
	}
}
