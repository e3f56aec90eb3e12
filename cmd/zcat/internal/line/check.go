package line

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// Rule is something that a command line must not break: one sentence that says so,
// and a hint that would have worked.
type Rule struct {
	Broken   bool
	Sentence string
	Hint     string
	Flags    string // in place of Hint: the flags of a command line for Line to make
}

// Check returns the first rule that the command line breaks, as an
// *outcome.UsageError, and makes the message of the FRAMEs.
func (c *Config) Check() error {
	for _, r := range c.rules() {
		if !r.Broken {
			continue
		}
		if r.Flags != "" {
			r.Hint = c.Line(r.Flags)
		}
		return &outcome.UsageError{Sentence: r.Sentence, Hint: r.Hint}
	}
	for _, a := range c.Endpoints {
		if err := c.checkEndpoint(a); err != nil {
			return err
		}
	}
	if err := c.checkFiles(); err != nil {
		return err
	}
	if err := c.readHello(); err != nil {
		return err
	}
	if c.Command.Check != nil {
		return c.Command.Check(c)
	}
	if c.Command.Tool || len(c.Args) == 0 {
		return nil
	}
	for _, arg := range c.Args {
		if _, err := frames.ParseArgs(c.In.Format, []string{arg}, frames.DecoderOptions{}); err != nil {
			return &outcome.UsageError{Sentence: fmt.Sprintf("the FRAME %q is not %v: %v", arg, c.In.Format, reason(err)), Hint: c.frameHint(err)}
		}
	}
	message, err := frames.ParseArgs(c.In.Format, c.Args, c.Limits)
	if err != nil {
		return &outcome.UsageError{Sentence: fmt.Sprintf("the FRAME arguments are not a message: %v", err), Hint: c.frameHint(err)}
	}
	c.Message = message
	return nil
}

// rules are those of the command. One without takes nothing beside its flags.
func (c *Config) rules() []Rule {
	w := c.Command
	if w.Rules != nil {
		return w.Rules(c)
	}
	return []Rule{{
		Broken:   w.Operands == "" && len(c.Args) > 0,
		Sentence: fmt.Sprintf("%s takes no arguments such as %q", w.Name, First(c.Args)),
		Hint:     w.Program + " " + w.Name,
	}}
}

// readHello reads the messages of --hello, in the format that was asked for the input:
// not in text because stdin is a terminal, nor in raw because of --exec.
func (c *Config) readHello() error {
	format, hint := frames.JSON, `--hello '["READY"]'`
	if c.In.Asked {
		format, hint = c.In.Format, "--in json "+hint
	}
	o := WithoutID(c.Limits)
	for _, text := range c.Hello {
		m, err := frames.DecodeMessage(format, []byte(text), o)
		if err != nil {
			return &outcome.UsageError{
				Sentence: fmt.Sprintf("--hello: %q is not %v: %v", text, format, reason(err)),
				Hint:     c.Line(hint),
			}
		}
		c.Options.Hello = append(c.Options.Hello, m)
	}
	return nil
}

// Line returns a command line for a hint: the command with flags, and with the
// endpoint that was typed where they name none.
func (c *Config) Line(flags string) string {
	if c.Command.Tool || len(c.Endpoints) == 0 || strings.Contains(flags, "--connect") || strings.Contains(flags, "--bind") {
		return c.Command.Line(flags)
	}
	return strings.Join(strings.Fields(strings.Join([]string{c.Command.Program, c.Command.Name, c.Endpoints[0].Flag(), c.Command.essence(flags)}, " ")), " ") + " " + flags
}

// Ending returns what ends a message in text.
func (s *Separators) Ending() string {
	if len(s.Message) == 0 {
		return "\n"
	}
	return string(s.Message)
}

// reason returns why an argument is not a frame, without its number, which would
// always be 1.
func reason(err error) error {
	var bad *frames.LineError
	if errors.As(err, &bad) {
		return bad
	}
	return err
}

// frameHint returns a command line whose FRAMEs are a message.
func (c *Config) frameHint(err error) string {
	var bad *frames.LineError
	if errors.As(err, &bad) && bad.TooLarge {
		return c.Line("--max-size 1G FRAME")
	}
	return c.Line(frameExample(c.In.Format, c.Command.Traits()))
}

// First returns the first element of a list, "" where there is none.
func First(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// LikelyEndpoint returns an endpoint that stands among the arguments, where none is
// taken, else an example.
func (c *Config) LikelyEndpoint() string {
	for _, arg := range c.Args {
		if (IsEndpoint(arg) || strings.Contains(arg, ":")) && sockets.CheckConnect(arg) == nil && !IsInner(arg) {
			return arg
		}
	}
	return "tcp://127.0.0.1:5555"
}

// Given tells of n operands, where one is expected.
func Given(n int) string {
	if n == 0 {
		return "none is given"
	}
	return fmt.Sprintf("there are %d", n)
}
