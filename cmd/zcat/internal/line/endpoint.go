package line

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
	"github.com/zcat/zcat/pkg/sockets"
)

// Attachment is one --bind or --connect.
type Attachment struct {
	Endpoint string
	Bind     bool
}

// Flag returns the attachment as it is typed.
func (a Attachment) Flag() string {
	if a.Bind {
		return "--bind " + shell.Quoted(a.Endpoint)
	}
	return "--connect " + shell.Quoted(a.Endpoint)
}

// IsEndpoint tells the endpoint of a capture from a file.
func IsEndpoint(text string) bool {
	return strings.Contains(text, "://") || strings.HasPrefix(text, "@") ||
		strings.HasPrefix(text, ":") || strings.HasPrefix(text, "*:")
}

// checkEndpoint finds a malformed endpoint before anything is opened.
func (c *Config) checkEndpoint(a Attachment) error {
	flag, check, sample := "--connect", sockets.CheckConnect, "tcp://127.0.0.1:5555"
	if a.Bind {
		flag, check, sample = "--bind", sockets.CheckBind, "tcp://127.0.0.1:*"
	}
	hint := func(endpoint string) string { return c.Line(flag + " " + endpoint) }
	if name, inner := InnerName(a.Endpoint); inner && (c.Command.Alone == nil || !c.Command.Alone(c)) {
		return &outcome.UsageError{
			Sentence: fmt.Sprintf("%q is within one process, where nobody else can reach it: ipc:// is within one machine", a.Endpoint),
			Hint:     hint("ipc:///tmp/" + strings.ReplaceAll(name, "/", "-")),
		}
	}
	if err := check(a.Endpoint); err != nil {
		text, better := EndpointReason(err, check, sample)
		if name := strings.TrimPrefix(flag, "--"); !c.Typed[name] {
			variable := EnvPrefix + strings.ToUpper(name)
			return &outcome.UsageError{Sentence: variable + " in the environment: " + text, Hint: variable + "=" + better}
		}
		return &outcome.UsageError{Sentence: flag + ": " + text, Hint: hint(better)}
	}
	if address, isWS := strings.CutPrefix(sockets.Canonical(a.Endpoint), "ws://"); isWS && !c.Command.Tool && c.Command.Kind.Raw() {
		address, _, _ = strings.Cut(address, "/")
		return &outcome.UsageError{
			Sentence: fmt.Sprintf("%s: endpoint %q: a %s is for programs that are no ZeroMQ peers, over tcp and ipc", flag, a.Endpoint, c.Command.Kind),
			Hint:     hint("tcp://" + address),
		}
	}
	return nil
}

// EndpointReason returns why an endpoint cannot be used, and one that can.
func EndpointReason(err error, check func(string) error, sample string) (text, better string) {
	var bad *sockets.EndpointError
	if !errors.As(err, &bad) || len(bad.Hints) == 0 {
		return err.Error(), sample
	}
	if hint := bad.Hints[0]; check(hint) == nil && !IsInner(hint) {
		sample = hint
	}
	return fmt.Sprintf("endpoint %q: %v", bad.Endpoint, bad.Err), sample
}

// BindFailed returns an error with the reason why an endpoint could not be bound,
// and a hint: hintFor returns a command line that binds to another endpoint.
func BindFailed(endpoint string, err error, hintFor func(endpoint string) string) error {
	path, isPath := strings.CutPrefix(endpoint, "ipc://")
	isPath = isPath || strings.HasPrefix(endpoint, "/") || strings.HasPrefix(endpoint, ".")
	other, hint := "tcp://127.0.0.1:*", ""
	if isPath {
		other = "ipc:///tmp/zcat.sock"
	}
	scheme := "tcp://"
	if strings.HasPrefix(endpoint, "ws://") {
		scheme, other = "ws://", "ws://127.0.0.1:*"
	}
	var bad *sockets.EndpointError
	switch {
	case errors.As(err, &bad) && len(bad.Hints) > 0:
		return fmt.Errorf("bind: %w", err)
	case errors.Is(err, syscall.ENOENT) && isPath:
		hint = "mkdir -p " + shell.Quoted(filepath.Dir(path))
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		err = &say.PlainError{Name: endpoint, Err: errors.New("this machine has no such address")}
		address, _, _ := strings.Cut(strings.TrimPrefix(endpoint, scheme), "/")
		if _, port, e := net.SplitHostPort(address); e == nil {
			other = scheme + "*:" + port
		}
	case errors.Is(err, syscall.EACCES) && !isPath:
		err = &say.PlainError{Name: endpoint, Err: errors.New("permission denied: ports below 1024 are for root")}
	}
	if hint == "" {
		hint = hintFor(other)
	}
	return &outcome.HintedError{Err: fmt.Errorf("bind: %w", err), Hint: hint}
}
