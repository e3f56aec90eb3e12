// Command dist makes what is released: for each platform an archive of the
// binary, the papers with all licences, manual pages and completions; packages for
// Debian, RPM and Alpine; a container image; what
// Homebrew and Scoop want; a list of what is inside (SBOM, CycloneDX)
// and one of checksums. The same commit gives the same
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
	var o order
	flag.StringVar(&o.into, "into", "dist", "the `directory` to fill; what it held goes")
	flag.StringVar(&o.name, "name", "zcat", "the `name` of the binary in the archives; a package is called zmq-zcat instead of zcat")
	flag.StringVar(&o.maintainer, "maintainer", "the zcat authors <zcat@users.noreply.github.com>", "`who` packages are from")
	flag.BoolVar(&o.imageOnly, "image", false, "make the image only, beside what is in the directory")
	targets := flag.String("targets", "linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64", "`OS/ARCH`, a space between")
	flag.StringVar(&o.tags, "tags", "urfave_cli_no_docs", "build `tags`, those of make build")
	flag.Parse()
	o.targets = strings.Fields(*targets)
	if err := run(o, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// order is what is to be made.
type order struct {
	into, name, tags string
	maintainer       string   // "NAME <MAIL>"
	targets          []string // OS/ARCH
	imageOnly        bool
}

// run fills a directory, and prints the names of what is in it.
func run(o order, out io.Writer) error {
	var err error
	if o.into, err = filepath.Abs(o.into); err != nil {
		return err
	}
	if !o.imageOnly {
		if err := os.RemoveAll(o.into); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(o.into, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "zcat-dist")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }() // else the system clears it away
	var binaries []binary
	for _, t := range o.targets {
		b, err := compile(t, o.tags, work)
		if err != nil {
			return err
		}
		binaries = append(binaries, b)
	}
	// What a binary tells about itself has to come from one that runs here.
	host, err := compile(runtime.GOOS+"/"+runtime.GOARCH, o.tags, work)
	if err != nil {
		return err
	}
	if host.modified {
		_, _ = fmt.Fprintln(out, "the tree has changes: these bytes belong to no commit")
	}
	if err := packAll(o, binaries, host); err != nil {
		return err
	}
	if o.imageOnly {
		_, _ = fmt.Fprintln(out, o.image())
		return nil
	}
	names, err := writeSums(o.into)
	for _, name := range names {
		_, _ = fmt.Fprintln(out, name)
	}
	return err
}

// image is the file of the image.
func (o order) image() string { return filepath.Join(o.into, o.name+"-image.tar") }

// packAll makes everything of the binaries but the checksums.
func packAll(o order, binaries []binary, host binary) error {
	release, err := host.release()
	if err != nil {
		return err
	}
	notices, err := licences(binaries)
	if err != nil {
		return err
	}
	extras, err := host.documents(o.name, notices)
	if err != nil {
		return err
	}
	if err := image(o.image(), o.name, release, binaries, extras); err != nil || o.imageOnly {
		return err
	}
	for _, b := range binaries {
		if err := pack(o.into, o.name, b, extras); err != nil {
			return err
		}
		if err := packages(o, release, b, host, notices); err != nil {
			return err
		}
	}
	if err := channels(o, release, binaries); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.into, o.name+".cdx.json"), bill(o.name, release, binaries), 0o644)
}

// writeSums writes SHA256SUMS, which `sha256sum -c` reads, and returns the names of all
// files.
func writeSums(into string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(into, "*"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var sums strings.Builder
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(body), filepath.Base(name))
	}
	path := filepath.Join(into, "SHA256SUMS")
	return append(names, path), os.WriteFile(path, []byte(sums.String()), 0o644)
}
