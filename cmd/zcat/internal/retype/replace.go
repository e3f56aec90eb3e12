package retype

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// replace puts what the command has in place of a flag that it does not have.
func (r *retyping) replace(all []line.Flag, name, value string, attached, short bool, args []string) ([]string, bool) {
	targets, values := habits.Habit(name)
	if targets == nil && hushed(name) {
		targets, values = []string{"PASSWORD"}, 1
	}
	if targets == nil {
		return r.untold(all, name, value, attached, short, args)
	}
	// nc's -k takes nothing, mosquitto's a time.
	if name == "k" && len(args) > 0 && (len(args[0]) > 3 || !habits.IsPort(args[0])) {
		return args, true
	}
	if values == 1 && !attached && len(args) > 0 && (args[0] == "-" || !strings.HasPrefix(args[0], "-")) {
		value, args, attached = args[0], args[1:], true
	}
	switch {
	case name == "queue" && !habits.IsPort(value):
		return args, true // a group of those who share the messages
	case name == "r" && len(args) > 0 && habits.IsPort(args[0]): // redis's repetitions, or those of a request
		value, args, attached = args[0], args[1:], true
	}
	for _, target := range r.targets(name, value, targets) {
		if r.become(all, target, value, attached, isBroker(name)) {
			return args, true
		}
	}
	return args, true // the command can do nothing of it
}

// targets returns what a flag of another tool may be, where its value tells more
// than its name.
func (r *retyping) targets(name, value string, usual []string) []string {
	switch {
	case name == "P" && habits.IsPort(value):
		return []string{"jobs"}
	case name == "r" && habits.IsPort(value):
		return []string{"retries", "repeat", "DROP"}
	case name == "s" && r.command.Name == "bench" && isSize(value):
		return []string{"size"}
	case slices.Contains([]string{"to", "dst", "dest", "destination"}, name) && r.command.PrintsMessages() && !r.command.TakesInput() && !looksLikeEndpoint(value) && !habits.IsHost(value):
		return []string{">"}
	}
	return usual
}

// untold takes a flag that no other tool is known to have: one of other commands,
// or one with nearly the same spelling.
func (r *retyping) untold(all []line.Flag, name, value string, attached, short bool, args []string) ([]string, bool) {
	other, found := r.elsewhere(name, short)
	if found || r.command.Name == "keygen" && (attached || len(args) > 0) {
		// The refusal names the commands that it belongs to.
		if (!found || other.Kind == line.TakesValue) && !attached && len(args) > 0 {
			value, args = args[0], args[1:]
		}
		if looksLikeEndpoint(value) || r.command.Name == "keygen" && value != "" {
			r.operand(value, false)
		}
		return args, true
	}
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
	}
	near := habits.Nearest(name, names)
	if near == "" || len(name) < 2 || habits.Distance(name, near) > max(1, len(name)/3) {
		return args, false
	}
	i := slices.IndexFunc(all, func(f line.Flag) bool { return f.Name == near })
	r.helps = r.helps || near == "help"
	return r.keep(all[i], all[i].Dashed(), value, attached, args), true
}

// elsewhere finds a flag that other commands have.
func (r *retyping) elsewhere(name string, short bool) (line.Flag, bool) {
	for _, w := range r.all.List() {
		for _, f := range line.FlagsOf(w) {
			if f.Name == name || short && f.Letter == name {
				return f, true
			}
		}
	}
	return line.Flag{}, false
}

// isBroker reports whether a flag of another tool names what stands between its
// clients, so that neither of them would bind there.
func isBroker(name string) bool {
	return strings.HasPrefix(name, "broker") || strings.HasPrefix(name, "bootstrap") || slices.Contains([]string{"url", "uri", "L"}, name)
}

// become makes target stand for a flag, if that makes sense for the command.
func (r *retyping) become(all []line.Flag, target, value string, valued, meets bool) bool {
	frames := r.command.TakesInput()
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
		if r.command.EndpointOperands() == 0 {
			return false
		}
		r.operand(value, false)
	case "SERVER":
		if valued && !looksLikeEndpoint(value) && !habits.IsPort(value) && !strings.Contains(value, ".") && value != "localhost" {
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

// becomeFlag makes a flag stand for another.
func (r *retyping) becomeFlag(all []line.Flag, target, value string, valued, meets bool) bool {
	name, fixed, isFixed := strings.Cut(target, "=")
	i := slices.IndexFunc(all, func(f line.Flag) bool { return f.Name == name })
	if i < 0 {
		return false
	}
	f := all[i]
	switch {
	case isFixed:
		r.add(f.Dashed(), fixed)
	case f.Kind == line.TakesNothing || f.Kind == line.TakesNothings:
		r.add(f.Dashed())
	case !valued && (f.Name == "plain-user" || f.Name == "heartbeat"):
		// The same letter is a flag without a value elsewhere.
	case f.Name == "plain-user":
		user, _, _ := strings.Cut(value, ":") // what may follow is not to be shown
		r.add(f.Dashed(), user)
	case f.Name == "subscribe":
		r.topic(value)
	case f.Name == "bind" && !valued:
		r.binds = true
	case f.Name == "connect" && meets:
		r.meet(value)
	case f.Name == "bind" || f.Name == "connect":
		r.attach(f.Dashed(), value)
	default:
		r.add(f.Dashed(), r.fitting(f, value))
	}
	return true
}
