//go:build linux

package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

var release = flag.Bool("release", false, "build the commit twice, compare, install and run what came out")

// TestRelease builds the commit in two clones, the second without a cache, and
// compares every byte. Then it shows the packages to the tools of their systems, installs
// the Debian package beside gzip's zcat, sends a message with it, and removes it.
func TestRelease(t *testing.T) {
	if !*release {
		t.Skip("takes minutes: make dist-check")
	}
	here := command(t, "", "git", "rev-parse", "--show-toplevel")
	targets := []string{"linux/" + runtime.GOARCH, "darwin/arm64", "windows/amd64"}
	first := build(t, here, targets)
	t.Setenv("GOCACHE", t.TempDir())
	second := build(t, filepath.Dir(first), targets) // here the commit may be another by now
	one, other := read(t, first), read(t, second)
	if names := slices.Sorted(maps.Keys(one)); !slices.Equal(names, slices.Sorted(maps.Keys(other))) || len(names) != 11 {
		t.Fatalf("the files are %q and %q, want the same eleven", names, slices.Sorted(maps.Keys(other)))
	}
	for name, body := range one {
		if !bytes.Equal(body, other[name]) {
			t.Errorf("%s is not the same in two directories", name)
		}
	}
	command(t, first, "sha256sum", "--check", "--strict", "SHA256SUMS")
	commit := command(t, filepath.Dir(first), "git", "rev-parse", "HEAD")
	command(t, first, "ruby", "-c", besideGzip+".rb")
	t.Run("image", func(t *testing.T) { checkImage(t, only(t, first, "*-image.tar"), commit) })
	t.Run("alpine", func(t *testing.T) { checkAlpine(t, only(t, first, "*.apk"), commit) })
	t.Run("rpm", func(t *testing.T) { checkRPM(t, only(t, first, "*.rpm"), commit) })
	t.Run("debian", func(t *testing.T) {
		deb := only(t, first, "*.deb")
		command(t, "", "lintian", "--allow-root", "--fail-on", "error,warning", deb)
		install(t, deb, commit)
	})
}

// only returns the one file of a directory that matches a pattern.
func only(t *testing.T, dir, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %q, %v, want one", pattern, found, err)
	}
	return found[0]
}

// checkImage has skopeo read an image, and runs what is in it where there is nothing
// else, as the user that it names.
func checkImage(t *testing.T, path, commit string) {
	t.Helper()
	command(t, "", "skopeo", "copy", "--insecure-policy", "oci-archive:"+path, "dir:"+t.TempDir())
	archive, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	config, files := unpackImage(t, archive, runtime.GOARCH)
	if os.Geteuid() != 0 {
		t.Skip("only root may change its root")
	}
	root := t.TempDir()
	for name, body := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, body, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(root, "tmp"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	contained := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), config.Config.Entrypoint[0], args...)
		cmd.Dir, cmd.Env = config.Config.WorkingDir, config.Config.Env
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		return cmd
	}
	if out, err := contained("--version").Output(); err != nil || !strings.Contains(string(out), "commit "+commit) {
		t.Errorf("the version is %q, %v", out, err)
	}
	service := contained("rep", "--bind", "/tmp/s", "--echo")
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	if out, err := contained("probe", "/tmp/s", "--wait", "60", "--expect-type", "rep").CombinedOutput(); err != nil {
		t.Errorf("the probe: %v: %s", err, out)
	}
	if out, err := contained("req", "--connect", "/tmp/s", "it works").CombinedOutput(); err != nil || string(out) != "[\"it works\"]\n" {
		t.Errorf("a reply: %q, %v", out, err)
	}
	if err := service.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	var ended *exec.ExitError
	if err := service.Wait(); !errors.As(err, &ended) || ended.ExitCode() != 143 {
		t.Errorf("SIGTERM ended it with %v", err)
	}
}

// checkRPM has rpm look at the sums of a package, and install it.
func checkRPM(t *testing.T, path, commit string) {
	t.Helper()
	command(t, "", "rpm", "--checksig", "--nosignature", path)
	if os.Geteuid() != 0 {
		t.Skip("rpm installs for root only")
	}
	root := t.TempDir()
	command(t, "", "rpm", "--root", root, "--install", "--nodeps", path)
	command(t, "", "rpm", "--root", root, "--verify", "--nodeps", besideGzip)
	isHere(t, filepath.Join(root, "usr/lib", besideGzip, "zcat"), commit)
	command(t, "", "rpm", "--root", root, "--erase", "--nodeps", besideGzip)
	if left, err := filepath.Glob(filepath.Join(root, "usr/bin/*")); err != nil || len(left) > 0 {
		t.Errorf("%q stayed behind, %v", left, err)
	}
}

