package main

import (
	"bytes"
	"compress/gzip"
	"crypto/md5" //nolint:gosec // see tree.put
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// besideGzip is the name of zcat in Debian: there the name zcat belongs to gzip,
// which keeps it.
const besideGzip = "zmq-zcat"

// maintainer is who Debian's tools name.
const maintainer = "the zcat authors <zcat@localhost.localdomain>"

// debian makes a package of a binary for Linux with dpkg-deb. It returns "" for
// other systems, and where there is no dpkg-deb.
func debian(into, name, release string, b, host binary, notices []byte) (path string, err error) {
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
	documents, err := host.documents(name, notices)
	if err != nil {
		return "", err
	}
	root := filepath.Join(filepath.Dir(b.path), "debian")
	t := tree{root: root, at: b.at}
	t.put("usr/bin/"+name, body, 0o755)
	for _, d := range documents {
		t.put(debianPath(name, d.path), d.body, 0o644)
	}
	if err := t.papers(name, release, documents); err != nil {
		return "", err
	}
	t.put("DEBIAN/md5sums", []byte(t.sums.String()), 0o644)
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

// papers puts what each package of Debian has: who holds which rights, and what
// changed, in a form of its own.
func (t *tree) papers(name, release string, documents []document) error {
	own, err := os.ReadFile("LICENSE")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(documents, func(d document) bool { return d.path == thirdParty })
	t.put("usr/share/doc/"+name+"/copyright", slices.Concat(own, []byte("\nWhat is linked into it:\n\n"), documents[i].body), 0o644)
	t.put("usr/share/doc/"+name+"/changelog.gz", fmt.Appendf(nil, "%s (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- %s  %s\n",
		name, release, maintainer, t.at.UTC().Format(time.RFC1123Z)), 0o644)
	return nil
}

// control returns the description of the package.
func control(name, release, arch string, size int) []byte {
	return fmt.Appendf(nil, `Package: %s
Version: %s
Architecture: %s
Maintainer: %s
Installed-Size: %d
Section: net
Priority: optional
Description: open any ZeroMQ socket from the shell
 One command a socket type; messages are lines of JSON, hex or text on stdin
 and stdout, every frame shown as it is on the wire. The command is %s:
 zcat itself stays gzip's.
`, name, release, arch, maintainer, (size+1023)/1024, name)
}

// debianPath returns the place where Debian wants a document.
func debianPath(name, path string) string {
	switch {
	case strings.HasPrefix(path, "man/"):
		return "usr/share/man/man1/" + filepath.Base(path) + ".gz"
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
	sums strings.Builder // the MD5 sums of all files but the package's own
	err  error           // the first
}

func (t *tree) put(path string, body []byte, mode os.FileMode) {
	if t.err == nil && strings.HasSuffix(path, ".gz") {
		body, t.err = gzipped(body)
	}
	if t.err != nil {
		return
	}
	t.size += len(body)
	if !strings.HasPrefix(path, "DEBIAN/") {
		fmt.Fprintf(&t.sums, "%x  %s\n", md5.Sum(body), path) //nolint:gosec // it is what dpkg --verify reads
	}
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
