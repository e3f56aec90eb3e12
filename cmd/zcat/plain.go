package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/zcat/zcat/pkg/sockets"
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

// bindFailed says why an endpoint could not be bound, and what can be.
func (c *config) bindFailed(endpoint string, err error) error {
	path, isPath := strings.CutPrefix(endpoint, "ipc://")
	isPath = isPath || strings.HasPrefix(endpoint, "/") || strings.HasPrefix(endpoint, ".")
	other, hint := "tcp://127.0.0.1:*", ""
	if isPath {
		other = "ipc:///tmp/zcat.sock"
	}
	var bad *sockets.EndpointError
	switch {
	case errors.As(err, &bad) && len(bad.Hints) > 0:
		return fmt.Errorf("bind: %w", err)
	case errors.Is(err, syscall.ENOENT) && isPath:
		hint = "mkdir -p " + filepath.Dir(path)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		err = &plainError{endpoint, errors.New("this machine has no such address")}
		if _, port, e := net.SplitHostPort(strings.TrimPrefix(endpoint, "tcp://")); e == nil {
			other = "tcp://*:" + port
		}
	case errors.Is(err, syscall.EACCES) && !isPath:
		err = &plainError{endpoint, errors.New("permission denied: ports below 1024 are for root")}
	}
	if hint == "" {
		hint = c.bindHint(other)
	}
	return &hintedError{fmt.Errorf("bind: %w", err), hint}
}

// bindHint is a command line that binds to another endpoint.
func (c *config) bindHint(endpoint string) string {
	if c.word.tool == proxyTool {
		return c.word.program + " proxy tcp://127.0.0.1:* tcp://127.0.0.1:*"
	}
	return c.line("--bind " + endpoint)
}
