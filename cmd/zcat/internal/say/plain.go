package say

import (
	"errors"
	"io/fs"
	"net"
	"strings"
	"syscall"
)

// Plain returns an error of the file system in a user's words: the name and what is
// wrong with it, without the system call that found out.
func Plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return &PlainError{path.Path, Cause(path.Err)}
	}
	return err
}

// Words returns the text of an error in a user's words, wherever in it an error of the file
// system stands.
func Words(err error) string {
	text := err.Error()
	var path *fs.PathError
	if errors.As(err, &path) {
		return strings.Replace(text, path.Error(), Plain(path).Error(), 1)
	}
	return text
}

// Cause returns what is wrong, without the names and system calls around it.
func Cause(err error) error {
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

// PlainError is the fault of something that has a name.
type PlainError struct {
	Name string
	Err  error
}

func (e *PlainError) Error() string { return e.Name + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *PlainError) Unwrap() error { return e.Err }
