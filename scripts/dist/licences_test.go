package main

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

// Each module that is linked is there with its licence, once, and so is Go itself.
func TestLicencesOfAllThatIsLinked(t *testing.T) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Fatal("the test knows not what it is built of")
	}
	tty := &debug.Module{Path: "github.com/mattn/go-isatty", Version: "v0.0.24"}
	for _, m := range info.Deps {
		if m.Path == tty.Path {
			tty = m
		}
	}
	both := []binary{{info: &debug.BuildInfo{Deps: []*debug.Module{tty}}}, {info: &debug.BuildInfo{Deps: []*debug.Module{tty}}}}
	text, err := licences(both)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Go's standard library\n=", "The Go Authors", tty.Path + " " + tty.Version + "\n=", "Yasuhiro MATSUMOTO"} {
		if n := strings.Count(string(text), want); n == 0 || strings.HasSuffix(want, "=") && n != 1 && strings.HasPrefix(want, tty.Path) {
			t.Errorf("%q stands there %d times in %q", want, n, text)
		}
	}
}

// What allows nobody to pass it on is not passed on.
func TestLicenceMissing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "README"), []byte("free"), 0o600); err != nil {
		t.Fatal(err)
	}
	if texts, err := licencesIn(dir); err != nil || len(texts) > 0 {
		t.Errorf("%q, %v", texts, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "License.txt"), []byte("do"), 0o600); err != nil {
		t.Fatal(err)
	}
	if texts, err := licencesIn(dir); err != nil || len(texts) != 1 || string(texts[0]) != "do" {
		t.Errorf("%q, %v", texts, err)
	}
}
