// Package paths finds out what a name that is to be written to leads to: a file, a
// link, a FIFO, a device, an open descriptor.
package paths

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Kind is the kind of thing that a name to be written to leads to. Only a file of
// its own may be replaced.
type Kind uint8

// The kinds of what is there.
const (
	New        Kind = iota // nothing is there
	File                   // a file
	Link                   // a link, to whatever
	FIFO                   // a FIFO, also behind a link: its opening waits for a reader
	Descriptor             // an open descriptor of the process
	Other                  // a device, or what cannot be written to
)

// KindOf returns the kind of what a name leads to.
func KindOf(name string) Kind {
	if _, ok := descriptorOf(name); ok {
		return Descriptor
	}
	info, err := os.Stat(name)
	if err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		return FIFO
	}
	link, linkErr := os.Lstat(name)
	switch {
	case errors.Is(linkErr, fs.ErrNotExist):
		return New
	case linkErr != nil:
		return Other // opening it will tell
	case link.Mode()&fs.ModeSymlink != 0:
		return Link
	case link.Mode().IsRegular():
		return File
	}
	return Other
}

// descriptorOf returns the number of the open descriptor that a name stands for,
// also behind links. Opening such a name opens what is behind it anew, which loses
// the place in a file and fails for a socket.
func descriptorOf(name string) (fd int, ok bool) {
	for range mostLinks {
		switch name {
		case "/dev/stdout":
			return 1, true
		case "/dev/stderr":
			return 2, true
		}
		for _, folder := range []string{"/dev/fd/", "/proc/self/fd/"} {
			if text, found := strings.CutPrefix(name, folder); found {
				n, err := strconv.ParseUint(text, 10, 16)
				return int(n), err == nil
			}
		}
		target, err := os.Readlink(name)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(name), target)
		}
		name = target
	}
	return 0, false
}

// mostLinks bounds a chain of links that leads to itself.
const mostLinks = 40

// OpenThrough opens what is there for writing; an open descriptor is duplicated.
// The flags count for a path only.
func OpenThrough(name string, flags int) (*os.File, error) {
	if fd, ok := descriptorOf(name); ok {
		return another(fd, name)
	}
	return os.OpenFile(name, os.O_WRONLY|flags, 0o666)
}

// OfFile returns the name under which a regular file was opened, where the system tells;
// "" for anything else that may be written to.
func OfFile(w io.Writer) string {
	f, ok := w.(*os.File)
	if !ok {
		return ""
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	name, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(int(f.Fd())))
	if err != nil {
		return ""
	}
	return name
}
