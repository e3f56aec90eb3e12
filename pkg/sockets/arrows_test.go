package sockets

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sourcesOf parses the files of a directory, except tests.
func sourcesOf(t *testing.T, dir string) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	try(t, err)
	set, files := token.NewFileSet(), map[string]*ast.File{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		try(t, err)
		file, err := parser.ParseFile(set, path, text, 0)
		try(t, err)
		files[filepath.Base(path)] = file
	}
	if len(files) == 0 {
		t.Fatalf("there is no source in %s", dir)
	}
	return set, files
}

// askedFor returns the pointer types that a type assertion, or a case of a type
// switch, asks for.
func askedFor(n ast.Node) []*ast.Ident {
	var asked []ast.Expr
	switch n := n.(type) {
	case *ast.TypeAssertExpr:
		asked = []ast.Expr{n.Type}
	case *ast.CaseClause:
		asked = n.List
	}
	var names []*ast.Ident
	for _, expr := range asked {
		star, ok := expr.(*ast.StarExpr)
		if !ok {
			continue
		}
		switch x := star.X.(type) {
		case *ast.Ident:
			names = append(names, x)
		case *ast.SelectorExpr:
			names = append(names, x.Sel)
		}
	}
	return names
}

// typeConstants returns the names of the constants of Type.
func typeConstants(t *testing.T) []string {
	t.Helper()
	_, files := sourcesOf(t, ".")
	var names []string
	for _, decl := range files["type.go"].Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		first, ok := group.Specs[0].(*ast.ValueSpec)
		if kind, named := first.Type.(*ast.Ident); !ok || !named || kind.Name != "Type" {
			continue
		}
		for _, spec := range group.Specs {
			if value, ok := spec.(*ast.ValueSpec); ok {
				names = append(names, value.Names[0].Name)
			}
		}
	}
	return names
}

// TestNoCodeAsksForTheType: the behaviour of a socket type is in its row and its
// own file. Outside of rows no code names a type, or asks a pattern which one it
// is.
func TestNoCodeAsksForTheType(t *testing.T) {
	isType, isPattern := map[string]bool{}, map[string]bool{}
	for _, kind := range typeConstants(t) {
		isType[kind], isPattern[strings.ToLower(kind)] = true, true
	}
	if len(isType) != len(Types()) {
		t.Fatalf("%d types are constants, there are %d", len(isType), len(Types()))
	}
	for _, dir := range []string{".", "internal/zmtp"} {
		set, files := sourcesOf(t, dir)
		for name, file := range files {
			if name == "type.go" {
				continue
			}
			var look func(ast.Node) bool
			look = func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					return !strings.HasSuffix(n.Name.Name, "Row")
				case *ast.Field: // its names are no constants, whatever they are
					ast.Inspect(n.Type, look)
					return false
				case *ast.CompositeLit: // nor are those of the fields of a struct
					switch n.Type.(type) {
					case *ast.Ident, *ast.SelectorExpr:
						for _, x := range n.Elts {
							if pair, ok := x.(*ast.KeyValueExpr); ok {
								x = pair.Value
							}
							ast.Inspect(x, look)
						}
						return false
					}
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok && x.Name == "zmq4" && isType[n.Sel.Name] {
						t.Errorf("%s: a socket type, zmq4.%s", set.Position(n.Pos()), n.Sel.Name)
					}
					ast.Inspect(n.X, func(n ast.Node) bool {
						if x, ok := n.(*ast.Ident); ok && isType[x.Name] {
							t.Errorf("%s: the socket type %s", set.Position(x.Pos()), x.Name)
						}
						return true
					})
					return false
				case *ast.TypeAssertExpr, *ast.CaseClause:
					for _, x := range askedFor(n) {
						if isPattern[x.Name] {
							t.Errorf("%s: which pattern is it? a %s?", set.Position(n.Pos()), x.Name)
						}
					}
				case *ast.Ident:
					if isType[n.Name] {
						t.Errorf("%s: the socket type %s", set.Position(n.Pos()), n.Name)
					}
				}
				return true
			}
			ast.Inspect(file, look)
		}
	}
}

// TestNoCodeAsksForTheTransport: the abilities of a kind of connection are in the
// file of its transport.
func TestNoCodeAsksForTheTransport(t *testing.T) {
	own := map[string]string{"TCPConn": "tcp.go", "UnixConn": "ipc.go", "memConn": "inproc.go", "wsConn": "ws.go"}
	seen := 0
	for _, dir := range []string{".", "internal/zmtp", "internal/queue", "internal/transport"} {
		set, files := sourcesOf(t, dir)
		for name, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				for _, x := range askedFor(n) {
					if own[x.Name] == "" {
						continue
					}
					if seen++; dir != "internal/transport" || name != own[x.Name] {
						t.Errorf("%s: is it a %s?", set.Position(x.Pos()), x.Name)
					}
				}
				return true
			})
		}
	}
	if seen != len(own) {
		t.Errorf("%d transports know their connections, want %d", seen, len(own))
	}
}
