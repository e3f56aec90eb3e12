//go:build unix

// Package scripts tests what all other tests need before they run.
package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// setup runs setup.sh on a machine that has nothing but these commands, and returns what
// it says and what they were called with.
func setup(t *testing.T, purpose []string, commands map[string]string) (said, calls string, err error) {
	t.Helper()
	bin := t.TempDir()
	log := filepath.Join(bin, "calls")
	for _, name := range []string{"dirname", "mktemp", "rm", "tail", "cat"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	commands["sleep"] = "exit 0"
	commands["id"] = "echo 0"
	for name, text := range commands {
		text = "#!/bin/sh\necho " + name + ` "$@" >>` + log + "\n" + text + "\n"
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o700); err != nil { //nolint:gosec // to be run
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", append([]string{"./setup.sh"}, purpose...)...)
	cmd.Env = []string{"PATH=" + bin, "FAILED=" + filepath.Join(bin, "failed")}
	out, err := cmd.CombinedOutput()
	called, _ := os.ReadFile(log) //nolint:gosec // ours
	return string(out), string(called), err
}

// failing returns a command that fails its first n calls whose arguments match a pattern.
func failing(n, pattern string) string {
	return `case "$*" in ` + pattern + `) ;; *) exit 0;; esac
echo >>$FAILED; [ "$(cat $FAILED | { n=0; while read -r line; do n=$((n + 1)); done; echo $n; })" -gt ` + n + ` ] || { echo no answer; exit 100; }`
}

// A mirror that does not answer is asked again; one that never does is told of, with what
// is missing.
func TestSetupAsksAgain(t *testing.T) {
	said, calls, err := setup(t, []string{"lint"}, map[string]string{"go": "exit 0", "apt-get": failing("3", `*" install "*`)})
	if err != nil || strings.Count(calls, " install ") != 4 || strings.Count(calls, " update") != 3 || !strings.Contains(calls, " shellcheck\n") {
		t.Errorf("%v: %s%s", err, said, calls)
	}
	said, calls, err = setup(t, []string{"lint"}, map[string]string{"go": "exit 0", "apt-get": `echo no answer; case "$*" in *" update") ;; *) exit 100;; esac`})
	if err == nil || strings.Count(calls, " update") != 4 || !strings.HasSuffix(said, "no answer\nsetup: apt-get failed; install these yourself, or have the network mended, and run make lint again: shellcheck\n") {
		t.Errorf("%v: %s%s", err, said, calls)
	}
}

// So is Go's proxy, for modules and for the linter.
func TestSetupAsksGoAgain(t *testing.T) {
	for _, c := range []struct {
		purpose []string
		asked   string
	}{{[]string{"lint"}, "mod download"}, {[]string{"linter", "example.org/lint"}, "install example.org/lint"}} {
		cached := `case "$1" in list) exit 1;; env) echo proxy.example; exit 0;; esac` + "\n"
		said, calls, err := setup(t, c.purpose, map[string]string{"shellcheck": "exit 0", "go": cached + failing("2", "*")})
		if err != nil || strings.Count(calls, "go "+c.asked+"\n") != 3 {
			t.Errorf("%v: %s%s", err, said, calls)
		}
		said, calls, err = setup(t, c.purpose, map[string]string{"shellcheck": "exit 0", "go": cached + "exit 1"})
		if err == nil || strings.Count(calls, "go "+c.asked+"\n") != 4 || !strings.HasSuffix(said, "setup: no download from proxy.example; set GOPROXY to a proxy that can be reached, and run make again\n") {
			t.Errorf("%v: %s%s", err, said, calls)
		}
	}
}

// Where everything is there nothing is downloaded.
func TestSetupOfWhatIsThere(t *testing.T) {
	said, calls, err := setup(t, []string{"lint"}, map[string]string{"go": "exit 0", "shellcheck": "exit 0", "apt-get": "exit 1"})
	if err != nil || said != "" || strings.Contains(calls, "apt-get") || strings.Contains(calls, "download") {
		t.Errorf("%v: %s%s", err, said, calls)
	}
}
