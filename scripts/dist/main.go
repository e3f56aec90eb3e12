// Command dist makes what is released: for each platform an archive of the
// binary, the papers with all licences, manual pages and completions; Debian packages; a
// list of what is inside (SBOM, CycloneDX) and one of checksums. The same commit gives the same
// bytes, in any directory: times are the commit's, orders are fixed, and paths
// are left out of the binaries.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("dist: ")
	into := flag.String("into", "dist", "the `directory` to fill; what it held goes")
	name := flag.String("name", "zcat", "the `name` of the binary in the archives; a Debian package is called zmq-zcat instead of zcat")
	targets := flag.String("targets", "linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64", "`OS/ARCH`, a space between")
	tags := flag.String("tags", "urfave_cli_no_docs", "build `tags`, those of make build")
	flag.Parse()
	if err := run(*into, *name, *tags, strings.Fields(*targets), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run fills a directory.
func run(into, name, tags string, targets []string, out io.Writer) error {
	if err := os.RemoveAll(into); err != nil {
		return err
	}
	if err := os.MkdirAll(into, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "zcat-dist")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }() // else the system clears it away
	var binaries []binary
	for _, t := range targets {
		b, err := compile(t, tags, work)
		if err != nil {
			return err
		}
		binaries = append(binaries, b)
	}
	// What a binary tells about itself has to come from one that runs here.
	host, err := compile(runtime.GOOS+"/"+runtime.GOARCH, tags, work)
	if err != nil {
		return err
	}
	if host.modified {
		_, _ = fmt.Fprintln(out, "the tree has changes: these bytes belong to no commit")
	}
	if err := packAll(into, name, binaries, host, out); err != nil {
		return err
	}
	return writeSums(into, out)
}

func packAll(into, name string, binaries []binary, host binary, out io.Writer) error {
	release, err := host.release()
	if err != nil {
		return err
	}
	notices, err := licences(binaries)
	if err != nil {
		return err
	}
	extras, err := host.documents(name, notices)
	if err != nil {
		return err
	}
	for _, b := range binaries {
		path, err := pack(into, name, b, extras)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(out, path)
	}
	for _, b := range binaries {
		path, err := debian(into, name, release, b, host, notices)
		if err != nil {
			return err
		}
		if path != "" {
			_, _ = fmt.Fprintln(out, path)
		}
	}
	path := filepath.Join(into, name+".cdx.json")
	_, _ = fmt.Fprintln(out, path)
	return os.WriteFile(path, bill(name, release, binaries), 0o644)
}

// writeSums writes SHA256SUMS, which `sha256sum -c` reads.
func writeSums(into string, out io.Writer) error {
	names, err := filepath.Glob(filepath.Join(into, "*"))
	if err != nil {
		return err
	}
	slices.Sort(names)
	var sums strings.Builder
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(body), filepath.Base(name))
	}
	path := filepath.Join(into, "SHA256SUMS")
	_, _ = fmt.Fprintln(out, path)
	return os.WriteFile(path, []byte(sums.String()), 0o644)
}