// checkAlpine does what apk does: it reads what the package says of itself, holds the
// files against the sum that stands there, and unpacks them. A package is one gzip for
// each of the two, one behind the other.
func checkAlpine(t *testing.T, path, commit string) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rest := bytes.NewReader(body)
	part, err := gzip.NewReader(rest)
	if err != nil {
		t.Fatal(err)
	}
	part.Multistream(false)
	about, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	files := body[len(body)-rest.Len():]
	field := func(name string) string {
		found := regexp.MustCompile(`(?m)^` + name + ` = (.*)$`).FindSubmatch(about)
		if found == nil {
			t.Fatalf("no %s", name)
		}
		return string(found[1])
	}
	if got, want := field("datahash"), fmt.Sprintf("%x", sha256.Sum256(files)); got != want {
		t.Errorf("the sum is %s, want %s", got, want)
	}
	if got := field("pkgver"); !regexp.MustCompile(`^\d+(\.\d+)*(_pre\d+)?$`).MatchString(got) {
		t.Errorf("Alpine has no such version: %s", got)
	}
	root := t.TempDir()
	unpack := exec.CommandContext(t.Context(), "tar", "-xzC", root)
	unpack.Stdin = bytes.NewReader(files)
	if out, err := unpack.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	isHere(t, filepath.Join(root, "usr/lib", besideGzip, "zcat"), commit)
}

// isHere runs what was installed.
func isHere(t *testing.T, zcat, commit string) {
	t.Helper()
	if got := command(t, "", zcat, "--version"); !strings.Contains(got, "commit "+commit) {
		t.Errorf("the version is %q, want the commit %s in it", got, commit)
	}
}

// build clones the commit into a directory of its own and returns its dist.
func build(t *testing.T, from string, targets []string) string {
	t.Helper()
	clone := filepath.Join(t.TempDir(), "a-clone-of-zcat")
	command(t, "", "git", "clone", "--quiet", "--no-local", from, clone)
	t.Chdir(clone)
	if err := run(order{into: "dist", name: "zcat", tags: "urfave_cli_no_docs", maintainer: "A B <a@example.com>", targets: targets}, io.Discard); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(clone, "dist")
}

func read(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// install puts the package into a system that has nothing but gzip.
func install(t *testing.T, deb, commit string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("dpkg installs for root only")
	}
	root := t.TempDir()
	gzips := filepath.Join(root, "usr/bin/zcat")
	for path, text := range map[string]string{
		"usr/bin/zcat":            "gzip's\n",
		"var/lib/dpkg/info/.keep": "", "var/lib/dpkg/updates/.keep": "",
		"var/lib/dpkg/info/gzip.list": "/.\n/usr\n/usr/bin\n/usr/bin/zcat\n",
		"var/lib/dpkg/status": "Package: gzip\nStatus: install ok installed\nPriority: required\nSection: utils\n" +
			"Maintainer: nobody <nobody@localhost>\nArchitecture: " + runtime.GOARCH + "\nVersion: 1\nDescription: gzip\n\n",
	} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, unwanted := range []string{"info", "updates"} {
		if err := os.Remove(filepath.Join(root, "var/lib/dpkg", unwanted, ".keep")); err != nil {
			t.Fatal(err)
		}
	}
	command(t, "", "dpkg", "--root="+root, "--log=/dev/null", "--install", deb)
	zcat := filepath.Join(root, "usr/bin", besideGzip)
	isHere(t, zcat, commit)
	if got := command(t, "", zcat, "help"); !strings.Contains(got, "Usage: "+besideGzip+" ") {
		t.Errorf("the help speaks of another name: %q", got)
	}
	got := command(t, root, "sh", "-c", `"$1" pull --bind ./s --count 1 & "$1" push --connect ./s 'it works' && wait $!`, "sh", zcat)
	if got != `["it works"]` {
		t.Errorf("a push and a pull printed %q", got)
	}
	// The scripts in it find this zcat by themselves.
	examples := filepath.Join(root, "usr/share/doc", besideGzip, "examples")
	command(t, "", filepath.Join(examples, "guide/hello-world.sh"))
	want, err := os.ReadFile(filepath.Join(examples, "seed/delimiter.expected"))
	if err != nil {
		t.Fatal(err)
	}
	if got := command(t, "", filepath.Join(examples, "seed/delimiter.sh")); got != strings.TrimSpace(string(want)) {
		t.Errorf("delimiter.sh printed %q", got)
	}
	command(t, "", "dpkg", "--root="+root, "--log=/dev/null", "--purge", besideGzip)
	if left, err := filepath.Glob(filepath.Join(root, "usr/*/*"+besideGzip+"*")); err != nil || len(left) > 0 {
		t.Errorf("%q stayed behind, %v", left, err)
	}
	if text, err := os.ReadFile(gzips); err != nil || string(text) != "gzip's\n" {
		t.Errorf("gzip's zcat holds %q, %v", text, err)
	}
}

// command runs a command that must succeed and returns what it printed.
func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	var speech bytes.Buffer
	cmd.Stderr = &speech
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v: %s", name, args, err, speech.String())
	}
	return strings.TrimSpace(string(out))
}
