package retype

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/units"
	"github.com/zcat/zcat/pkg/sockets"
)

// option takes over a socket option. One that is not taken gives way to what was meant by
// it, a flag or another option; where nothing does that here, it is left out.
func (r *retyping) option(f line.Flag, arg, option string) {
	name, value, some := strings.Cut(option, "=")
	if some {
		if flag, meant := flags.InsteadOf(r.command, name, value); flag != "" && r.becomeFlag(r.rows(), flag, meant, true, false) {
			return
		}
		if f.Set(line.NewConfig(r.command), option) == nil {
			r.add(spelt(f, arg), option)
			return
		}
	}
	// What is no option at all may be the place where kcat begins to read: what was sent
	// before is not kept here.
	if meant := flags.OptionMeant(r.command, name, value); meant != "" && (some || strings.HasPrefix(meant, name+"=")) {
		r.add(spelt(f, arg), meant)
	}
}

// misplaced reports whether what stands behind --bind or --connect is a FRAME, and
// the endpoint somewhere else.
func (r *retyping) misplaced(value string, args []string) bool {
	endpoint := func(w typedWord) bool { return w.operand && looksLikeEndpoint(w.text) }
	return !looksLikeEndpoint(value) && !habits.IsPort(value) && !habits.IsHost(value) && !r.attached(nil) &&
		(slices.ContainsFunc(r.typed, endpoint) || slices.ContainsFunc(args, looksLikeEndpoint)) && !slices.Contains(args, "-c") && !slices.Contains(args, "--connect")
}

// glued cuts a FRAME off an endpoint without a blank behind it.
func glued(text string) (endpoint, frame string, found bool) {
	at := strings.LastIndexByte(text, ':') + 1
	frame = strings.TrimLeft(text[at:], "0123456789")
	endpoint = text[:len(text)-len(frame)]
	if at == 0 || frame == "" || strings.ContainsAny(frame[:1], "/,;.:*@") || !habits.IsPort(endpoint[at:]) {
		return "", "", false
	}
	return endpoint, frame, true
}

// isFlag reports whether a word is one of the command's flags.
func (r *retyping) isFlag(text string) bool {
	_, found := r.row(typedWord{text: text})
	return found && len(text) > 1
}

// takes reports whether a flag takes a value.
func (r *retyping) takes(f line.Flag, value string) bool {
	if f.Name == "bind" || f.Name == "connect" {
		return sockets.CheckConnect(value) == nil
	}
	return f.Set == nil || f.Set(line.NewConfig(r.command), value) == nil
}

// fitting returns value, if the flag takes it, else one that it takes.
func (r *retyping) fitting(f line.Flag, value string) string {
	if f.Set == nil || f.Set(line.NewConfig(r.command), value) == nil || f.Example == "" {
		return value
	}
	lower := strings.ReplaceAll(strings.ToLower(value), " ", "")
	digits := lower[:len(lower)-len(strings.TrimLeft(lower, "0123456789."))]
	unit := strings.TrimLeft(lower, "0123456789.")
	list := []string{lower}
	for _, long := range []struct{ unit, short string }{
		{"k", "000"},
		{"milliseconds", "ms"},
		{"msec", "ms"},
		{"seconds", "s"},
		{"second", "s"},
		{"secs", "s"},
		{"sec", "s"},
		{"minutes", "m"},
		{"minute", "m"},
		{"mins", "m"},
		{"min", "m"},
		{"hours", "h"},
		{"hour", "h"},
		{"hrs", "h"},
		{"hr", "h"},
		{"x", ""},
		{"/s", ""},
		{"/sec", ""},
		{"hz", ""},
	} {
		if unit == long.unit && digits != "" {
			list = append(list, digits+long.short, digits)
		}
	}
	for _, near := range list {
		if f.Set(line.NewConfig(r.command), near) == nil {
			return near
		}
	}
	return f.Example
}

// spelt returns a flag as it was typed, if that is one of its spellings.
func spelt(f line.Flag, arg string) string {
	if bare, _, _ := strings.Cut(arg, "="); bare == f.Dashed() || bare == "-"+f.Letter || strings.HasPrefix(arg, f.Dashed()+"=") && f.Kind == line.TakesNothing {
		return arg
	}
	return f.Dashed()
}

// isSize reports whether text is a number of bytes.
func isSize(text string) bool {
	_, err := units.ParseSize(text)
	return err == nil
}

// hushed reports whether a flag's value may be a secret, which is never shown.
func hushed(name string) bool {
	return strings.Contains(name, "pass") || strings.Contains(name, "token") || strings.Contains(name, "secret")
}
