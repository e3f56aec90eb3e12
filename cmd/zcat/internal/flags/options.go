package flags

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/sockets"
)

// SetOption sets --option: NAME=VALUE, or the word list.
func SetOption(c *line.Config, text string) error {
	if text == "list" {
		c.ListOptions = true
		return nil
	}
	name, value, found := strings.Cut(text, "=")
	if !found {
		return fmt.Errorf("%q is not NAME=VALUE", text)
	}
	name = optionName(name)
	var names []string
	rows := OptionsOf(c.Command)
	if c.Within && c.Command.Sends() && !c.Command.Traits().Asks && !c.Command.Traits().Answers {
		rows = append(rows, waitForRoom())
	}
	for _, row := range rows {
		if row.Name == name {
			if err := row.set(&c.Options, value); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		}
		names = append(names, row.Name)
	}
	if c.Within && !c.Command.Traits().Asks && strings.HasSuffix(name, "timeo") {
		return fmt.Errorf("%s has no meaning for %s in a hub", name, c.Command.Name)
	}
	if why, known := meanings(c.Command)[name]; known {
		return fmt.Errorf("%s %s", name, why)
	}
	if near := habits.Nearest(name, names); near != "" {
		return fmt.Errorf("%s has no option %q: did you mean %s?", c.Command.Name, name, near)
	}
	return fmt.Errorf("%s has no option %q: -o list prints those it has", c.Command.Name, name)
}

// optionName returns an option's name as it stands in the table.
func optionName(typed string) string { return strings.TrimPrefix(strings.ToLower(typed), "zmq_") }

// waitForRoom is sndtimeo as each socket of a hub has it whose queue may be full.
func waitForRoom() optionRow {
	return optionRow{Name: "sndtimeo", help: "give a message back that finds no room within ms, -1 for never", Get: getStall, set: setStall}
}

// OptionsOf lists the options of a command. A tool's sockets may be of any type.
func OptionsOf(w line.Command) []optionRow {
	var list []optionRow
	for _, row := range SocketOptions() {
		if w.Tool || row.fits(w.Kind) {
			list = append(list, row)
		}
	}
	return list
}

// fits reports whether sockets of type t have the option.
func (row optionRow) fits(t sockets.Type) bool {
	return row.of == nil || row.of(t)
}

// Fitted is o without the options that sockets of type t do not have.
func Fitted(o sockets.Options, t sockets.Type) sockets.Options {
	defaults := sockets.DefaultOptions()
	for _, row := range SocketOptions() {
		if !row.fits(t) {
			// set accepts what Get prints for a default.
			_ = row.set(&o, row.Get(&defaults))
		}
	}
	return o
}

// meanings tells of the options that a command's sockets do not take what they are.
func meanings(w line.Command) map[string]string {
	list := elsewhere()
	for _, row := range SocketOptions() {
		if w.Tool || row.fits(w.Kind) {
			delete(list, row.Name)
			continue
		}
		var kinds []string
		for _, t := range sockets.Types() {
			if row.fits(t) {
				kinds = append(kinds, strings.ToLower(t.String()))
			}
		}
		if _, known := list[row.Name]; !known {
			list[row.Name] = "has no meaning for " + w.Name + ": it is for " + strings.Join(kinds, ", ")
		}
	}
	if w.All == nil || w.Tool {
		return list
	}
	for name, why := range list {
		if flag := flagIn(why); flag != "" && !hasFlag(w, flag) {
			var others []string
			for _, other := range w.All.List() {
				if !other.Tool && hasFlag(other, flag) {
					others = append(others, other.Name)
				}
			}
			list[name] = "has no meaning for " + w.Name + ": it is --" + flag + " of " + strings.Join(others, ", ")
		}
	}
	return list
}

// hasFlag reports whether a command has a flag of that name.
func hasFlag(w line.Command, name string) bool {
	return slices.ContainsFunc(line.FlagsOf(w), func(f line.Flag) bool { return f.Name == name })
}

// flagIn returns the name of the flag that an option is, as its meaning tells; "" where it
// is none.
func flagIn(meaning string) string {
	flag, found := strings.CutPrefix(meaning, "is --")
	if !found {
		return ""
	}
	return strings.TrimRight(strings.SplitN(flag, " ", 2)[0], ",")
}

// InsteadOf returns what does here what an option does which a command's sockets do not
// take: the name of a flag and its value, "" and "" where there is nothing. libzmq's times
// are milliseconds, and -1 is no limit; its secrets are in files here.
func InsteadOf(w line.Command, option, value string) (flag, meant string) {
	option = optionName(option)
	flag = flagIn(meanings(w)[option])
	switch {
	case (option == "fail_unroutable" || option == "router_behavior") && value == "0" && hasFlag(w, "drop-unroutable"):
		return "drop-unroutable", ""
	case flag == "plain-password-file" || flag == "curve-secret":
		// What was typed is a secret, and no file.
		at := slices.IndexFunc(line.FlagsOf(w), func(f line.Flag) bool { return f.Name == flag })
		return flag, line.FlagsOf(w)[at].Example
	case option == "use_fd" && flag != "":
		return flag, "fd://" + value
	case strings.HasSuffix(option, "timeo") || option == "tcp_maxrt":
		if value == "" || strings.Trim(value, "0123456789") != "" {
			return "", ""
		}
		value += "ms"
	}
	return flag, value
}

// OptionMeant returns the socket option that was meant by one that is not taken: the same
// with its default, where the value is none, or the one that is spelt nearly so; "" where
// there is none.
func OptionMeant(w line.Command, name, value string) string {
	name = optionName(name)
	rows := OptionsOf(w)
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.Name
	}
	at := slices.Index(names, name)
	if _, known := meanings(w)[name]; at < 0 && !known {
		at = slices.Index(names, habits.Nearest(name, names))
	}
	if at < 0 {
		return ""
	}
	defaults := line.DefaultOptions(w)
	if row := rows[at]; row.set(&sockets.Options{}, value) != nil {
		value = row.Get(&defaults)
	}
	if value == "" {
		return ""
	}
	return names[at] + "=" + value
}

// OptionList returns what -o list prints: a line for each option with NAME=DEFAULT
// and its meaning, then one for each that is not taken, and why.
func OptionList(w line.Command) string {
	var b strings.Builder
	defaults := line.DefaultOptions(w)
	for _, row := range OptionsOf(w) {
		fmt.Fprintf(&b, "%-24s %s\n", row.Name+"="+row.Get(&defaults), row.help)
	}
	others := meanings(w)
	for _, name := range slices.Sorted(maps.Keys(others)) {
		fmt.Fprintf(&b, "%-24s %s\n", name, others[name])
	}
	return b.String()
}

// Describe reports at -vv which options differ from their defaults.
func Describe(w line.Command, options sockets.Options, voice *say.Speech) {
	if !voice.Says(say.LevelCommands) {
		return
	}
	defaults := line.DefaultOptions(w)
	for _, row := range OptionsOf(w) {
		if value := row.Get(&options); value != row.Get(&defaults) {
			voice.Detail("option %s=%s", row.Name, value)
		}
	}
}
