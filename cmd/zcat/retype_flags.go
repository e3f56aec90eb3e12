package main

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/pkg/sockets"
)

// flags goes through what was typed behind the command.
func (r *retyping) flags(args []string) bool {
	all := flagsOf(r.word)
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--":
			for _, a := range args {
				r.operand(a, true)
			}
			return true
		case arg == "-" || !strings.HasPrefix(arg, "-"):
			r.operand(arg, false)
			continue
		case arg == "-h" && namesHost(args):
			r.host, args = args[0], args[1:]
			continue
		case strings.HasPrefix(arg, "-h") && namesHost([]string{arg[2:]}):
			r.host = arg[2:]
			continue
		}
		name, value, attached := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		short := !strings.HasPrefix(arg, "--")
		is := func(name string) int {
			return slices.IndexFunc(all, func(f flagRow) bool { return f.name == name || short && len(name) == 1 && f.letter == name })
		}
		if short && len(name) > 1 && is(name) < 0 && !known(name) {
			// Letters, of which the last may have a value.
			at := strings.IndexFunc(name, func(l rune) bool {
				i := is(string(l))
				return i < 0 || all[i].kind == takesValue || all[i].kind == mayTakeValue
			})
			switch {
			case at < 0:
				r.add(arg)
				continue
			case at > 0:
				r.add("-" + name[:at])
			}
			if name[at:] == "lk" || name[at:] == "lp" { // nc's, of which the last has the port
				name, value, attached, arg = "l", "", false, "-l"
			} else {
				name, value, attached = name[at:at+1], arg[at+2:], len(arg) > at+2
				arg = "-" + name
			}
		}
		if i := is(name); i >= 0 {
			args = r.keep(all[i], arg, value, attached, args)
			continue
		}
		var ok bool
		if args, ok = r.replace(all, name, value, attached, short, args); !ok {
			if !senders(r.word) || r.foreign {
				return false
			}
			r.operand(arg, true) // a FRAME that begins with a hyphen
		}
	}
	return true
}

// known reports whether another tool has a flag of that name.
func known(name string) bool {
	targets, _ := habit(name)
	return targets != nil
}

// keep takes over a flag that the command has, with a value that fits.
func (r *retyping) keep(f flagRow, arg, value string, attached bool, args []string) []string {
	if f.kind == takesNothing || f.kind == takesNothings {
		if attached {
			arg = f.dashed() + "=" + value
		}
		r.add(spelt(f, arg))
		return args
	}
	arg, _, joined := strings.Cut(arg, "=")
	if !attached {
		switch {
		case f.kind == mayTakeValue && (len(args) == 0 || strings.HasPrefix(args[0], "-")):
			r.add(spelt(f, arg))
			return args
		case f.name == "linger" && len(args) > 0 && (strings.HasPrefix(args[0], "-") || looksLikeEndpoint(args[0])):
			r.binds = true // nc's -l
			return args
		case len(args) == 0 || r.isFlag(args[0]) && !r.takes(f, args[0]):
			// The value was forgotten.
			r.typed = append(r.typed, typedWord{text: spelt(f, arg), value: f.example, valued: true, filler: true})
			return args
		}
		value, args = args[0], args[1:]
	}
	if endpoint, frame, found := glued(value); found && (f.name == "bind" || f.name == "connect") && senders(r.word) {
		defer r.operand(frame, false)
		value = endpoint
	}
	switch {
	case f.name == "option" && !strings.Contains(value, "="):
		if value = r.option(value); value != "" {
			r.add(spelt(f, arg), value)
		}
	case f.name == "timeout" && named("pub", "sub", "xpub")(r.word) && f.set(newConfig(r.word), value) != nil:
		r.topic(value)
	case f.name == "subscribe" && (strings.Contains(value, "://") || looksLikeEndpoint(value) && r.foreign):
		r.meet(value)
	case f.name == "bind" && r.broker:
		r.meet(value)
	case !attached && f.group == groupEndpoints && f.name != "endpoint-file" && r.misplaced(value, args):
		r.binds = r.binds || f.name == "bind"
		r.operand(value, false)
	case f.name == "count" && r.foreign && paced(r.word) && r.word.tool == noTool:
		r.add("--repeat", r.fitting(f, value)) // what others send so often is one message
	case f.name == "bind" || f.name == "connect" || strings.HasSuffix(f.name, "-bind") || strings.HasSuffix(f.name, "k-connect") || f.name == "front-connect":
		r.attach(spelt(f, arg), value)
	case f.name == "linger" && isPort(value) && len(value) > 3:
		r.port, r.binds = value, true // nc's -l
	case joined:
		r.add(spelt(f, arg) + "=" + r.fitting(f, value)) // which may begin with a hyphen
	default:
		r.add(spelt(f, arg), r.fitting(f, value))
	}
	return args
}

