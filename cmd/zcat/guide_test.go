//go:build unix

package main

import (
	"bytes"
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

// TestGuide runs each system of scripts/guide, which checks its own outcome, and those that
// follow an RFC also with libzmq: as more clients and workers, and as the broker.
func TestGuide(t *testing.T) {
	scripts, err := filepath.Glob("../../scripts/guide/*.sh")
	if err != nil || len(scripts) <= guideSystems { // lib.sh is none
		t.Fatalf("%d systems of the Guide (%v)", len(scripts)-1, err)
	}
	zcat, err := exec.LookPath("zcat")
	if err != nil {
		t.Fatal(err)
	}
	broker, err := filepath.Abs("../../scripts/guide/peers")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ZCAT", zcat)
	for _, script := range scripts {
		name := strings.TrimSuffix(filepath.Base(script), ".sh")
		if name == "lib" {
			continue
		}
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

// TestGuideIsShort holds each system to what is read in a minute, and to two lines on top that
// say what it shows, in the table of the README beside it, too.
func TestGuideIsShort(t *testing.T) {
	table, err := os.ReadFile("../../scripts/guide/README.md")
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob("../../scripts/guide/*.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		name := filepath.Base(script)
		if name == "lib.sh" {
			continue
		}
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		if len(lines) > longestGuide {
			t.Errorf("%s has %d lines, and should have %d at most", name, len(lines), longestGuide)
		}
		if len(lines) < 4 || !strings.HasPrefix(lines[1], "# ") || !strings.HasPrefix(lines[2], "# ") {
			t.Errorf("%s does not say in two lines what it shows", name)
		}
		if !bytes.Contains(table, []byte("("+name+")")) {
			t.Errorf("%s is not in the table of scripts/guide/README.md", name)
		}
	}
}
