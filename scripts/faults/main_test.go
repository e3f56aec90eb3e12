//go:build linux

// Package faults holds zcat to its promises while networks, machines and peers
// misbehave, and while there are thousands of them. It has tests only.
//
// Each test runs zcat, and libzmq, as processes, sends numbered messages, and
// counts what was lost, duplicated, reordered or altered. Where root is at hand
// the machines are network namespaces, joined by a cable that the test controls
// (cable_test.go). All of that ends with the test process, however it ends. Without
// root, a TCP relay (relay_test.go) stands in where it can.
package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds every wait, so that a test which goes wrong ends by itself. It
// is long because it must not measure the machine.
const patience = 3 * time.Minute

// Variables of the environment: all faults instead of the quick ones, and where
// their table goes.
const (
	envAll    = "ZCAT_FAULTS"
	envTable  = "ZCAT_FAULTS_TABLE"
	envInside = "ZCAT_FAULTS_INSIDE"
	envRole   = "ZCAT_FAULTS_ROLE"
)

// zcat is the program that is tested, and libzmq the other side.
var (
	zcat   []string
	libzmq = []string{"/usr/bin/python3"}
)

// rooted is true where namespaces can be made.
var rooted = os.Geteuid() == 0 && os.Getenv(envInside) != ""

func TestMain(m *testing.M) {
	if role := os.Getenv(envRole); role != "" {
		if err := play(role); err != nil {
			panic(err)
		}
		return
	}
	if os.Geteuid() == 0 && !rooted {
		enter() // returns only where that is not allowed
	}
	if rooted {
		if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
			panic(fmt.Sprintf("%v: %s", err, out))
		}
	}
	dir, err := prepare()
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // in /tmp
	status := m.Run()
	if table := os.Getenv(envTable); table != "" && status == 0 {
		if err := writeTable(table); err != nil {
			panic(err)
		}
	}
}

// enter starts this process anew in a network and a mount namespace of its own,
// whose mounts and devices nobody else sees and nobody has to remove.
func enter() {
	self, err := os.Executable()
	if _, missing := exec.LookPath("ip"); err != nil || missing != nil {
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if unix.Unshare(unix.CLONE_NEWNET|unix.CLONE_NEWNS) != nil ||
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") != nil {
		return
	}
	panic(unix.Exec(self, os.Args, append(os.Environ(), envInside+"=1")))
}

// prepare builds zcat into a directory that is to be removed.
func prepare() (dir string, err error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp("/tmp", "zcat-faults"); err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "zcat")
	// The race detector would multiply the memory that some of the faults limit.
	build := exec.Command("go", "build", "-o", bin, "./cmd/zcat")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("%w\n%s", err, out)
	}
	zcat = []string{bin}
	libzmq = append(libzmq, filepath.Join(root, "scripts/peers/peer.py"))
	return dir, nil
}

// long skips a test that is not for every day.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv(envAll) == "" {
		t.Skip("make faults runs it")
	}
}

// measuring reports whether the figures of the table are wanted, for which nothing else
// may run.
func measuring() bool { return os.Getenv(envAll) != "" || os.Getenv(envTable) != "" }

// needRoot skips a test that no relay can stand in for.
func needRoot(t *testing.T, what string) {
	t.Helper()
	if !rooted {
		t.Skipf("%s needs root", what)
	}
}
