package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// rule is something a command line must not be: one sentence that says so, and
// a hint that would have worked.
type rule struct {
	broken   bool
	sentence string
	hint     string
}

// check returns the first rule that the command line breaks, as a *usageError,
// and makes the message of the FRAMEs.
func (c *config) check() error {
	for _, r := range c.command.rules(c) {
		if r.broken {
			return &usageError{r.sentence, r.hint}
		}
	}
	for _, a := range c.endpoints {
		if err := c.checkEndpoint(a); err != nil {
			return err
		}
	}
	if err := c.checkFiles(); err != nil {
		return err
	}
	if c.command.check != nil {
		return c.command.check(c)
	}
	if c.command.tool || len(c.args) == 0 {
		return nil
	}
	for _, arg := range c.args {
		if _, err := frames.ParseArgs(c.in.format, []string{arg}, frames.DecoderOptions{}); err != nil {
			return &usageError{fmt.Sprintf("the FRAME %q is not %v: %v", arg, c.in.format, reason(err)), c.frameHint(err)}
		}
	}
	message, err := frames.ParseArgs(c.in.format, c.args, c.limits)
	if err != nil {
		return &usageError{fmt.Sprintf("the FRAME arguments are no message: %v", err), c.frameHint(err)}
	}
	c.message = message
	return nil
}

// line is a command line for a hint: the command with flags, and with the
// endpoint it was given where they name none.
func (c *config) line(flags string) string {
	if c.command.tool || len(c.endpoints) == 0 || strings.Contains(flags, "--connect") || strings.Contains(flags, "--bind") {
		return c.command.line(flags)
	}
	return fmt.Sprintf("%s %s %s %s", c.command.program, c.command.name, c.endpoints[0].flag(), flags)
}

// ending is what ends a message in text.
func (s *separators) ending() string {
	if len(s.message) == 0 {
		return "\n"
	}
	return string(s.message)
}

// reason is why an argument is no frame, without the number that it has alone.
func reason(err error) error {
	var bad *frames.LineError
	if errors.As(err, &bad) {
		return bad
	}
	return err
}

// frameHint is a command line whose FRAMEs are a message.
func (c *config) frameHint(err error) string {
	var bad *frames.LineError
	switch {
	case errors.As(err, &bad) && bad.TooLarge:
		return c.line("--max-size 1G FRAME")
	case c.command.traits.addressed && c.in.format == frames.Hex:
		return c.line("--in hex 0001 ff")
	case c.command.traits.addressed:
		return c.line("peer-id hello")
	case c.in.format == frames.Hex:
		return c.line("--in hex 00ff -")
	}
	return c.line("hello")
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// likelyEndpoint is an endpoint that stands where none is taken, else an example.
func (c *config) likelyEndpoint() string {
	for _, arg := range c.args {
		if (isEndpoint(arg) || strings.Contains(arg, ":")) && sockets.CheckConnect(arg) == nil && !strings.HasPrefix(arg, "inproc://") {
			return arg
		}
	}
	return "tcp://127.0.0.1:5555"
}
