package line

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/paths"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/units"
)

// MostConfig is the size of the longest file of --config, in bytes.
const MostConfig = 1 << 20

// fileSettings returns the flags in the files of --config, in their order.
func fileSettings(w Command, names []string, lookup func(string) (string, bool)) ([]setting, error) {
	var all []setting
	for _, name := range names {
		text, err := readConfig(w, name, lookup)
		if err != nil {
			return nil, err
		}
		number := 0
		for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) { // some editors put it first
			number++
			line = strings.TrimLeft(strings.TrimRight(line, "\r\n"), " \t")
			if line == "" || line[0] == '#' {
				continue
			}
			s, err := fileSetting(w, line)
			s.at = fmt.Sprintf("%s:%d: ", name, number)
			if err != nil {
				err.Sentence, err.InFile = s.at+err.Sentence, err.Hint != ""
				return nil, err
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// fileSetting reads one line: a flag without its hyphens and, behind a blank, its
// value; a boolean flag alone or with =false.
func fileSetting(w Command, line string) (setting, *outcome.UsageError) {
	name, value, valued := line, "", false
	if at := strings.IndexAny(line, " \t="); at >= 0 {
		name, value, valued = line[:at], strings.TrimLeft(line[at:], " \t"), true
		if line[at] == '=' {
			value = line[at+1:]
		}
	}
	flags := FlagsOf(w)
	at := slices.IndexFunc(flags, func(f Flag) bool { return f.Name == name })
	switch {
	case strings.HasPrefix(name, "-"):
		return setting{}, &outcome.UsageError{
			Sentence: fmt.Sprintf("%q has hyphens: a line is the long name of a flag, and behind a blank its value", name),
			Hint:     strings.TrimLeft(line, "-"),
		}
	case name == "config" || name == "help":
		return setting{}, &outcome.UsageError{Sentence: fmt.Sprintf("%s is for the command line only", name), Hint: ""}
	case at < 0:
		hint := ""
		names := make([]string, len(flags))
		for i, f := range flags {
			names[i] = f.Name
		}
		if near := slices.Index(names, habits.Nearest(name, names)); near >= 0 {
			if value == "" && flags[near].Kind == TakesValue {
				value = flags[near].Example
			}
			hint = strings.TrimSpace(names[near] + " " + value)
		}
		return setting{}, &outcome.UsageError{Sentence: fmt.Sprintf("%s has no flag --%s", w.Name, name), Hint: hint}
	}
	f := flags[at]
	switch f.Kind {
	case TakesNothing, TakesNothings:
		if !valued {
			value = "true"
		}
		if _, err := units.ParseBool(value); err != nil && f.Kind == TakesNothing {
			return setting{}, &outcome.UsageError{Sentence: fmt.Sprintf("%s: %v", name, err), Hint: name + "=false"}
		}
	case MayTakeValue:
		if !valued {
			value = f.Bare
		}
	case TakesValue:
		if !valued {
			return setting{}, &outcome.UsageError{Sentence: name + " needs a value", Hint: name + " " + f.Example}
		}
	}
	return setting{flag: f, value: value}, nil
}

// readConfig returns the text of a file of --config: the name is a path where it
// has a slash, else a name in the user's own folder, never in the one that zcat
// happens to run in.
func readConfig(w Command, name string, lookup func(string) (string, bool)) (string, error) {
	path := name
	if !strings.ContainsAny(name, "/"+string(filepath.Separator)) {
		folder, err := configFolder(lookup)
		if err != nil {
			return "", &outcome.UsageError{Sentence: fmt.Sprintf("--config: %q is a name in the folder of the configuration, and %v", name, err), Hint: w.Line("--config ./" + name)}
		}
		path = filepath.Join(folder, name)
	}
	bad := func(why, hint string) (string, error) {
		mends := hint != "" && !strings.HasPrefix(hint, w.Program+" ")
		return "", &outcome.UsageError{Sentence: "--config: " + path + ": " + why, Hint: hint, InFile: mends}
	}
	f, err := os.Open(path)
	if err != nil {
		hint := w.Line("--config " + "./" + name)
		if path == name {
			hint = ""
		}
		return bad(say.Cause(err).Error(), hint)
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	switch {
	case err != nil:
		return bad(say.Cause(err).Error(), "")
	case info.IsDir():
		return bad("a directory, where a file was expected", w.Line("--config "+strings.TrimSuffix(path, "/")+"/FILE"))
	case paths.OthersWrite(info):
		return bad("others may write to it, who could have this command do what they like", "chmod go-w "+path)
	case !paths.OwnOrRoot(info):
		return bad("it belongs to another user, who could have this command do what they like", "cp "+path+" ~/.config/zcat/")
	}
	text, err := io.ReadAll(io.LimitReader(f, MostConfig+1))
	switch {
	case err != nil:
		return bad(say.Cause(err).Error(), "")
	case len(text) > MostConfig:
		return bad("longer than 1 MiB, and so no list of flags", "")
	case strings.ContainsRune(string(text), 0):
		return bad("a binary file, where lines of a flag and its value were expected", "timeout 5")
	}
	return string(text), nil
}

// inFile returns the error of a check with the place of the value that it is about, where
// that stands in a file.
func (c *Config) inFile(err error) error {
	usage, ok := err.(*outcome.UsageError) //nolint:errorlint // what is wrapped is about something else
	if !ok {
		return err
	}
	name, _, found := strings.Cut(strings.TrimPrefix(usage.Sentence, "--"), ": ")
	if !found || !strings.HasPrefix(usage.Sentence, "--") {
		return err
	}
	var likely []setting
	for _, s := range c.given {
		if s.flag.Name == name {
			likely = append(likely, s)
		}
	}
	if len(likely) > 1 {
		likely = slices.DeleteFunc(likely, func(s setting) bool { return !strings.Contains(usage.Sentence, fmt.Sprintf("%q", s.value)) })
	}
	if len(likely) == 0 || likely[0].at == "" {
		return err
	}
	return &outcome.UsageError{Sentence: likely[0].at + usage.Sentence, Hint: strings.TrimSpace(name + " " + likely[0].flag.Example), InFile: true}
}

// configFolder returns the folder of those files of --config that have only a name.
func configFolder(lookup func(string) (string, bool)) (string, error) {
	if base, found := lookup("XDG_CONFIG_HOME"); found && filepath.IsAbs(base) {
		return filepath.Join(base, "zcat"), nil
	}
	if home, found := lookup("HOME"); found && home != "" {
		return filepath.Join(home, ".config", "zcat"), nil
	}
	if base, err := os.UserConfigDir(); err == nil {
		return filepath.Join(base, "zcat"), nil
	}
	return "", errors.New("neither XDG_CONFIG_HOME nor HOME says where that is")
}
