package main

import (
	"errors"
	"io/fs"
	"net"
	"syscall"
)

// plain is an error of the file system in a user's words: the name and what is
// the matter with it, without the system call that found out.
func plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return &plainError{path.Path, cause(path.Err)}
	}
	return err
}

// cause is what is the matter, without the names and system calls around it.
func cause(err error) error {
	var (
		errno syscall.Errno
		dns   *net.DNSError
		path  *fs.PathError
	)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return errors.New("no such host")
	case errors.As(err, &dns):
		return errors.New("no name server answers")
	case errors.As(err, &errno):
		return errno
	case errors.As(err, &path):
		return path.Err
	}
	return err
}

// plainError is what is the matter with something that has a name.
type plainError struct {
	name string
	err  error
}

func (e *plainError) Error() string { return e.name + ": " + e.err.Error() }

// Unwrap returns what is the matter.
func (e *plainError) Unwrap() error { return e.err }
