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
			name, value, attached = name[at:at+1], arg[at+2:], len(arg) > at+2
			arg = "-" + name
		}
		if i := is(name); i >= 0 {
			args = r.keep(all[i], arg, value, attached, args)
			continue
		}
		var ok bool
		if args, ok = r.replace(all, name, value, attached, args); !ok {
			return false
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
		if len(args) == 0 || f.kind == mayTakeValue && strings.HasPrefix(args[0], "-") {
			r.add(spelt(f, arg))
			return args
		}
		if f.name == "linger" && strings.HasPrefix(args[0], "-") {
			r.binds = true // nc's -l
			return args
		}
		value, args = args[0], args[1:]
	}
	switch {
	case f.name == "timeout" && slices.Contains([]string{"pub", "sub", "xpub"}, r.word.name) && f.set(newConfig(r.word), value) != nil:
		r.topic(value)
	case f.name == "subscribe" && strings.Contains(value, "://"):
		r.attach("--connect", value)
	case f.name == "bind" || f.name == "connect" || strings.HasSuffix(f.name, "-bind") || strings.HasSuffix(f.name, "k-connect"):
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

// fitting is value, if the flag takes it, else one that it takes.
func (r *retyping) fitting(f flagRow, value string) string {
	if f.set != nil && f.set(newConfig(r.word), value) != nil && f.example != "" {
		return f.example
	}
	return value
}

// spelt is a flag as it was typed, if that is one of its spellings.
func spelt(f flagRow, arg string) string {
	if bare, _, _ := strings.Cut(arg, "="); bare == f.dashed() || bare == "-"+f.letter || strings.HasPrefix(arg, f.dashed()+"=") && f.kind == takesNothing {
		return arg
	}
	return f.dashed()
}

// replace puts what the command has in the place of a flag that it has not.
func (r *retyping) replace(all []flagRow, name, value string, attached bool, args []string) ([]string, bool) {
	targets, values := habit(name)
	if targets == nil && hushed(name) {
		targets, values = []string{"PASSWORD"}, 1
	}
	if targets == nil {
		var names []string
		for _, f := range all {
			names = append(names, f.name)
		}
		near := nearest(name, names)
		if near == "" || len(name) < 2 || distance(name, near) > max(1, len(name)/3) {
			return args, false
		}
		i := slices.IndexFunc(all, func(f flagRow) bool { return f.name == near })
		return r.keep(all[i], all[i].dashed(), value, attached, args), true
	}
	if values == 1 && !attached && len(args) > 0 && (args[0] == "-" || !strings.HasPrefix(args[0], "-")) {
		value, args, attached = args[0], args[1:], true
	}
	if name == "P" && isPort(value) {
		targets = []string{"jobs"}
	}
	for _, target := range targets {
		if r.become(all, target, value, attached) {
			return args, true
		}
	}
	return args, false
}

// hushed reports whether a flag's value may be a secret, which is never shown.
func hushed(name string) bool {
	return strings.Contains(name, "pass") || strings.Contains(name, "token") || strings.Contains(name, "secret")
}

// become has target stand for a flag, if that makes sense for the command.
func (r *retyping) become(all []flagRow, target, value string, valued bool) bool {
	frames := senders(r.word)
	switch target {
	case "DROP":
	case "<":
		if !frames {
			return false
		}
		r.input = value
	case ">":
		r.output = value
	case "FRAME":
		if !frames {
			return false
		}
		r.operand(value, false)
	case "TOPIC":
		if !frames {
			return false
		}
		r.topic(value)
	case "OPERAND":
		if r.word.endpointOperands() == 0 {
			return false
		}
		r.operand(value, false)
	case "SERVER":
		if valued && !looksLikeEndpoint(value) && !isPort(value) && !strings.Contains(value, ".") && value != "localhost" {
			return false
		}
		flag := "--connect"
		if isPort(value) || strings.HasPrefix(value, "*") || strings.HasPrefix(value, ":") || value == "" {
			flag = "--bind"
		}
		r.attach(flag, value)
	case "HOST":
		r.host = value
	case "PORT":
		r.port = value
	case "PASSWORD":
		r.add("--plain-password-file", "password")
	default:
		return r.becomeFlag(all, target, value, valued)
	}
	return true
}

// becomeFlag has a flag stand for another.
func (r *retyping) becomeFlag(all []flagRow, target, value string, valued bool) bool {
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
	case f.name == "bind" && !valued:
		r.binds = true
	case f.name == "bind" || f.name == "connect":
		r.attach(f.dashed(), value)
	default:
		r.add(f.dashed(), r.fitting(f, value))
	}
	return true
}

// topic makes text what a sub subscribes to, or the first frame of what is sent.
func (r *retyping) topic(text string) {
	if r.word.traits.wantsAll {
		r.add("--subscribe", text)
		return
	}
	r.front = append(r.front, text)
}

// attach adds a flag for an endpoint, or for each of those in a list.
func (r *retyping) attach(flag, endpoint string) {
	check := sockets.CheckConnect
	if flag == "-b" || strings.HasSuffix(flag, "-bind") {
		check = sockets.CheckBind
	}
	for _, one := range improvedList(endpoint, check) {
		r.add(flag, one)
	}
}
