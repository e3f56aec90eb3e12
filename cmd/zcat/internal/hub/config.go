package hub

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/board"
	"github.com/zcat/zcat/cmd/zcat/internal/capture"
	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/metrics"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
)

// config has the settings of a hub.
type config struct {
	board.Asked
	capture capture.Asked
	told    metrics.Asked

	sockets []named
	stdio   bool // - is among the names
}

// named is a socket of a hub: what stands behind its name, and what that came to.
type named struct {
	at   int // among the operands
	name string
	text string
	*line.Config
}

// stdioName is the name of stdin and stdout beside a filter.
const stdioName = line.StdoutName

// of is the settings of a hub.
func of(c *line.Config) *config { return c.Own.(*config) }

// reserved are names that mean something in a proxy.
func reserved() []string { return []string{"front", "back", "capture", "control"} }

// settle tells the names from the lines.
func settle(c *line.Config) {
	h := of(c)
	for i, arg := range c.Args {
		if arg == stdioName {
			h.stdio = true
			continue
		}
		name, text, _ := strings.Cut(arg, "=")
		h.sockets = append(h.sockets, named{at: i, name: name, text: text})
	}
	c.FromStdin = h.Filter == "" || h.stdio
	c.ToStdout = c.FromStdin || h.capture.ToStdout()
}

// rules are those of a hub.
func rules(c *line.Config) []line.Rule {
	h := of(c)
	all := []line.Rule{{
		Broken: len(h.sockets) == 0, Sentence: "hub needs at least one socket, NAME='COMMAND FLAGS'",
		Hint: c.Command.Line(""),
	}}
	for i, arg := range c.Args {
		all = append(all, ruleOfName(c, i, arg)...)
	}
	seen, stdios := map[string]bool{}, 0
	for _, s := range h.sockets {
		all = append(all, broken(seen[s.name], fmt.Sprintf("two sockets have the name %q", s.name), func() string {
			return h.whole(c, func(j int, arg string) string {
				if j != s.at {
					return arg
				}
				return s.name + "2=" + s.text
			})
		})...)
		seen[s.name] = true
	}
	for _, arg := range c.Args {
		if arg == stdioName {
			stdios++
		}
	}
	all = append(all, h.capture.Rules(c)...)
	return append(all, line.Rule{
		Broken: h.capture.ToStdout() && (h.Filter == "" || h.stdio), Sentence: "stdout is where records go: --capture names a file, or an endpoint",
		Hint: c.Command.Line("--capture traffic.jsonl"),
	}, line.Rule{
		Broken: c.Typed["out"] && !h.capture.ToStdout(), Sentence: "--out is for what --capture - prints, and there is none",
		Hint: c.Command.Line("--capture - --out view"),
	}, line.Rule{
		Broken: c.EndpointFile == line.StdoutName && (c.ToStdout || h.capture.ToStdout()), Sentence: "--endpoint-file - is stdout, where messages go",
		Hint: c.Command.Line("--endpoint-file /dev/stderr"),
	}, line.Rule{
		Broken: h.stdio && h.Filter == "", Sentence: "- is stdin and stdout beside a filter; without --filter they are where the hub's records come and go",
		Hint: h.whole(c, func(_ int, arg string) string { return arg }) + " --filter cat",
	}, line.Rule{
		Broken: stdios > 1, Sentence: "- stands for stdin and stdout, which there are once",
		Hint: c.Command.Line("-"),
	})
}

// ruleOfName are the rules of one operand.
func ruleOfName(c *line.Config, i int, arg string) []line.Rule {
	if arg == stdioName {
		return nil
	}
	h := of(c)
	name, text, found := strings.Cut(arg, "=")
	instead := func(name, text string) string {
		return h.whole(c, func(j int, arg string) string {
			if j == i {
				return name + "=" + text
			}
			return arg
		})
	}
	lines := shell.Lines(arg, func(word string) bool {
		w, isCommand := c.Command.All.Find(word)
		return isCommand && !w.Tool
	})
	likely := arg
	if _, isCommand := c.Command.All.Find(strings.SplitN(arg, " ", 2)[0]); !isCommand {
		likely = "router --bind :5555"
	}
	first := func() string {
		return h.whole(c, func(j int, arg string) string {
			if j == i {
				return lines[0]
			}
			return arg
		})
	}
	return slices.Concat(
		broken(!found || strings.Contains(name, " "), fmt.Sprintf("%q is not NAME='COMMAND FLAGS'", arg), func() string { return instead("a", likely) }),
		broken(len(lines) > 1, fmt.Sprintf("%q has the lines of several sockets: expected each in an argument of its own", arg), first),
		broken(found && strings.TrimRight(arg, ",;") != arg, fmt.Sprintf("%q ends with a %q, where nothing separates the lines but a blank", arg, arg[max(0, len(arg)-1):]), first),
		broken(found && !line.IsName(name), fmt.Sprintf("%q is no name: expected a letter, then letters, digits and _", name), func() string { return instead(asName(name), text) }),
		broken(slices.Contains(reserved(), name), fmt.Sprintf("%q is a name that a proxy gives to what it is made of", name), func() string { return instead(name+"1", text) }),
		broken(found && strings.TrimSpace(text) == "", fmt.Sprintf("%s has no line: what kind of socket is it, and where?", name), func() string { return instead(name, "router --bind :5555") }),
	)
}

