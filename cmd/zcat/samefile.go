package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// namedFile is a file that a flag or an argument names.
type namedFile struct {
	flag, name string
	read       bool // it is not written
}

// namedFiles are those that the command writes, and the recording that it reads.
func (c *config) namedFiles() []namedFile {
	all := []namedFile{{flag: "--endpoint-file", name: c.endpointFile}, {flag: "--events", name: c.eventsFile}}
	for _, name := range c.proxy.captures {
		if !isEndpoint(name) {
			all = append(all, namedFile{flag: "--capture", name: name})
		}
	}
	if c.word.tool == replayTool && len(c.args) == 1 {
		all = append(all, namedFile{flag: "the recording", name: c.args[0], read: true})
	}
	return all
}

// checkFiles finds two flags that write the same file, by whatever name: one would
// take from it what the other has written. What is appended to by whoever opens it, a
// FIFO, a device or a descriptor, may be shared.
func (c *config) checkFiles() error {
	all := c.namedFiles()
	for i, a := range all {
		for _, b := range all[:i] {
			if a.name == "" || b.name == "" || a.name == stdoutName || b.name == stdoutName || !sameFile(a.name, b.name) {
				continue
			}
			hint := c.line(b.flag + " " + b.name + " " + a.flag + " " + a.name + ".2")
			if a.read {
				hint = c.line(a.name + " " + b.flag + " " + b.name + ".2")
			}
			return &usageError{fmt.Sprintf("%s and %s are the same file, %s: each needs one of its own", b.flag, a.flag, a.name), hint}
		}
	}
	return nil
}

// sameFile reports whether two names lead to the same plain file, which need not
// be there yet.
func sameFile(a, b string) bool {
	_, first := descriptorOf(a)
	if _, second := descriptorOf(b); first && second {
		return false
	}
	aInfo, aErr := os.Stat(a)
	bInfo, bErr := os.Stat(b)
	if aErr == nil && bErr == nil {
		return aInfo.Mode().IsRegular() && os.SameFile(aInfo, bInfo)
	}
	return errors.Is(aErr, fs.ErrNotExist) && errors.Is(bErr, fs.ErrNotExist) && leadsTo(a) == leadsTo(b)
}

// leadsTo is where a file that is not there yet would come to be: behind links,
// under the one name that its directory has.
func leadsTo(name string) string {
	for range mostLinks {
		target, err := os.Readlink(name)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(name), target)
		}
		name = target
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(name))
	if err != nil {
		dir = filepath.Dir(name)
	}
	if whole, err := filepath.Abs(dir); err == nil {
		dir = whole
	}
	return filepath.Join(dir, filepath.Base(name))
}
