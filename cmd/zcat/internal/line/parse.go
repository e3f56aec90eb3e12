package line

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/units"
)

// Configure returns the configuration that a command line makes together with the
// environment and the files that it names, checked and frozen. settle knows which
// of the streams are terminals.
func Configure(w Command, line parsed, lookup func(string) (string, bool), prepare func(*Config), settle func(*Config)) (*Config, error) {
	c := NewConfig(w)
	c.Args = line.Operands
	prepare(c)
	names := line.values("config")
	if value, found := lookup(EnvPrefix + "CONFIG"); found && value != "" && names == nil {
		names = []string{value}
	}
	filed, err := fileSettings(w, names, lookup)
	if err != nil {
		return nil, err
	}
	// The same flag in a file comes first: the typed one overrides it, or adds to it.
	line.Settings = slices.Concat(undisputed(filed, line.Settings), line.Settings)
	if err := ApplyEnv(c, line, lookup); err != nil {
		return nil, err
	}
	return c, Parse(c, line, func() error {
		if c.ListOptions {
			return nil
		}
		settle(c)
		return c.inFile(c.Check())
	})
}

// undisputed returns those of defaults that count beside what is typed: not the rivals
// of a typed flag, nor what served them alone, so that a mechanism goes with all its flags.
func undisputed(defaults, typed []setting) []setting {
	kept := slices.DeleteFunc(slices.Clone(defaults), func(s setting) bool {
		return slices.ContainsFunc(typed, func(t setting) bool {
			return t.flag.Name != s.flag.Name && slices.Contains(t.flag.Rivals, s.flag.Name) && !t.takesBack()
		})
	})
	all := slices.Concat(kept, typed)
	return slices.DeleteFunc(kept, func(s setting) bool { return anyHolds(defaults, s.flag.Serves) && !anyHolds(all, s.flag.Serves) })
}

// anyHolds reports whether one of the named flags stands in a list, and the last of that
// name does not take it back.
func anyHolds(list []setting, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		at := len(list) - 1
		for at >= 0 && list[at].flag.Name != name {
			at--
		}
		return at >= 0 && !list[at].takesBack()
	})
}

// takesBack reports whether it is --name=false.
func (s setting) takesBack() bool {
	on, err := units.ParseBool(s.value)
	return s.flag.Kind == TakesNothing && err == nil && !on
}

// Parse hands the settings to the flag parser, which stores them in c and then
// calls action. Each flag is known to the parser under its long name only: it
// would set a flag with two names twice. It takes a regular expression to each flag
// that it knows, several times: half a millisecond for all of them, so it is told of
// those that are given.
func Parse(c *Config, line parsed, action func() error) error {
	var (
		flags []cli.Flag
		bad   error
		known = map[string]bool{}
	)
	c.given = line.Settings
	for _, s := range line.Settings {
		if f := s.flag; f.Set != nil && !known[f.Name] {
			known[f.Name] = true
			flags = append(flags, &cli.GenericFlag{Name: f.Name, Value: &flagValue{f, c, line.origins(f.Name), &bad}})
		}
	}
	// The command is the whole program of the parser, which would make tables for each of
	// several; and it would look for the file of this one to know when that was built.
	app := &cli.App{
		Name: c.Command.Name, Flags: flags, Writer: io.Discard, ErrWriter: io.Discard, Compiled: time.Unix(0, 0),
		HideHelp: true, HideHelpCommand: true, HideVersion: true,
		DisableSliceFlagSeparator: true,
		// The library would end the process itself.
		ExitErrHandler: func(*cli.Context, error) {},
		Action:         func(*cli.Context) error { return action() },
		OnUsageError:   func(_ *cli.Context, err error, _ bool) error { return err },
	}
	err := app.Run(append([]string{c.Command.Name}, line.Canonical()...))
	if bad != nil {
		return bad
	}
	return err
}

// flagValue stores what the flag parser finds.
type flagValue struct {
	flag   Flag
	config *Config
	at     []string // where the values come from that are still to be set
	bad    *error   // the first value that was refused
}

// String returns what the parser takes for the default; help does not show it.
func (v *flagValue) String() string { return "" }

// Set is called each time that the flag stands on the command line, in order.
func (v *flagValue) Set(text string) error {
	at, hint := "", v.config.Line(v.flag.sample())
	if len(v.at) > 0 {
		at, v.at = v.at[0], v.at[1:]
	}
	v.config.Typed[v.flag.Name] = true
	err := v.flag.Set(v.config, text)
	if err != nil && *v.bad == nil {
		if at != "" {
			hint = strings.TrimSpace(v.flag.Name + " " + v.flag.Example)
		}
		*v.bad = &outcome.UsageError{Sentence: fmt.Sprintf("%s%s: %v", at, v.flag.Dashed(), err), Hint: hint, InFile: at != ""}
	}
	return err
}
