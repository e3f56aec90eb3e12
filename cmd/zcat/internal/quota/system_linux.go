package quota

import (
	"io/fs"
	"syscall"
)

// System is the root of the file system, of which only whole small files can be read.
// It uses plain system calls: os registers each file with the poller, which costs a
// start as much as all of the reading.
func System() fs.FS { return system{} }

type system struct{}

func (system) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
}

func (system) ReadFile(name string) ([]byte, error) {
	fd, err := syscall.Open("/"+name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer func() { _ = syscall.Close(fd) }() // nothing was written
	var text []byte
	for buf := make([]byte, 4096); ; {
		n, err := syscall.Read(fd, buf)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return nil, &fs.PathError{Op: "read", Path: name, Err: err}
		case n == 0:
			return text, nil
		}
		text = append(text, buf[:n]...)
	}
}
