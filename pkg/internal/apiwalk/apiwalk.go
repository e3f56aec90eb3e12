// Package apiwalk calls everything that a package exports with every kind of value
// that a caller can have, for tests that none of it panics.
package apiwalk

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// API lists what to call, and with which values.
type API struct {
	Dir string // the sources of the package
	// Funcs are its functions by their names, and other functions to call.
	Funcs map[string]any
	// Types are pointers to its types, nil ones: all methods are called.
	Types []any
	// Values are functions without parameters. Each returns a fresh value of a
	// parameter's type; the zero value of each type is tried anyway, except for a
	// receiver: calling a method of a nil pointer is the caller's own fault.
	Values []any
	// NoZero are functions that return values of types whose zero value is not tried.
	NoZero []any
	// Skip are names that are not called.
	Skip []string
}

// Walk calls everything with each combination of values. It fails the test where
// something panics, or is exported and not listed.
func (a API) Walk(t *testing.T) {
	t.Helper()
	calls := a.calls()
	exported, err := exports(a.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range exported {
		if _, ok := calls[name]; !ok && !slices.Contains(a.Skip, name) {
			t.Errorf("%s is exported and is not walked: list it", name)
		}
	}
	values := map[reflect.Type][]reflect.Value{}
	for _, v := range a.Values {
		f := reflect.ValueOf(v)
		values[f.Type().Out(0)] = append(values[f.Type().Out(0)], f)
	}
	noZero := map[reflect.Type]bool{}
	for _, v := range a.NoZero {
		of := reflect.ValueOf(v).Type().Out(0)
		values[of] = append(values[of], reflect.ValueOf(v))
		noZero[of] = true
	}
	for name, f := range calls {
		if !slices.Contains(a.Skip, name) {
			walk(t, name, f, values, noZero, strings.Contains(name, "."))
		}
	}
}

// calls returns the functions and methods by their names.
func (a API) calls() map[string]reflect.Value {
	calls := map[string]reflect.Value{}
	for name, f := range a.Funcs {
		calls[name] = reflect.ValueOf(f)
	}
	for _, v := range a.Types {
		pointer := reflect.TypeOf(v)
		for i := range pointer.NumMethod() {
			m := pointer.Method(i)
			calls[pointer.Elem().Name()+"."+m.Name] = m.Func
		}
	}
	return calls
}

// walk calls f with each combination of values.
func walk(t *testing.T, name string, f reflect.Value, values map[reflect.Type][]reflect.Value, noZero map[reflect.Type]bool, method bool) {
	t.Helper()
	kinds := f.Type()
	choices := make([][]func() reflect.Value, kinds.NumIn())
	for i := range choices {
		in := kinds.In(i)
		switch {
		case kinds.IsVariadic() && i == kinds.NumIn()-1:
			// With nothing, and with one of each.
			choices[i] = append(choices[i], nil)
			in = in.Elem()
			fallthrough
		default:
			choices[i] = append(choices[i], of(in, values, method && i == 0, noZero[in])...)
		}
	}
	at := make([]int, len(choices))
	for {
		var args []reflect.Value
		for i, n := range at {
			if choose := choices[i][n]; choose != nil {
				args = append(args, choose())
			}
		}
		call(t, name, f, args)
		i := 0
		for ; i < len(at); i++ {
			if at[i]++; at[i] < len(choices[i]) {
				break
			}
			at[i] = 0
		}
		if i == len(at) {
			return
		}
	}
}

// of returns the values of a type.
func of(in reflect.Type, values map[reflect.Type][]reflect.Value, receiver, noZero bool) []func() reflect.Value {
	var list []func() reflect.Value
	if noZero {
		// Only the values of NoZero.
	} else if receiver && in.Kind() == reflect.Pointer {
		list = append(list, func() reflect.Value { return reflect.New(in.Elem()) })
	} else {
		list = append(list, func() reflect.Value { return reflect.Zero(in) })
	}
	if in.Kind() == reflect.Slice {
		list = append(list, func() reflect.Value { return reflect.MakeSlice(in, 0, 0) })
	}
	for _, f := range values[in] {
		list = append(list, func() reflect.Value { return f.Call(nil)[0] })
	}
	return list
}

func call(t *testing.T, name string, f reflect.Value, args []reflect.Value) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			var texts []string
			for _, a := range args {
				texts = append(texts, fmt.Sprintf("%v(%.60s)", a.Type(), spell(a)))
			}
			t.Errorf("%s(%s) panics: %v\n%s", name, strings.Join(texts, ", "), p, debug.Stack())
		}
	}()
	f.Call(args)
}

// spell returns a value as far as it can be shown.
func spell(v reflect.Value) string {
	switch v.Kind() { //nolint:exhaustive // the address of others tells nothing
	case reflect.Func, reflect.Chan, reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
		return "..."
	}
	return fmt.Sprintf("%v", v)
}

// exports returns the names of the functions of a package, and TYPE.NAME for the
// methods of its types.
func exports(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Name.IsExported() {
				if name := nameOf(f); name != "" {
					names = append(names, name)
				}
			}
		}
	}
	return names, nil
}

// nameOf returns the name of a function in calls, "" for a method of a type that is
// not exported.
func nameOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	of := f.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if ident, ok := of.(*ast.Ident); ok && ident.IsExported() {
		return ident.Name + "." + f.Name.Name
	}
	return ""
}
