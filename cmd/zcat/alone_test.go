package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestAloneIsHere holds the list of tests that make test runs without the race detector
// against what there is: each name on it is that of a test in the packages of which
// make runs them so, and of no other, which would not be run at all.
func TestAloneIsHere(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	variable := func(name string) string {
		found := regexp.MustCompile(`(?m)^` + name + ` +:= (.*)$`).FindSubmatch(makefile)
		if found == nil {
			t.Fatalf("the Makefile has no %s", name)
		}
		return string(found[1])
	}
	places := strings.Fields(variable("ALONE_IN"))
	missing := map[string]bool{}
	for name := range strings.SplitSeq(variable("ALONE"), "|") {
		missing[name] = true
	}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Example)\w*)\(`)
	err = filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, test := range declared.FindAllSubmatch(text, -1) {
			for name := range missing {
				if !regexp.MustCompile("^(" + name + ")$").Match(test[1]) {
					continue
				}
				missing[name] = false
				if dir := filepath.ToSlash(filepath.Dir(path)); !slices.Contains(places, strings.Replace(dir, "../..", ".", 1)) {
					t.Errorf("%s: nobody runs %s", path, test[1])
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, is := range missing {
		if is {
			t.Errorf("there is no test %s", name)
		}
	}
}
