//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSeed runs each script of scripts/seed twice, with zcat and with libzmq as
// the peers, and compares its output with the .expected file beside it.
func TestSeed(t *testing.T) {
	scripts, err := filepath.Glob("../../scripts/seed/*.sh")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no seed scripts: %v", err)
	}
	zcat, err := exec.LookPath("zcat")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		name := strings.TrimSuffix(script, ".sh")
		if filepath.Base(name) == "common" {
			continue
		}
		want, err := os.ReadFile(name + ".expected")
		if err != nil {
			t.Fatal(err)
		}
		for _, peer := range []string{"zcat", "libzmq"} {
			t.Run(filepath.Base(name)+"/"+peer, func(t *testing.T) {
				t.Parallel()
				got := runDemo(t, script, peer, filepath.Dir(zcat))
				if !bytes.Equal(got, want) {
					t.Errorf("printed:\n%s\nwant:\n%s", got, want)
				}
			})
		}
	}
}

// runDemo returns what script prints with the zcat in bin, and fails where it does.
func runDemo(t *testing.T, script, peer, bin string) []byte {
	t.Helper()
	out, complaint, err := demo(t, script, peer, bin)
	if err != nil {
		t.Errorf("%v\n%s", err, complaint)
	}
	return out
}

// demo returns what script prints with the zcat in bin, on stdout and on stderr.
func demo(t *testing.T, script, peer, bin string) (stdout, stderr []byte, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/bin/sh", script, peer)
	cmd.Env = append(os.Environ(), "BIN="+bin, "GORACE=atexit_sleep_ms=0")
	// On time-out the peers that the script has started go with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	return out, complaint.Bytes(), err
}
