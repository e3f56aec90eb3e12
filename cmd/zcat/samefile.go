package main

import (
	"fmt"
)

// namedFile is a file that a flag or an argument names.
type namedFile struct {
	flag, name string
	read       bool // it is not written
}

// namedFiles are those that the command writes, and the recording that it reads.
func (c *config) namedFiles() []namedFile {
	all := []namedFile{{flag: "--endpoint-file", name: c.endpointFile}, {flag: "--events", name: c.eventsFile}}
	if c.command.files != nil {
		all = append(all, c.command.files(c)...)
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
