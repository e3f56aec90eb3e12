package transport

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// reason is an error with our own text for people, which errors.Is sees as the
// system's.
type reason struct {
	text string
	err  error
}

func (r *reason) Error() string { return r.text }

// Unwrap returns the system's error.
func (r *reason) Unwrap() error { return r.err }

// cause removes what package net puts around an error: the endpoint, which every
// caller names itself, and the names of system calls.
func cause(err error) error {
	var ours *reason
	if errors.As(err, &ours) {
		return ours
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		what := "no name server answers"
		if dns.IsNotFound {
			what = "no such host"
		}
		return &reason{fmt.Sprintf("host name %q: %s", dns.Name, what), dns}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			// Package net returns either, depending on whether its timer or the
			// context's is first.
			err = context.DeadlineExceeded
		}
		return &reason{"no answer to the attempt to connect", err}
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return inWords(errno)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// IsAbsent reports whether err, of a Dial, says that nobody listens there.
func IsAbsent(err error) bool { return isRefused(err) || errors.Is(err, fs.ErrNotExist) }