// broken is a rule about one of many operands, none where it holds: its hint is the whole
// line, which would be written for every operand.
func broken(is bool, sentence string, hint func() string) []line.Rule {
	if !is {
		return nil
	}
	return []line.Rule{{Broken: true, Sentence: sentence, Hint: hint()}}
}

// asName is the nearest name to a text.
func asName(text string) string {
	name := strings.Map(func(r rune) rune {
		if line.IsName("a" + string(r)) {
			return r
		}
		return '_'
	}, text)
	if name = strings.TrimRight(strings.TrimLeft(name, "_0123456789"), "_"); name == "" {
		return "a"
	}
	return name
}

// whole is the command line of the hub with other operands, and without some of its flags.
func (h *config) whole(c *line.Config, with func(i int, arg string) string, without ...string) string {
	return c.Again(func(i int, arg string) string { return quoted(with(i, arg)) }, func(f line.Flag, value string) (string, bool) {
		return value, !slices.Contains(without, f.Name)
	})
}

// quoted writes NAME=LINE as it is best read: NAME='LINE'.
func quoted(arg string) string {
	name, text, found := strings.Cut(arg, "=")
	if !found || !line.IsName(name) {
		return shell.Quoted(arg)
	}
	return name + "=" + shell.Quoted(text)
}

// check makes the configurations of the sockets.
func check(c *line.Config) error {
	h := of(c)
	// The memory that peers may make the hub hold is shared; the default is one for two.
	c.Options.MaxMemory = max(1, c.Options.MaxMemory*2/max(2, len(h.sockets)))
	for i := range h.sockets {
		s := &h.sockets[i]
		words, err := shell.Split(s.text)
		if err != nil {
			return &outcome.UsageError{Sentence: s.name + ": " + err.Error(), Hint: c.Command.Line("")}
		}
		s.Config, err = c.Nested(words, may)
		if err != nil {
			return line.Within(s.name, err, c.Command.Program, func(nested string) string {
				return h.whole(c, func(j int, arg string) string {
					if j != s.at {
						return arg
					}
					return s.name + "=" + nested
				})
			})
		}
	}
	return h.unused(c)
}

// unused returns the fault of a flag for all sockets that is for none of them.
func (h *config) unused(c *line.Config) error {
	all := slices.Clone(h.capture.Endpoints())
	for _, s := range h.sockets {
		all = append(all, s.Endpoints...)
	}
	more := func(socket string) string {
		name := "more"
		for slices.ContainsFunc(h.sockets, func(s named) bool { return s.name == name }) {
			name += "2"
		}
		return h.whole(c, func(_ int, arg string) string { return arg }) + " " + name + "='" + socket + "'"
	}
	if sentence, sample := flags.Idle(c, all); sentence != "" {
		socket, option, _ := strings.Cut(sample, " --option ")
		return &outcome.UsageError{Sentence: sentence, Hint: more("pull --"+socket) + " --option " + option}
	}
	for _, f := range []struct {
		name, value, sentence, socket string
		is                            func(line.Attachment) bool
	}{
		{"ipc-mode", "660", flags.NoFile, "pull --bind /tmp/zcat.sock", line.Attachment.IsFile},
		{"allow-origin", "null", flags.NoWeb, "pull --bind ws://127.0.0.1:8080", line.Attachment.IsWeb},
	} {
		if c.Typed[f.name] && !slices.ContainsFunc(all, f.is) {
			return &outcome.UsageError{Sentence: f.sentence, Hint: more(f.socket) + " --" + f.name + " " + f.value}
		}
	}
	return nil
}

// may reports whether a socket of a hub may have a flag.
func may(w line.Command, f line.Flag) bool {
	switch f.Name {
	case "endpoint-file":
		return false
	case "bind", "connect", "subscribe", "subscribe-hex", "wait-subs", "hello", "linger":
		return true
	case "timeout", "retries":
		return w.Traits().Asks
	}
	return slices.Contains([]string{line.GroupSocket, line.GroupSecurity, line.GroupLimits}, f.Group)
}
