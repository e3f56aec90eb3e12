package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/urfave/cli/v2"

	"github.com/zcat/zcat/cmd/zcat/internal/quota"
)

// dispatch finds out what a command line asks for, does it, and returns the
// exit status. args[0] is the name zcat was called by.
func dispatch(args []string, std streams) int {
	program := programName(args)
	words := args[min(1, len(args)):]
	password := os.Getenv(passwordVariable) != "" // obey takes it away
	result, err := obey(program, words, std)
	if err != nil {
		err = corrected(program, words, password, err)
		std.say.failure(err)
		result = ofError(err)
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

// obey does what args ask for. An error is not yet said.
func obey(program string, args []string, std streams) (status, error) {
	if len(args) == 0 {
		return statusUsage, &usageError{"no command is given", program + " --help"}
	}
	switch args[0] {
	case "-h", "--help":
		if args[0] == "-h" && namesHost(args[1:]) {
			return statusUsage, hostRefused(args[1], program+" --help")
		}
		return std.answer(overview(program))
	case "--version":
		return std.answer(versionText())
	case "help":
		text, err := helpOn(program, args[1:])
		if err != nil {
			return statusUsage, err
		}
		return std.answer(text)
	}
	w, found := findWord(program, args[0])
	if !found {
		return statusUsage, unknownCommand(program, args...)
	}
	line, err := normalise(w, args[1:])
	if err != nil {
		return statusUsage, err
	}
	if line.help {
		return std.answer(w.help())
	}
	c := newConfig(w)
	c.keepWithin(quota.Memory(os.DirFS("/")))
	c.args = line.operands
	c.takePassword()
	if err := applyEnv(c, line.settings, os.LookupEnv); err != nil {
		return statusUsage, err
	}
	var result status
	err = parse(c, line, func() (err error) {
		result, err = execute(c, std)
		return err
	})
	return result, err
}

// answer prints text that was asked for.
func (std streams) answer(text string) (status, error) {
	_, err := io.WriteString(std.out, text)
	switch {
	case err != nil && wasClosed(1):
		return statusFailed, errStdoutClosed
	case err != nil:
		return statusFailed, fmt.Errorf("writing stdout: %w", err)
	}
	return statusDone, nil
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

// String is what the parser takes for the default; help does not show it.
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
		return std.answer(optionList(c.word))
	}
	c.settle(isTerminal(std.in), isTerminal(std.out))
	std.say.colour = c.colour.onto(std.console.errs)
	if err := c.check(); err != nil {
		return statusUsage, err
	}
	std.say.level = c.level()
	if err := c.checkStreams(); err != nil {
		return statusFailed, err
	}
	switch c.word.tool {
	case noTool:
	case proxyTool:
		return mediate(c, std), nil
	case replayTool:
		return replay(c, std)
	case benchTool:
		return measure(c, std), nil
	case probeTool:
		return probe(c, std), nil
	case completionTool:
		return std.answer(completion(c.word.program, c.args[0]))
	case manTool:
		return manual(c, std)
	case keygenTool:
		return keygen(c, std)
	}
	return converse(c, std), nil
}

// isTerminal reports whether a stream of the process is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// unknownCommand names the command that was probably meant.
func unknownCommand(program string, args ...string) error {
	name := args[0]
	if strings.HasPrefix(name, "-") {
		hint := program + " --help"
		if len(args) > 1 {
			if w, found := findWord(program, args[1]); found {
				hint = w.line(name)
			}
		} else if name == "-V" {
			hint = program + " --version"
		} else if near := nearest(name, []string{"--help", "--version"}); near != "" {
			hint = program + " " + near
		}
		return &usageError{fmt.Sprintf("a command comes first, then its flags: %q is none", name), hint}
	}
	hint := program + " --help"
	if distance(strings.ToLower(name), "help") <= 1 {
		return &usageError{fmt.Sprintf("unknown command %q", name), hint}
	}
	if name == "version" {
		hint = program + " --version"
	} else if near := nearestCommand(program, strings.ToLower(name)); near != "" {
		hint = program + " " + near + " --help"
	}
	return &usageError{fmt.Sprintf("unknown command %q", name), hint}
}
