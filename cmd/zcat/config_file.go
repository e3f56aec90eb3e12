package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mostConfig is the longest file of --config.
const mostConfig = 1 << 20

// fileSettings are the flags in the files of --config, in their order.
func fileSettings(w command, names []string, lookup func(string) (string, bool)) ([]setting, error) {
	var all []setting
	for _, name := range names {
		text, err := readConfig(w, name, lookup)
		if err != nil {
			return nil, err
		}
		number := 0
		for line := range strings.Lines(text) {
			number++
			line = strings.TrimLeft(strings.TrimRight(line, "\r\n"), " \t")
			if line == "" || line[0] == '#' {
				continue
			}
			s, err := fileSetting(w, line)
			s.at = fmt.Sprintf("%s:%d: ", name, number)
			if err != nil {
				err.sentence = s.at + err.sentence
				return nil, err
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// fileSetting reads one line: a flag without its hyphens and, behind a blank, its
// value; a boolean flag alone or with =false.
func fileSetting(w command, line string) (setting, *usageError) {
	name, value, valued := line, "", false
	if at := strings.IndexAny(line, " \t="); at >= 0 {
		name, value, valued = line[:at], strings.TrimLeft(line[at:], " \t"), true
		if line[at] == '=' {
			value = line[at+1:]
		}
	}
	flags := flagsOf(w)
	at := slices.IndexFunc(flags, func(f flagRow) bool { return f.name == name })
	switch {
	case strings.HasPrefix(name, "-"):
		return setting{}, &usageError{
			fmt.Sprintf("%q has hyphens: a line is the long name of a flag, and behind a blank its value", name),
			strings.TrimLeft(line, "-"),
		}
	case name == "config" || name == "help":
		return setting{}, &usageError{fmt.Sprintf("%s is for the command line only", name), ""}
	case at < 0:
		hint := ""
		names := make([]string, len(flags))
		for i, f := range flags {
			names[i] = f.name
		}
		if near := nearest(name, names); near != "" {
			hint = strings.TrimSpace(near + " " + value)
		}
		return setting{}, &usageError{fmt.Sprintf("%s has no flag --%s", w.name, name), hint}
	}
	f := flags[at]
	switch f.kind {
	case takesNothing, takesNothings:
		if !valued {
			value = "true"
		}
		if _, err := parseBool(value); err != nil && f.kind == takesNothing {
			return setting{}, &usageError{fmt.Sprintf("%s: %v", name, err), name + "=false"}
		}
	case mayTakeValue:
		if !valued {
			value = f.bare
		}
	case takesValue:
		if !valued {
			return setting{}, &usageError{name + " needs a value", name + " " + f.example}
		}
	}
	return setting{flag: f, value: value}, nil
}

// readConfig is the text of a file of --config: a path where it has a slash, else a
// name in the user's own folder, never in the one that zcat happens to run in.
func readConfig(w command, name string, lookup func(string) (string, bool)) (string, error) {
	path := name
	if !strings.ContainsAny(name, "/"+string(filepath.Separator)) {
		folder, err := configFolder(lookup)
		if err != nil {
			return "", &usageError{fmt.Sprintf("--config: %q is a name in the folder of the configuration, and %v", name, err), w.line("--config ./" + name)}
		}
		path = filepath.Join(folder, name)
	}
	bad := func(why, hint string) (string, error) { return "", &usageError{"--config: " + path + ": " + why, hint} }
	f, err := os.Open(path)
	if err != nil {
		hint := w.line("--config " + "./" + name)
		if path == name {
			hint = "ls -l " + path
		}
		return bad(cause(err).Error(), hint)
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	switch {
	case err != nil:
		return bad(cause(err).Error(), "")
	case info.IsDir():
		return bad("a directory, where a file was expected", w.line("--config "+strings.TrimSuffix(path, "/")+"/FILE"))
	case othersWrite(info):
		return bad("others may write to it, who could have this command do what they like", "chmod go-w "+path)
	case !ownOrRoot(info):
		return bad("it belongs to another user, who could have this command do what they like", "cp "+path+" ~/.config/zcat/")
	}
	text, err := io.ReadAll(io.LimitReader(f, mostConfig+1))
	switch {
	case err != nil:
		return bad(cause(err).Error(), "")
	case len(text) > mostConfig:
		return bad("longer than 1 MiB, and so no list of flags", "")
	case strings.ContainsRune(string(text), 0):
		return bad("a binary file, where lines of a flag and its value were expected", "timeout 5")
	}
	return string(text), nil
}

// configFolder is where the files of --config are that have a name only.
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
