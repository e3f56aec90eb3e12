package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// besideGzip is the name of zcat in Debian: there the name zcat belongs to gzip,
// which keeps it.
const besideGzip = "zmq-zcat"

// debian makes a package of a binary for Linux with dpkg-deb. It returns "" for
// other systems, and where there is no dpkg-deb.
func debian(into, name, release string, b, host binary) (path string, err error) {
	if b.os != "linux" {
		return "", nil
	}
	dpkg, _ := exec.LookPath("dpkg-deb")
	if dpkg == "" {
		_, _ = fmt.Fprintln(os.Stderr, "dist: no dpkg-deb, so no Debian package")
		return "", nil
	}
	if name == "zcat" {
		name = besideGzip
	}
	body, err := os.ReadFile(b.path)
	if err != nil {
		return "", err
	}
	documents, err := host.documents(name)
	if err != nil {
		return "", err
	}
	root := filepath.Join(filepath.Dir(b.path), "debian")
	t := tree{root: root, at: b.at}
	t.put("usr/bin/"+name, body, 0o755)
	for _, d := range documents {
		t.put(debianPath(name, d.path), d.body, 0o644)
	}
	t.put("DEBIAN/control", control(name, release, b.arch, t.size), 0o644)
	if err := t.settle(); err != nil {
		return "", err
	}
	path = filepath.Join(into, fmt.Sprintf("%s_%s_%s.deb", name, release, b.arch))
	cmd := exec.Command(dpkg, "--build", "--root-owner-group", "-Zxz", root, path) //nolint:noctx // it ends by itself
	// The time of the archive itself, and the latest of a file in it.
	cmd.Env = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", b.at.Unix()), "LC_ALL=C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
}

// control returns the description of the package.
func control(name, release, arch string, size int) []byte {
	return fmt.Appendf(nil, `Package: %s
Version: %s
Architecture: %s
Maintainer: zcat maintainers <maintainers@users.noreply>
Installed-Size: %d
Section: net
Priority: optional
Description: open any ZeroMQ socket from the shell
 One command a socket type; messages are lines of JSON, hex or text on stdin
 and stdout, every frame shown as it is on the wire. The command is %s:
 zcat itself stays gzip's.
`, name, release, arch, (size+1023)/1024, name)
}

// debianPath returns the place where Debian wants a document.
func debianPath(name, path string) string {
	switch {
	case path == name+".1":
		return "usr/share/man/man1/" + path + ".gz"
	case strings.HasSuffix(path, ".bash"):
		return "usr/share/bash-completion/completions/" + name
	case strings.HasPrefix(path, "completions/_"):
		return "usr/share/zsh/vendor-completions/_" + name
	case strings.HasSuffix(path, ".fish"):
		return "usr/share/fish/vendor_completions.d/" + name + ".fish"
	}
	return "usr/share/doc/" + name + "/" + filepath.Base(path)
}

// tree is a directory of files that all have the same time.
type tree struct {
	root string
	at   time.Time
	size int
	err  error // the first
}

func (t *tree) put(path string, body []byte, mode os.FileMode) {
	if t.err == nil && strings.HasSuffix(path, ".gz") {
		body, t.err = gzipped(body)
	}
	if t.err != nil {
		return
	}
	t.size += len(body)
	full := filepath.Join(t.root, path)
	if t.err = os.MkdirAll(filepath.Dir(full), 0o755); t.err != nil {
		return
	}
	if t.err = os.WriteFile(full, body, mode); t.err == nil {
		t.err = os.Chmod(full, mode) // whatever the umask
	}
}

// settle gives everything its time and directories their mode.
func (t *tree) settle() error {
	if t.err != nil {
		return t.err
	}
	return filepath.WalkDir(t.root, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			err = os.Chmod(path, 0o755)
		}
		if err != nil {
			return err
		}
		return os.Chtimes(path, t.at, t.at)
	})
}

func gzipped(body []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
