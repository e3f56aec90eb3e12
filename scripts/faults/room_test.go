//go:build linux

package faults

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// room is a machine of its own as far as the network goes: a namespace. It belongs
// to a thread, whose children live in it too, and ends with them.
type room struct{ work chan func() }

// home is the room of the test itself, with nothing but a loopback.
var home *room

// newRoom makes a room whose loopback is up.
func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{make(chan func())}
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		failed <- err
		for f := range r.work {
			f()
		}
	}()
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { close(r.work) })
	r.sh(t, "ip link set lo up")
	return r
}

// run runs f in the room.
func (r *room) run(f func()) {
	if r == nil {
		f()
		return
	}
	done := make(chan struct{})
	r.work <- func() { defer close(done); f() }
	<-done
}

// sh runs a command line in the room.
func (r *room) sh(t *testing.T, line string) {
	t.Helper()
	var out []byte
	var err error
	words := strings.Fields(line)
	r.run(func() { out, err = exec.CommandContext(t.Context(), words[0], words[1:]...).CombinedOutput() })
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
}
