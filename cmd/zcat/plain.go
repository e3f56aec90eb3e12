package main

import (
	"errors"
	"io/fs"
	"os"
)

// plain is an error of the file system in a user's words: the name and what is
// the matter with it, without the system call that found out.
func plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return &plainError{path.Path, path.Err}
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return &plainError{link.New, link.Err}
	}
	return err
}

// plainError is what is the matter with a file.
type plainError struct {
	name string
	err  error
}

func (e *plainError) Error() string { return e.name + ": " + e.err.Error() }

// Unwrap returns what is the matter.
func (e *plainError) Unwrap() error { return e.err }
