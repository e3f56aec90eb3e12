package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	// besideGzip is the name of zcat in a package: the name zcat belongs to gzip,
	// which keeps it.
	besideGzip = "zmq-zcat"
	// packager makes Debian packages, RPMs and Alpine's of one list of files.
	packager = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.0"
	homepage = "https://github.com/zcat/zcat"
	about    = `open any ZeroMQ socket from the shell
One command a socket type; messages are lines of JSON, hex or text on stdin
and stdout, every frame shown as it is on the wire. The command is %s:
zcat itself stays gzip's. For scripts that call it zcat, put
/usr/lib/%[1]s in front of PATH.`
)

// entry is a file, or a link, of a package, in the words of the packager.
type entry struct {
	Source string `json:"src"`
	Place  string `json:"dst"`
	Type   string `json:"type,omitempty"`
	Only   string `json:"packager,omitempty"`
	Info   *mode  `json:"file_info,omitempty"`
}

type mode struct {
	Mode os.FileMode `json:"mode"`
}

// contents are the files of a package, which lie in a directory until it is made.
type contents struct {
	dir     string
	at      time.Time
	entries []entry
	err     error // the first
}

// packed is the name of zcat in a package.
func packed(name string) string {
	if name == "zcat" {
		return besideGzip
	}
	return name
}

// packages makes a package of each kind of a binary for Linux; none for other systems.
func packages(o order, release string, b, host binary, notices []byte) error {
	if b.os != "linux" {
		return nil
	}
	name := packed(o.name)
	body, err := os.ReadFile(b.path)
	if err != nil {
		return err
	}
	documents, err := host.documents(name, notices)
	if err != nil {
		return err
	}
	c := &contents{dir: filepath.Join(filepath.Dir(b.path), "package"), at: b.at}
	c.put("usr/bin/"+name, body, 0o755, "")
	c.entries = append(c.entries, entry{Source: "../../bin/" + name, Place: "/usr/lib/" + name + "/zcat", Type: "symlink"})
	for _, d := range documents {
		c.place(name, d)
	}
	c.examples(name)
	c.papers(name, release, o.maintainer, documents)
	if c.err != nil {
		return c.err
	}
	version, before, _ := strings.Cut(release, "~")
	config := map[string]any{
		"name": name, "arch": b.arch, "version": version, "prerelease": before, "version_schema": "none",
		"section": "net", "priority": "optional", "license": "MIT", "homepage": homepage, "maintainer": o.maintainer,
		"description": fmt.Sprintf(about, name), "mtime": b.at.UTC(), "contents": c.entries,
		"rpm": map[string]any{"buildhost": "localhost", "compression": "xz"},
	}
	for _, kind := range []string{"rpm", "apk", "deb"} {
		if kind == "deb" {
			delete(config, "license") // there it is a file
			config["deb"] = map[string]any{"compression": "xz"}
		}
		if err := wrap(kind, config, b, o.into); err != nil {
			return err
		}
	}
	return nil
}

