package main

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/zcat/zcat/pkg/sockets"
)

// attachment is one --bind or --connect.
type attachment struct {
	endpoint string
	bind     bool
}

// flag is the attachment as it is typed.
func (a attachment) flag() string {
	if a.bind {
		return "--bind " + quoted(a.endpoint)
	}
	return "--connect " + quoted(a.endpoint)
}

// isEndpoint tells the endpoint of a capture from a file.
func isEndpoint(text string) bool {
	return strings.Contains(text, "://") || strings.HasPrefix(text, "@") ||
		strings.HasPrefix(text, ":") || strings.HasPrefix(text, "*:")
}

// checkEndpoint finds a malformed endpoint before anything is opened.
func (c *config) checkEndpoint(a attachment) error {
	flag, check, sample := "--connect", sockets.CheckConnect, "tcp://127.0.0.1:5555"
	if a.bind {
		flag, check, sample = "--bind", sockets.CheckBind, "tcp://127.0.0.1:*"
	}
	hint := func(endpoint string) string { return c.line(flag + " " + endpoint) }
	if name, ok := strings.CutPrefix(a.endpoint, "inproc://"); ok && (c.command.alone == nil || !c.command.alone(c)) {
		return &usageError{
			fmt.Sprintf("%q is within one process, where nobody else can reach it: ipc:// is within one machine", a.endpoint),
			hint("ipc:///tmp/" + strings.ReplaceAll(name, "/", "-")),
		}
	}
	if err := check(a.endpoint); err != nil {
		text, better := endpointReason(err, check, sample)
		if name := strings.TrimPrefix(flag, "--"); !c.typed[name] {
			variable := envPrefix + strings.ToUpper(name)
			return &usageError{variable + " in the environment: " + text, variable + "=" + better}
		}
		return &usageError{flag + ": " + text, hint(better)}
	}
	return nil
}

// endpointReason is why an endpoint cannot be used, and one that can.
func endpointReason(err error, check func(string) error, sample string) (text, better string) {
	var bad *sockets.EndpointError
	if !errors.As(err, &bad) || len(bad.Hints) == 0 {
		return err.Error(), sample
	}
	if hint := bad.Hints[0]; check(hint) == nil && !strings.HasPrefix(hint, "inproc://") {
		sample = hint
	}
	return fmt.Sprintf("endpoint %q: %v", bad.Endpoint, bad.Err), sample
}

// bindFailed says why an endpoint could not be bound, and what can be: hintFor is a
// command line that binds to another endpoint.
func bindFailed(endpoint string, err error, hintFor func(endpoint string) string) error {
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
		hint = hintFor(other)
	}
	return &hintedError{fmt.Errorf("bind: %w", err), hint}
}
