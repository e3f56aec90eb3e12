//go:build unix

package life

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// published is what a test has to read after it has published endpoints.
const published = "tcp://127.0.0.1:1\nipc://s\n"

// publish publishes endpoints at a name.
func publish(t *testing.T, name string) (*Place, error) {
	t.Helper()
	p := &Place{name: name, late: func(err error) { t.Error(err) }}
	return p, p.Publish([]string{"tcp://127.0.0.1:1", "ipc://s"})
}

// content returns what a file has in it.
func content(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A file is whole, is the only one that is left behind, and goes with whoever made
// it; another's, which came later, stays.
func TestEndpointFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "endpoints")
	// Of an earlier run that was killed, and longer than what comes now.
	if err := os.WriteFile(name, []byte("ipc://@one\nipc:///tmp/two\ntcp://[::1]:9\ntcp://0.0.0.0:9\ntcp://*:9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	first, err := publish(t, name)
	if got := content(t, name); err != nil || got != published {
		t.Errorf("%q %v", got, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v %v", entries, err)
	}
	second, err := publish(t, name)
	if err != nil {
		t.Fatal(err)
	}
	first.retract()
	if got := content(t, name); got != published {
		t.Errorf("%q", got)
	}
	second.retract()
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the file is still there")
	}
	second.retract()
	third, err := publish(t, filepath.Join(dir, "no", "such", "dir"))
	if err == nil || !strings.Contains(err.Error(), "no such file or directory") {
		t.Errorf("in a directory that is not there: %v", err)
	}
	third.retract()
}

// A file with anything else in it belongs to somebody: it is written over, and
// stays, with its mode and its other names.
func TestEndpointFileThatWasThere(t *testing.T) {
	for _, text := range []string{
		"", "precious\n", "\n", "ipc://@one", "ipc://@one\nprecious\n", ":5555\n", "@one\n", "ipc://@one\n\n",
		strings.Repeat("ipc://@one\n", mostEndpoints/10),
	} {
		dir := t.TempDir()
		name, other := filepath.Join(dir, "file"), filepath.Join(dir, "other")
		if err := errors.Join(os.WriteFile(name, []byte(text), 0o600), os.Link(name, other)); err != nil {
			t.Fatal(err)
		}
		p, err := publish(t, name)
		if err != nil {
			t.Fatal(err)
		}
		if got := content(t, other); got != published {
			t.Errorf("%.20q: %q", text, got)
		}
		p.retract()
		info, err := os.Lstat(name)
		if err != nil || info.Mode() != 0o600 || content(t, name) != published {
			t.Errorf("%.20q: %v %v", text, info, err)
		}
	}
}

// What is not a file of its own is written to, and stays what it is.
func TestEndpointFileLeavesOthersAlone(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	if err := os.WriteFile(target, []byte("of an earlier run, and longer than what comes now"), 0o600); err != nil {
		t.Fatal(err)
	}
	link, dangling, fifo := filepath.Join(dir, "link"), filepath.Join(dir, "dangling"), filepath.Join(dir, "fifo")
	loop, stream := filepath.Join(dir, "loop"), filepath.Join(dir, "stream")
	if err := errors.Join(os.Symlink(loop, loop), os.Symlink(target, link), os.Symlink("made", dangling), syscall.Mkfifo(fifo, 0o600)); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "log")
	descriptor, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = descriptor.Close() })
	if _, err := descriptor.WriteString("before\n"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/fd/"+strconv.Itoa(int(descriptor.Fd())), stream); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, read, want string }{
		{link, target, published},
		{dangling, filepath.Join(dir, "made"), published},
		{"/dev/fd/" + strconv.Itoa(int(descriptor.Fd())), log, "before\n" + published},
		{"/proc/self/fd/" + strconv.Itoa(int(descriptor.Fd())), log, "before\n" + published + published},
		{stream, log, "before\n" + published + published + published},
		{"/dev/null", "/dev/null", ""},
	} {
		before, beforeErr := os.Lstat(c.name)
		p, err := publish(t, c.name)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := content(t, c.read); got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
		p.retract()
		if after, err := os.Lstat(c.name); err != nil || beforeErr != nil || !os.SameFile(before, after) {
			t.Errorf("%s is not what it was: %v, %v", c.name, beforeErr, err)
		}
	}
	// A FIFO is written when somebody reads it, and holds nobody up until then.
	p, err := publish(t, fifo)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := os.Open(fifo)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	lines := bufio.NewReader(reader)
	for _, want := range strings.SplitAfter(strings.TrimSuffix(published, "\n"), "\n") {
		if got, err := lines.ReadString('\n'); strings.TrimSuffix(got, "\n") != strings.TrimSuffix(want, "\n") || err != nil {
			t.Errorf("%q %v", got, err)
		}
	}
	p.retract()
	if info, err := os.Lstat(fifo); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		t.Errorf("the FIFO is gone: %v", err)
	}
	for _, bad := range []string{dir, loop, "/dev/fd/99999"} {
		if _, err := publish(t, bad); err == nil {
			t.Errorf("%s was written", bad)
		}
	}
}
