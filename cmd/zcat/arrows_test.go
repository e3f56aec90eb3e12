package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/sockets"
)

// sourcesOfAll parses the files of the command and of its packages, except tests.
func sourcesOfAll(t *testing.T) (*token.FileSet, []*ast.File) {
	t.Helper()
	set := token.NewFileSet()
	var files []*ast.File
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(set, path, nil, 0)
		files = append(files, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return set, files
}

// TestNoCommandAsksForTheType: what a socket type promises is in its row in the library
// (Type.Traits). A command may open a socket of a type that it names, but it neither
// compares one with a type, nor keeps a list of types, in order to treat some in another
// way.
func TestNoCommandAsksForTheType(t *testing.T) {
	isType := map[string]bool{}
	for _, kind := range sockets.Types() {
		isType[kind.String()] = true
	}
	set, files := sourcesOfAll(t)
	named := 0
	constant := func(n ast.Expr) bool {
		x, ok := n.(*ast.SelectorExpr)
		if !ok || !isType[strings.ToUpper(x.Sel.Name)] {
			return false
		}
		of, ok := x.X.(*ast.Ident)
		return ok && of.Name == "sockets"
	}
	// A command of a socket type is not asked for by its name either.
	word := func(n ast.Expr) bool {
		text, ok := n.(*ast.BasicLit)
		return ok && isType[strings.ToUpper(strings.Trim(text.Value, "\""))]
	}
	name := func(n ast.Expr) bool {
		of, ok := n.(*ast.SelectorExpr)
		if !ok || of.Sel.Name != "Name" {
			return false
		}
		x, ok := of.X.(*ast.SelectorExpr)
		return ok && strings.EqualFold(x.Sel.Name, "command")
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			var asked []ast.Expr
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if constant(n) {
					named++
				}
			case *ast.BinaryExpr:
				asked = []ast.Expr{n.X, n.Y}
				if name(n.X) && word(n.Y) {
					t.Errorf("%s: is it %s? ask for what its type promises", set.Position(n.Pos()), n.Y.(*ast.BasicLit).Value)
				}
			case *ast.CallExpr:
				if len(n.Args) != 2 || !name(n.Args[1]) {
					break
				}
				if list, ok := n.Args[0].(*ast.CompositeLit); ok && slices.ContainsFunc(list.Elts, word) {
					t.Errorf("%s: a list of types: ask for what they promise", set.Position(n.Pos()))
				}
			case *ast.CaseClause:
				asked = n.List
			case *ast.CompositeLit:
				if list, ok := n.Type.(*ast.ArrayType); ok {
					if of, ok := list.Elt.(*ast.SelectorExpr); ok && of.Sel.Name == "Type" {
						asked = n.Elts
					}
				}
			}
			for _, x := range asked {
				if constant(x) {
					t.Errorf("%s: is it a %s? ask for what it promises", set.Position(x.Pos()), x.(*ast.SelectorExpr).Sel.Name)
				}
			}
			return true
		})
	}
	if named < len(isType) {
		t.Errorf("%d types are named in %d files: this test no longer finds them", named, len(files))
	}
}