// wrap makes a package of one kind.
func wrap(kind string, config map[string]any, b binary, into string) error {
	text, err := json.Marshal(config)
	if err != nil {
		return err
	}
	file := filepath.Join(filepath.Dir(b.path), kind+".json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	cmd := exec.Command("go", "run", packager, "package", "--config", file, "--packager", kind, "--target", into) //nolint:noctx // it ends by itself
	cmd.Env = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", b.at.Unix()), "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the %s: %w: %s\n(it is made by %s, which comes from Go's module proxy)", kind, err, bytes.TrimSpace(out), packager)
	}
	return nil
}

// put adds a file, and makes it a gzip where its name says so. only names the kind of
// package that has it, "" all.
func (c *contents) put(path string, body []byte, perm os.FileMode, only string) {
	if c.err == nil && strings.HasSuffix(path, ".gz") {
		body, c.err = gzipped(body)
	}
	if c.err != nil {
		return
	}
	full := filepath.Join(c.dir, path)
	if c.err = os.MkdirAll(filepath.Dir(full), 0o755); c.err != nil {
		return
	}
	if c.err = os.WriteFile(full, body, 0o600); c.err == nil {
		c.err = os.Chtimes(full, c.at, c.at)
	}
	c.entries = append(c.entries, entry{full, "/" + path, "", only, &mode{perm}})
}

// place puts a document where systems look for it.
func (c *contents) place(name string, d document) {
	base, perm := filepath.Base(d.path), os.FileMode(0o644)
	switch {
	case strings.HasPrefix(d.path, "man/"):
		c.put("usr/share/man/man1/"+base+".gz", d.body, perm, "")
	case strings.HasSuffix(d.path, ".bash"):
		c.put("usr/share/bash-completion/completions/"+name, d.body, perm, "")
	case strings.HasPrefix(d.path, "completions/_"):
		c.put("usr/share/zsh/vendor-completions/"+base, d.body, perm, "deb")
		c.put("usr/share/zsh/site-functions/"+base, d.body, perm, "rpm")
		c.put("usr/share/zsh/site-functions/"+base, d.body, perm, "apk")
	case strings.HasSuffix(d.path, ".fish"):
		c.put("usr/share/fish/vendor_completions.d/"+base, d.body, perm, "")
	case d.path == "LICENSE":
		c.put("usr/share/licenses/"+name+"/LICENSE", d.body, perm, "rpm")
		c.put("usr/share/licenses/"+name+"/LICENSE", d.body, perm, "apk")
	default:
		c.put("usr/share/doc/"+name+"/"+base, d.body, perm, "")
	}
}

// examples adds the scripts that README names, which find this zcat by themselves, and
// a unit for systemd.
func (c *contents) examples(name string) {
	const beside = "../../../../../lib/" // of the directory of a script
	ours := regexp.MustCompile(`\$\{BIN:-\$here/[./]*\}`)
	for _, pattern := range []string{"seed/*", "guide/*", "guide/peers/*", "peers/peer.py", "peers/bench.py", "browser/page.html"} {
		found, err := filepath.Glob("scripts/" + pattern)
		if c.err == nil && (err != nil || len(found) == 0) {
			c.err = fmt.Errorf("no scripts/%s, %w", pattern, err)
		}
		for _, path := range found {
			info, err := os.Stat(path)
			if err != nil || info.IsDir() || strings.HasPrefix(info.Name(), ".") || info.Name() == "zcat" {
				continue // the last is for tests of the brokers
			}
			body, err := os.ReadFile(path)
			if c.err == nil {
				c.err = err
			}
			body = ours.ReplaceAll(body, []byte("$${BIN:-$$here/"+beside+name+"}"))
			c.put("usr/share/doc/"+name+"/examples/"+strings.TrimPrefix(path, "scripts/"), body, info.Mode().Perm()&0o111|0o644, "")
		}
	}
	unit, err := os.ReadFile("scripts/dist/zcat-proxy.service")
	if c.err == nil {
		c.err = err
	}
	c.put("usr/share/doc/"+name+"/examples/"+name+"-proxy.service", regexp.MustCompile(`\bzcat\b`).ReplaceAll(unit, []byte(name)), 0o644, "")
}

// papers puts what each package of Debian has: who holds which rights, what changed, in
// a form of its own, and why the binary needs no library.
func (c *contents) papers(name, release, maintainer string, documents []document) {
	text := func(path string) []byte {
		return documents[slices.IndexFunc(documents, func(d document) bool { return d.path == path })].body
	}
	doc := "usr/share/doc/" + name
	c.put(doc+"/copyright", slices.Concat(text("LICENSE"), []byte("\nWhat is linked into it:\n\n"), text(thirdParty)), 0o644, "deb")
	c.put(doc+"/changelog.gz", fmt.Appendf(nil, "%s (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- %s  %s\n",
		name, release, maintainer, c.at.UTC().Format(time.RFC1123Z)), 0o644, "deb")
	c.put("usr/share/lintian/overrides/"+name, fmt.Appendf(nil, "# Go links statically, which makes it run on any Linux.\n%s: statically-linked-binary [usr/bin/%[1]s]\n", name), 0o644, "deb")
}
