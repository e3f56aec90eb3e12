//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever has no network learns what the build lacks, and what to do about it.
func TestFailedDownloads(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "make", "-s", "-C", "../..", "build", "OUT="+filepath.Join(t.TempDir(), "zcat"))
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOMODCACHE="+t.TempDir(), "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	if want := "build: Go could not download all modules from off: set GOPROXY to a proxy"; err == nil || !strings.Contains(string(out), want) {
		t.Errorf("%v, %s, want %q", err, out, want)
	}
}