// option is a socket option that was named without a value, with the one that it
// has; "" for what is none, as the place where kcat begins to read: what was sent
// before is not kept here.
func (r *retyping) option(name string) string {
	defaults := defaultOptions(r.word)
	for _, row := range optionsOf(r.word) {
		if row.name == name {
			return name + "=" + row.get(&defaults)
		}
	}
	return ""
}

// misplaced reports whether what stands behind --bind or --connect is a FRAME, and
// the endpoint somewhere else.
func (r *retyping) misplaced(value string, args []string) bool {
	endpoint := func(w typedWord) bool { return w.operand && looksLikeEndpoint(w.text) }
	return !looksLikeEndpoint(value) && !isPort(value) && !isHost(value) && !r.attached(nil) &&
		(slices.ContainsFunc(r.typed, endpoint) || slices.ContainsFunc(args, looksLikeEndpoint)) && !slices.Contains(args, "-c") && !slices.Contains(args, "--connect")
}

// glued cuts a FRAME off the endpoint that no blank stands behind.
func glued(text string) (endpoint, frame string, found bool) {
	at := strings.LastIndexByte(text, ':') + 1
	frame = strings.TrimLeft(text[at:], "0123456789")
	endpoint = text[:len(text)-len(frame)]
	if at == 0 || frame == "" || strings.ContainsAny(frame[:1], "/,;.:*@") || !isPort(endpoint[at:]) {
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
func (r *retyping) takes(f flagRow, value string) bool {
	switch {
	case f.name == "bind" || f.name == "connect":
		return sockets.CheckConnect(value) == nil
	}
	return f.set == nil || f.set(newConfig(r.word), value) == nil
}

// fitting is value, if the flag takes it, else one that it takes.
func (r *retyping) fitting(f flagRow, value string) string {
	if f.set == nil || f.set(newConfig(r.word), value) == nil || f.example == "" {
		return value
	}
	lower := strings.ReplaceAll(strings.ToLower(value), " ", "")
	digits := lower[:len(lower)-len(strings.TrimLeft(lower, "0123456789."))]
	unit := strings.TrimLeft(lower, "0123456789.")
	list := []string{lower}
	for _, long := range []struct{ unit, short string }{
		{"k", "000"}, {"milliseconds", "ms"}, {"msec", "ms"}, {"seconds", "s"}, {"second", "s"}, {"secs", "s"}, {"sec", "s"},
		{"minutes", "m"}, {"minute", "m"}, {"mins", "m"}, {"min", "m"}, {"hours", "h"}, {"hour", "h"}, {"hrs", "h"}, {"hr", "h"}, {"x", ""}, {"/s", ""}, {"/sec", ""}, {"hz", ""},
	} {
		if unit == long.unit && digits != "" {
			list = append(list, digits+long.short, digits)
		}
	}
	for _, near := range list {
		if f.set(newConfig(r.word), near) == nil {
			return near
		}
	}
	return f.example
}

// spelt is a flag as it was typed, if that is one of its spellings.
func spelt(f flagRow, arg string) string {
	if bare, _, _ := strings.Cut(arg, "="); bare == f.dashed() || bare == "-"+f.letter || strings.HasPrefix(arg, f.dashed()+"=") && f.kind == takesNothing {
		return arg
	}
	return f.dashed()
}

// replace puts what the command has in the place of a flag that it has not.
func (r *retyping) replace(all []flagRow, name, value string, attached, short bool, args []string) ([]string, bool) {
	targets, values := habit(name)
	if targets == nil && hushed(name) {
		targets, values = []string{"PASSWORD"}, 1
	}
	if targets == nil {
		if other, found := r.elsewhere(name, short); found {
			// It is a flag, but of other commands, which is what is said of it.
			if other.kind == takesValue && !attached && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			if looksLikeEndpoint(value) || r.word.tool == keygenTool && value != "" {
				r.operand(value, false)
			}
			return args, true
		}
		if r.word.tool == keygenTool && (attached || len(args) > 0) {
			if !attached {
				value, args = args[0], args[1:]
			}
			r.operand(value, false)
			return args, true
		}
		var names []string
		for _, f := range all {
			names = append(names, f.name)
		}
		near := nearest(name, names)
		if near == "" || len(name) < 2 || distance(name, near) > max(1, len(name)/3) {
			return args, false
		}
		i := slices.IndexFunc(all, func(f flagRow) bool { return f.name == near })
		r.helps = r.helps || near == "help"
		return r.keep(all[i], all[i].dashed(), value, attached, args), true
	}
	// nc's -k takes nothing, mosquitto's a time.
	if name == "k" && len(args) > 0 && (len(args[0]) > 3 || !isPort(args[0])) {
		return args, true
	}
	if values == 1 && !attached && len(args) > 0 && (args[0] == "-" || !strings.HasPrefix(args[0], "-")) {
		value, args, attached = args[0], args[1:], true
	}
	switch {
	case name == "P" && isPort(value):
		targets = []string{"jobs"}
	case name == "queue" && !isPort(value):
		return args, true // a group of those who share the messages
	case name == "r" && len(args) > 0 && isPort(args[0]): // redis's repetitions, or those of a request
		value, args, attached, targets = args[0], args[1:], true, []string{"retries", "repeat", "DROP"}
	case name == "s" && r.word.tool == benchTool && isSize(value):
		targets = []string{"size"}
	}
	for _, target := range targets {
		if r.become(all, target, value, attached, isBroker(name)) {
			return args, true
		}
	}
	return args, false
}

// elsewhere finds a flag that other commands have.
func (r *retyping) elsewhere(name string, short bool) (flagRow, bool) {
	for _, w := range words(r.program) {
		for _, f := range flagsOf(w) {
			if f.name == name || short && f.letter == name {
				return f, true
			}
		}
	}
	return flagRow{}, false
}

// isSize reports whether text is a number of bytes.
func isSize(text string) bool {
	_, err := parseSize(text)
	return err == nil
}

// isBroker reports whether a flag of another tool names what stands between its
// clients, so that nobody else would bind there.
func isBroker(name string) bool {
	return strings.HasPrefix(name, "broker") || strings.HasPrefix(name, "bootstrap") || slices.Contains([]string{"url", "uri", "L"}, name)
}

// hushed reports whether a flag's value may be a secret, which is never shown.
func hushed(name string) bool {
	return strings.Contains(name, "pass") || strings.Contains(name, "token") || strings.Contains(name, "secret")
}

// become has target stand for a flag, if that makes sense for the command.
func (r *retyping) become(all []flagRow, target, value string, valued, meets bool) bool {
	frames := senders(r.word)
	switch target {
	case "DROP":
	case "<":
		if !frames {
			return false
		}
		r.input = value
	case ">", ">>":
		r.output, r.appends = value, target == ">>"
	case "FRAME":
		if frames {
			r.operand(value, false)
		}
	case "TOPIC":
		if !frames {
			return false
		}
		r.topic(value)
	case "LINES":
		r.lines(value)
	case "OPERAND":
		if r.word.tool != probeTool && r.word.tool != proxyTool {
			return false
		}
		r.operand(value, false)
	case "SERVER":
		if valued && !looksLikeEndpoint(value) && !isPort(value) && !strings.Contains(value, ".") && value != "localhost" {
			return false
		}
		r.server(value)
	case "HOST":
		r.host = value
	case "PORT":
		r.port = value
	case "PASSWORD":
		r.add("--plain-password-file", "password")
	default:
		return r.becomeFlag(all, target, value, valued, meets)
	}
	return true
}

// becomeFlag has a flag stand for another.
func (r *retyping) becomeFlag(all []flagRow, target, value string, valued, meets bool) bool {
	name, fixed, isFixed := strings.Cut(target, "=")
	i := slices.IndexFunc(all, func(f flagRow) bool { return f.name == name })
	if i < 0 {
		return false
	}
	f := all[i]
	switch {
	case isFixed:
		r.add(f.dashed(), fixed)
	case f.kind == takesNothing || f.kind == takesNothings:
		r.add(f.dashed())
	case !valued && (f.name == "plain-user" || f.name == "heartbeat"):
		// The same letter is a flag without a value elsewhere.
	case f.name == "plain-user":
		user, _, _ := strings.Cut(value, ":") // what may follow is not for a screen
		r.add(f.dashed(), user)
	case f.name == "subscribe":
		r.topic(value)
	case f.name == "bind" && !valued:
		r.binds = true
	case f.name == "connect" && meets:
		r.meet(value)
	case f.name == "bind" || f.name == "connect":
		r.attach(f.dashed(), value)
	default:
		r.add(f.dashed(), r.fitting(f, value))
	}
	return true
}
