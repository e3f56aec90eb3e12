//go:build !linux

package quota

import "io/fs"

// System has no control groups on this system, so it is empty.
func System() fs.FS { return empty{} }

type empty struct{}

func (empty) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
