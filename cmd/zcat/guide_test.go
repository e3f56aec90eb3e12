//go:build unix

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// guideSystems is how many systems of the ZeroMQ Guide stand in scripts/guide at least.
const guideSystems = 41

// longestGuide is how many lines one of them has at most, with the rules of its own.
const longestGuide = 25

// guideBrokers are the systems that also run with libzmq in the place of their broker.
var guideBrokers = []string{
	"paranoid-pirate", "majordomo", "majordomo-async", "service-discovery", "titanic", "clone-3", "clone-4", "clone-5",
}

// guideScripts returns the systems of scripts/guide by their names.
func guideScripts(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../scripts/guide/*.sh")
	if err != nil {
		t.Fatal(err)
	}
	scripts := map[string]string{}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".sh"); name != "lib" {
			scripts[name] = file
		}
	}
	if len(scripts) < guideSystems {
		t.Fatalf("%d systems of the Guide, want %d at least", len(scripts), guideSystems)
	}
	return scripts
}

// TestGuide runs each system of scripts/guide, which checks its own outcome, and those that
// follow an RFC also with libzmq: as more clients and workers, and as the broker.
func TestGuide(t *testing.T) {
	zcat, err := exec.LookPath("zcat")
	if err != nil {
		t.Fatal(err)
	}
	broker, err := filepath.Abs("../../scripts/guide/peers")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ZCAT", zcat)
	for name, script := range guideScripts(t) {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		run := func(as, peer, bin string) {
			t.Run(name+"/"+as, func(t *testing.T) {
				t.Parallel()
				if out := runDemo(t, script, peer, bin); len(out) == 0 {
					t.Error("it does not say what it saw")
				}
			})
		}
		run("zcat", "zcat", filepath.Dir(zcat))
		if bytes.Contains(text, []byte("\nlibzmq ")) {
			run("libzmq", "libzmq", filepath.Dir(zcat))
		}
		if slices.Contains(guideBrokers, name) {
			run("broker", "zcat", broker)
		}
	}
}

// TestGuideChecks lets each system run with a zcat that does nothing: all must notice, soon.
func TestGuideChecks(t *testing.T) {
	idle, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(idle, filepath.Join(bin, "zcat")); err != nil {
		t.Fatal(err)
	}
	for name, script := range guideScripts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, complaint, err := demo(t, script, "zcat", bin)
			if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 || len(complaint) == 0 {
				t.Errorf("ends with %v, and prints:\n%s%s", err, out, complaint)
			}
		})
	}
}

// TestGuideIsShort holds each system to what is read in a minute, and to two lines on top that
// say what it shows, in the table of the README beside it, too.
func TestGuideIsShort(t *testing.T) {
	table, err := os.ReadFile("../../scripts/guide/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, script := range guideScripts(t) {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		rules, err := os.ReadFile(strings.TrimSuffix(script, ".sh") + ".jq")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if all := len(lines) + bytes.Count(rules, []byte("\n")); all > longestGuide {
			t.Errorf("%s has %d lines, and should have %d at most", name, all, longestGuide)
		}
		if len(lines) < 4 || !strings.HasPrefix(lines[1], "# ") || !strings.HasPrefix(lines[2], "# ") {
			t.Errorf("%s does not say in two lines what it shows", name)
		}
		if !bytes.Contains(table, []byte("("+name+".sh)")) {
			t.Errorf("%s is not in the table of scripts/guide/README.md", name)
		}
	}
}
