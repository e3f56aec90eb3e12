package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/urfave/cli/v2"
)

// dispatch finds out what a command line asks for, does it, and returns the
// exit status. args[0] is the name zcat was called by.
func dispatch(args []string, std streams) int {
	program := programName(args)
	text, err := answer(program, args[min(1, len(args)):])
	if err == nil && text != "" {
		if _, err = io.WriteString(std.out, text); err == nil {
			return int(statusDone)
		}
		err = fmt.Errorf("writing stdout: %w", err)
	}
	result := ofError(err)
	if err == nil {
		result, err = obey(program, args[1:], std)
	}
	if err != nil {
		std.say.failure(err)
	}
	return int(result)
}

// programName is the name in args[0] without its directory.
func programName(args []string) string {
	if len(args) == 0 || args[0] == "" {
		return "zcat"
	}
	return strings.TrimSuffix(filepath.Base(args[0]), ".exe")
}

// answer is the text for a command line that opens no socket: help, or the
// version. It is empty for all others.
func answer(program string, args []string) (string, error) {
	if len(args) == 0 {
		return overview(program), nil
	}
	switch args[0] {
	case "-h", "--help":
		return overview(program), nil
	case "help":
		return helpOn(program, args[1:])
	case "--version":
		return versionText(), nil
	}
	return "", nil
}

// obey runs the command args[0]. The error is still to be said.
func obey(program string, args []string, std streams) (status, error) {
	w, found := findWord(program, args[0])
	if !found {
		err := unknownCommand(program, args[0])
		return ofError(err), err
	}
	line, err := normalise(w, args[1:])
	if err != nil {
		return ofError(err), err
	}
	if line.help {
		if _, err := io.WriteString(std.out, w.help()); err != nil {
			return statusFailed, fmt.Errorf("writing stdout: %w", err)
		}
		return statusDone, nil
	}
	c := newConfig(w)
	c.args = line.frames
	if err := applyEnv(c, line.settings, os.LookupEnv); err != nil {
		return ofError(err), err
	}
	result := statusUsage
	err = parse(c, line, func() error {
		var err error
		result, err = execute(c, std)
		return err
	})
	if err != nil {
		result = max(result, ofError(err))
	}
	return result, err
}

// parse hands the settings to the flag parser, which stores them in c and then
// calls action. Each flag is known to the parser under its long name only: it
// would set a flag with two names twice.
func parse(c *config, line parsed, action func() error) error {
	var (
		flags []cli.Flag
		bad   error
	)
	for _, f := range flagsOf(c.word) {
		if f.set != nil {
			flags = append(flags, &cli.GenericFlag{Name: f.name, Value: &flagValue{f, c, &bad}})
		}
	}
	app := &cli.App{
		Name: c.word.program, Writer: io.Discard, ErrWriter: io.Discard,
		HideHelp: true, HideHelpCommand: true, HideVersion: true,
		DisableSliceFlagSeparator: true,
		// The library would end the process itself.
		ExitErrHandler: func(*cli.Context, error) {},
		Commands: []*cli.Command{{
			Name: c.word.name, Flags: flags, HideHelp: true, HideHelpCommand: true,
			Action:       func(*cli.Context) error { return action() },
			OnUsageError: func(_ *cli.Context, err error, _ bool) error { return err },
		}},
	}
	err := app.Run(append([]string{c.word.program, c.word.name}, line.canonical()...))
	if bad != nil {
		return bad
	}
	return err
}

// flagValue stores what the flag parser finds.
type flagValue struct {
	flag   flagRow
	config *config
	bad    *error // the first value that was refused
}

func (v *flagValue) String() string { return "" }

// Set is called for each time the flag stands on the command line, in order.
func (v *flagValue) Set(text string) error {
	v.config.typed[v.flag.name] = true
	err := v.flag.set(v.config, text)
	if err != nil && *v.bad == nil {
		*v.bad = &usageError{fmt.Sprintf("%s: %v", v.flag.dashed(), err), v.config.line(v.flag.sample())}
	}
	return err
}

// execute checks the configuration and runs the command.
func execute(c *config, std streams) (status, error) {
	if c.listOptions {
		if _, err := io.WriteString(std.out, optionList(c.word)); err != nil {
			return statusFailed, fmt.Errorf("writing stdout: %w", err)
		}
		return statusDone, nil
	}
	c.settle(isTerminal(std.in))
	if err := c.check(); err != nil {
		return ofError(err), err
	}
	std.say.level = c.level()
	return converse(c, std), nil
}

// isTerminal reports whether a stream of the process is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// unknownCommand names the command that was probably meant.
func unknownCommand(program, name string) error {
	var names []string
	for _, w := range words(program) {
		names = append(names, w.name)
	}
	if strings.HasPrefix(name, "-") {
		return &usageError{fmt.Sprintf("a command comes first, then its flags: %q is none", name), program + " --help"}
	}
	hint := program + " --help"
	if near := nearest(name, names); near != "" {
		hint = program + " " + near + " --help"
	}
	return &usageError{fmt.Sprintf("unknown command %q", name), hint}
}
