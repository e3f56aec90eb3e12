package line

import (
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/shell"
	"github.com/zcat/zcat/pkg/sockets"
)

// A hint for a line of which one thing is wrong keeps the rest of it: one that is pasted
// must not open a socket without the mechanism that was asked for.

// Again is the command line as it was typed, but for what operand makes of each operand, and
// flag of the value of each flag, which it may leave out. The environment and files of
// --config stand as they are.
func (c *Config) Again(operand func(i int, arg string) string, flag func(f Flag, value string) (string, bool)) string {
	words := []string{c.Command.Program, c.Command.Name}
	operands, behind := make([]string, len(c.Args)), false
	for i, arg := range c.Args {
		operands[i] = operand(i, arg)
		behind = behind || strings.HasPrefix(arg, "-") && arg != StdoutName
	}
	if !behind {
		words = append(words, operands...)
	}
	for _, s := range c.given {
		value, kept := flag(s.flag, s.value)
		if s.at != "" || !kept {
			continue
		}
		words = append(words, s.flag.written(value)...)
	}
	if behind {
		words = append(append(words, "--"), operands...)
	}
	return strings.Join(words, " ")
}

// Without is the command line as it was typed, but for a flag.
func (c *Config) Without(flag string) string {
	return c.Again(func(_ int, arg string) string { return shell.Quoted(arg) }, func(f Flag, value string) (string, bool) { return value, f.Name != flag })
}

// written is a flag with a value as a shell takes it.
func (f Flag) written(value string) []string {
	switch {
	case f.Kind == TakesNothings || f.Kind == TakesNothing && value == "true":
		return []string{f.Dashed()}
	case f.Kind == TakesNothing || f.Kind == MayTakeValue && strings.HasPrefix(value, "-") && value != f.Bare:
		return []string{f.Dashed() + "=" + shell.Quoted(value)}
	}
	return []string{f.Dashed(), shell.Quoted(value)}
}

// Elsewhere is the command line as it was typed, with another endpoint in the place of one
// that cannot be bound.
func (c *Config) Elsewhere(taken, endpoint string) string {
	found := false
	moved := func(value string) string {
		if sockets.Canonical(value) == sockets.Canonical(taken) {
			found = true
			return endpoint
		}
		return value
	}
	again := c.Again(func(_ int, arg string) string {
		if c.Command.EndpointOperands() > 0 {
			arg = moved(arg)
		}
		return shell.Quoted(arg)
	}, func(f Flag, value string) (string, bool) {
		if f.binds() {
			value = moved(value)
		}
		return value, true
	})
	if !found && c.Command.Attaches() { // it stands in the environment, which what is typed takes the place of
		again += " --bind " + shell.Quoted(endpoint)
	}
	return again
}

// binds reports whether what stands behind a flag may be an endpoint that is bound.
func (f Flag) binds() bool {
	return strings.HasSuffix(f.Name, "bind") || f.Name == "capture" || f.Name == "control"
}
