//go:build linux

package faults

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// limit keeps processes within an amount of memory: a control group, which kills
// them where they take more, or, where none can be made, `ulimit -d`, which refuses
// them more.
type limit struct {
	t         *testing.T
	megabytes int
	dir       string // of the group; empty without one
	files     groupFiles
}

// groupFiles are the names of the same files in the two versions of control groups.
type groupFiles struct{ root, most, peak, events string }

var groups = []groupFiles{
	{"/sys/fs/cgroup", "memory.max", "memory.peak", "memory.events"},
	{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control"},
}

// newLimit makes a limit of its own for a test.
func newLimit(t *testing.T, megabytes int) *limit {
	t.Helper()
	l := &limit{t: t, megabytes: megabytes}
	for _, files := range groups {
		if _, err := os.Stat(filepath.Join(files.root, "cgroup.procs")); err != nil {
			continue // else a directory would be just that
		}
		dir, err := os.MkdirTemp(files.root, "zcat-faults")
		if err != nil {
			continue
		}
		t.Cleanup(func() {
			if err := os.Remove(dir); err != nil { // the processes in it have ended
				t.Error(err)
			}
		})
		if os.WriteFile(filepath.Join(dir, files.most), strconv.AppendInt(nil, int64(megabytes)<<20, 10), 0) == nil {
			l.dir, l.files = dir, files
			return l
		}
	}
	t.Log("no control group can be made here: ulimit -d is the limit")
	return l
}

// String names the limit.
func (l *limit) String() string {
	if l.dir == "" {
		return fmt.Sprintf("memory limit (ulimit -d) of %d MB", l.megabytes)
	}
	return fmt.Sprintf("memory limit (cgroup) of %d MB", l.megabytes)
}

// on returns a command line that keeps within the limit.
func (l *limit) on(argv []string) []string {
	if l.dir == "" {
		return with([]string{"prlimit", fmt.Sprintf("--data=%d", l.megabytes<<20)}, argv...)
	}
	return with([]string{"sh", "-c", `echo $$ >"$0" && exec "$@"`, filepath.Join(l.dir, "cgroup.procs")}, argv...)
}

// peak returns the most memory so far, in MB: of the group, the kernel's part
// included, or of p.
func (l *limit) peak(p *process) int {
	l.t.Helper()
	if l.dir == "" {
		return memory(l.t, p) >> 10
	}
	text, err := os.ReadFile(filepath.Join(l.dir, l.files.peak))
	if err != nil {
		l.t.Skip(err) // a kernel before 5.19
	}
	n, err := strconv.Atoi(string(bytes.TrimSpace(text)))
	if err != nil {
		l.t.Fatal(err)
	}
	return n >> 20
}

// held ends the test unless nobody was killed for want of memory.
func (l *limit) held() {
	l.t.Helper()
	if l.dir == "" {
		return // a process that is refused memory says so and ends, which is noticed
	}
	text, err := os.ReadFile(filepath.Join(l.dir, l.files.events))
	if err != nil {
		l.t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		if n, found := bytes.CutPrefix(line, []byte("oom_kill ")); found && string(n) != "0\n" {
			l.t.Fatalf("killed for want of memory: %s", text)
		}
	}
}
