package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAloneIsHere holds the list of tests that make test runs without the race detector
// against what there is: each name on it is that of a test of the two packages of which
// make runs them so, and of no other, which would not be run at all.
func TestAloneIsHere(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`(?m)^ALONE +:= (.*)$`).FindSubmatch(makefile)
	if list == nil {
		t.Fatal("the Makefile has no list of them")
	}
	missing := map[string]bool{}
	for name := range strings.SplitSeq(string(list[1]), "|") {
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
				if dir := filepath.ToSlash(filepath.Dir(path)); dir != "../../cmd/zcat" && dir != "../../pkg/sockets" {
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
