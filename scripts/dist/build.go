package main

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"
)

// binary is zcat, compiled for one platform.
type binary struct {
	os, arch string
	path     string
	info     *debug.BuildInfo
	commit   string
	at       time.Time // of the commit
	modified bool      // the tree was not the commit's
}

// compile builds zcat for OS/ARCH. Whatever could change the bytes and is not part
// of the commit is fixed here, except for the version of Go.
func compile(target, tags, work string) (binary, error) {
	goos, arch, found := strings.Cut(target, "/")
	if !found {
		return binary{}, fmt.Errorf("%q is not OS/ARCH", target)
	}
	b := binary{os: goos, arch: arch, path: filepath.Join(work, goos+"-"+arch, "zcat")}
	// Without the commit there is nothing to reproduce: -buildvcs=true insists.
	ldflags := "-s -w -buildid="
	if goos == "linux" && (arch == "amd64" || arch == "arm64") {
		ldflags += " -E main.entry" // as the Makefile
	}
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=true", "-tags", tags, "-ldflags", ldflags, "-o", b.path, "./cmd/zcat") //nolint:noctx // a build ends by itself
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+arch, "CGO_ENABLED=0",
		"GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0", "GOFIPS140=off")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return binary{}, fmt.Errorf("building %s: %w", target, err)
	}
	var err error
	if b.info, err = buildinfo.ReadFile(b.path); err != nil {
		return binary{}, err
	}
	for _, s := range b.info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = s.Value
		case "vcs.modified":
			b.modified = s.Value == "true"
		case "vcs.time":
			if b.at, err = time.Parse(time.RFC3339, s.Value); err != nil {
				return binary{}, err
			}
		}
	}
	if b.commit == "" || b.at.IsZero() {
		return binary{}, errors.New("the binary knows no commit: is git there, and is this a clone?")
	}
	return b, nil
}

// file returns the binary's name on its platform.
func (b binary) file(name string) string {
	if b.os == "windows" {
		return name + ".exe"
	}
	return name
}

// release returns the version: X.Y.Z of a tagged commit, else what comes before it
// in the order of Debian, RPM and Alpine, with the commit's date.
func (b binary) release() (string, error) {
	text, err := b.say("zcat", "--version")
	if err != nil {
		return "", err
	}
	var version string
	if _, err := fmt.Sscanf(string(text), "zcat %s", &version); err != nil {
		return "", fmt.Errorf("the version %q: %w", text, err)
	}
	if b.info.Main.Version == "v"+version && !b.modified {
		return version, nil
	}
	return version + "~pre" + b.at.UTC().Format("20060102150405"), nil
}

// say runs the binary, which has to be the host's, under a name.
func (b binary) say(name string, args ...string) ([]byte, error) {
	cmd := exec.Command(b.path, args...) //nolint:noctx // it prints and ends
	cmd.Args[0] = name
	cmd.Env = nil
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "ZCAT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return out, nil
}

// document is a file that stands beside the binary.
type document struct {
	path string // in an archive
	body []byte
}

// documents returns the papers of the project, the licences of what is linked, and
// the manual pages and completions for the name.
func (b binary) documents(name string, licences []byte) ([]document, error) {
	list := []document{{thirdParty, licences}}
	for _, paper := range []string{"README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md"} {
		body, err := os.ReadFile(paper)
		if err != nil {
			return nil, err
		}
		list = append(list, document{paper, body})
	}
	pages, err := b.manual(name)
	if err != nil {
		return nil, err
	}
	list = append(list, pages...)
	for _, d := range []struct{ path, shell string }{
		{"completions/" + name + ".bash", "bash"},
		{"completions/_" + name, "zsh"},
		{"completions/" + name + ".fish", "fish"},
		{"completions/" + name + ".ps1", "powershell"},
	} {
		body, err := b.say(name, "completion", d.shell)
		if err != nil {
			return nil, err
		}
		list = append(list, document{d.path, body})
	}
	return list, nil
}

// thirdParty is the name of the file with the licences of what is linked.
const thirdParty = "THIRD-PARTY-LICENSES"

// manual returns all manual pages for the name.
func (b binary) manual(name string) (pages []document, err error) {
	dir, err := os.MkdirTemp("", "zcat-man")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // else the system clears it away
	if _, err := b.say(name, "man", "--dir", dir); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir) // in the order of their names
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		body, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		pages = append(pages, document{"man/" + e.Name(), body})
	}
	return pages, nil
}
