package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"
)

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
