package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"
)

// configure is the configuration that a command line makes together with the
// environment and the files that it names, checked and frozen. settle is told which
// of the streams are terminals.
func configure(w command, line parsed, lookup func(string) (string, bool), prepare func(*config), settle func(*config)) (*config, error) {
	c := newConfig(w)
	c.args = line.operands
	prepare(c)
	names := line.values("config")
	if value, found := lookup(envPrefix + "CONFIG"); found && value != "" && names == nil {
		names = []string{value}
	}
	filed, err := fileSettings(w, names, lookup)
	if err != nil {
		return nil, err
	}
	// What is typed beats what a file says otherwise; what it adds to stays.
	filed = slices.DeleteFunc(filed, func(s setting) bool {
		return slices.ContainsFunc(line.settings, func(typed setting) bool {
			return typed.flag.name != s.flag.name && slices.Contains(typed.flag.rivals, s.flag.name)
		})
	})
	line.settings = slices.Concat(filed, line.settings)
	if err := applyEnv(c, line.settings, lookup); err != nil {
		return nil, err
	}
	return c, parse(c, line, func() error {
		if c.listOptions {
			return nil
		}
		settle(c)
		return c.check()
	})
}

// parse hands the settings to the flag parser, which stores them in c and then
// calls action. Each flag is known to the parser under its long name only: it
// would set a flag with two names twice.
func parse(c *config, line parsed, action func() error) error {
	var (
		flags []cli.Flag
		bad   error
	)
	for _, f := range flagsOf(c.command) {
		if f.set != nil {
			flags = append(flags, &cli.GenericFlag{Name: f.name, Value: &flagValue{f, c, line.origins(f.name), &bad}})
		}
	}
	app := &cli.App{
		Name: c.command.program, Writer: io.Discard, ErrWriter: io.Discard,
		HideHelp: true, HideHelpCommand: true, HideVersion: true,
		DisableSliceFlagSeparator: true,
		// The library would end the process itself.
		ExitErrHandler: func(*cli.Context, error) {},
		Commands: []*cli.Command{{
			Name: c.command.name, Flags: flags, HideHelp: true, HideHelpCommand: true,
			Action:       func(*cli.Context) error { return action() },
			OnUsageError: func(_ *cli.Context, err error, _ bool) error { return err },
		}},
	}
	err := app.Run(append([]string{c.command.program, c.command.name}, line.canonical()...))
	if bad != nil {
		return bad
	}
	return err
}

// flagValue stores what the flag parser finds.
type flagValue struct {
	flag   flagRow
	config *config
	at     []string // where the values come from that are still to be set
	bad    *error   // the first value that was refused
}

// String is what the parser takes for the default; help does not show it.
func (v *flagValue) String() string { return "" }

// Set is called for each time the flag stands on the command line, in order.
func (v *flagValue) Set(text string) error {
	at, hint := "", v.config.line(v.flag.sample())
	if len(v.at) > 0 {
		at, v.at = v.at[0], v.at[1:]
	}
	v.config.typed[v.flag.name] = true
	err := v.flag.set(v.config, text)
	if err != nil && *v.bad == nil {
		if at != "" {
			hint = v.flag.name + " " + v.flag.example
		}
		*v.bad = &usageError{fmt.Sprintf("%s%s: %v", at, v.flag.dashed(), err), hint}
	}
	return err
}
