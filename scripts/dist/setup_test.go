//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever has no network learns what is missing, why, and what to do about it.
func TestFailedDownloads(t *testing.T) {
	tools := t.TempDir()
	for _, name := range []string{"sh", "id", "mktemp", "rm", "tail"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(tools, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, script := range map[string]string{
		"apt-get": "echo 'E: no network' >&2; exit 100",
		"sudo":    `shift; "$@"`,
		"true":    "",
	} {
		if err := os.WriteFile(filepath.Join(tools, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil { //nolint:gosec // it is run
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "../setup.sh", "lint")
	cmd.Env = []string{"PATH=" + tools}
	out, err := cmd.CombinedOutput()
	const want = "setup: installing shellcheck\nE: no network\n" +
		"setup: apt-get failed; install these yourself, or have the network mended, and run make lint again: shellcheck\n"
	if err == nil || string(out) != want {
		t.Errorf("%v, %q, want %q", err, out, want)
	}

	cmd = exec.CommandContext(t.Context(), "make", "-s", "-C", "../..", "build", "OUT="+filepath.Join(t.TempDir(), "zcat"))
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOMODCACHE="+t.TempDir(), "GOFLAGS=")
	out, err = cmd.CombinedOutput()
	if want := "build: Go could not download all modules from off: set GOPROXY to a proxy"; err == nil || !strings.Contains(string(out), want) {
		t.Errorf("%v, %s, want %q", err, out, want)
	}
}
