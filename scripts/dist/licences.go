package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

// linked returns the modules that are linked into any of the binaries, by path.
func linked(binaries []binary) map[string]*debug.Module {
	all := map[string]*debug.Module{}
	for _, b := range binaries {
		for _, m := range b.info.Deps {
			if m.Replace != nil {
				m = m.Replace
			}
			all[m.Path] = m
		}
	}
	return all
}

// licences returns the licence texts of Go's library and of each module that is
// linked into any of the binaries, as their authors ask for.
func licences(binaries []binary) ([]byte, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output() //nolint:noctx // it prints and ends
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	var text bytes.Buffer
	add := func(name, dir string) error {
		texts, err := licencesIn(dir)
		if err == nil && len(texts) == 0 {
			err = errors.New("there is no licence")
		}
		if err != nil {
			return fmt.Errorf("%s in %s: %w", name, dir, err)
		}
		for _, t := range texts {
			fmt.Fprintf(&text, "%s\n%s\n\n%s\n\n", name, strings.Repeat("=", len(name)), bytes.TrimSpace(t))
		}
		return nil
	}
	if err := add("Go's standard library", strings.TrimSpace(string(root))); err != nil {
		return nil, err
	}
	modules := linked(binaries)
	dirs, err := sources(modules)
	if err != nil {
		return nil, err
	}
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		if err := add(path+" "+modules[path].Version, dirs[path]); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}

// sources returns the directories with the modules' sources.
func sources(modules map[string]*debug.Module) (map[string]string, error) {
	args := []string{"mod", "download", "-json"}
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		args = append(args, path+"@"+modules[path].Version)
	}
	out, err := exec.Command("go", args...).Output() //nolint:noctx // it ends by itself
	if err != nil {
		return nil, fmt.Errorf("go mod download: %w", err)
	}
	dirs := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var m struct{ Path, Dir string }
		err := d.Decode(&m)
		if errors.Is(err, io.EOF) {
			return dirs, nil
		}
		if err != nil {
			return nil, fmt.Errorf("go mod download: %w", err)
		}
		dirs[m.Path] = m.Dir
	}
}

// licencesIn returns the texts of the licence and patent files in a directory.
func licencesIn(dir string) (texts [][]byte, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		if e.IsDir() || !slices.ContainsFunc([]string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "PATENTS"}, func(kind string) bool {
			return strings.HasPrefix(name, kind)
		}) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}
