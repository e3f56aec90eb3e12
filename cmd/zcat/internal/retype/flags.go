package retype

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets/curve"
)

// flags goes through what was typed behind the command.
func (r *retyping) flags(args []string) bool {
	all := r.rows()
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
		case arg == "-h" && habits.NamesHost(args):
			r.host, args = args[0], args[1:]
			continue
		case strings.HasPrefix(arg, "-h") && habits.NamesHost([]string{arg[2:]}):
			r.host = arg[2:]
			continue
		}
		name, value, attached := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		short := !strings.HasPrefix(arg, "--")
		is := func(name string) int {
			return slices.IndexFunc(all, func(f line.Flag) bool { return f.Name == name || short && len(name) == 1 && f.Letter == name })
		}
		if short && len(name) > 1 && is(name) < 0 && !habits.Known(name) {
			if name, value = r.letters(arg, is); name == "" {
				continue
			}
			arg, attached = "-"+name, value != ""
		}
		if i := is(name); i >= 0 {
			args = r.keep(all[i], arg, value, attached, args)
			continue
		}
		var ok bool
		if args, ok = r.replace(all, name, value, attached, short, args); !ok && !r.unknown(arg) {
			return false
		}
	}
	return true
}

// unknown takes over what is no flag. It reports whether that may be.
func (r *retyping) unknown(arg string) bool {
	switch {
	case r.passes:
	case !r.command.TakesInput() || r.foreign:
		return false
	default:
		r.operand(arg, true) // a FRAME that begins with a hyphen
	}
	return true
}

// letters adds those in front that take no value, and returns the one behind them
// with what is left for its value; "" where there is none.
func (r *retyping) letters(arg string, is func(string) int) (name, value string) {
	letters := arg[1:]
	at := strings.IndexFunc(letters, func(l rune) bool {
		i := is(string(l))
		return i < 0 || r.flag(i).Kind == line.TakesValue || r.flag(i).Kind == line.MayTakeValue
	})
	switch {
	case at < 0:
		r.add(arg)
		return "", ""
	case at > 0:
		r.add("-" + letters[:at])
	}
	if letters[at:] == "lk" || letters[at:] == "lp" { // nc's, of which the last has the port
		return "l", ""
	}
	return letters[at : at+1], letters[at+1:]
}

// keep takes over a flag that the command has, with a value that fits.
func (r *retyping) keep(f line.Flag, arg, value string, attached bool, args []string) []string {
	if f.Kind == line.TakesNothing || f.Kind == line.TakesNothings {
		if f.Name == "top" && r.undrawn && !attached {
			r.add("--stats", "1")
			return args
		}
		if attached {
			arg = f.Dashed() + "=" + value
		}
		r.add(spelt(f, arg))
		return args
	}
	arg, _, joined := strings.Cut(arg, "=")
	if !attached {
		if r.valueless(f, arg, args) {
			return args
		}
		value, args = args[0], args[1:]
	}
	r.valued(f, arg, value, attached, joined, args)
	return args
}

// valueless takes over a flag with no value behind it, and reports whether it is
// one.
func (r *retyping) valueless(f line.Flag, arg string, args []string) bool {
	switch {
	case f.Kind == line.MayTakeValue && (len(args) == 0 || strings.HasPrefix(args[0], "-")):
		r.add(spelt(f, arg))
	case f.Name == "linger" && len(args) > 0 && (strings.HasPrefix(args[0], "-") || looksLikeEndpoint(args[0])):
		r.binds = true // nc's -l
	case len(args) == 0 || r.isFlag(args[0]) && !r.takes(f, args[0]):
		// The value was forgotten.
		r.typed = append(r.typed, typedWord{text: spelt(f, arg), value: f.Example, valued: true, filler: true})
	default:
		return false
	}
	return true
}

// valued takes over a flag and its value, or finds the place of the value where it
// is meant for something else.
func (r *retyping) valued(f line.Flag, arg, value string, attached, joined bool, args []string) {
	if endpoint, frame, found := glued(value); found && (f.Name == "bind" || f.Name == "connect") && r.command.TakesInput() {
		defer r.operand(frame, false)
		value = endpoint
	}
	switch {
	case f.Name == "option":
		r.option(f, arg, value)
	case f.Name == "config" && filepath.Base(value) == value && !r.configured(value) && r.configured("./"+value):
		r.add(spelt(f, arg), "./"+value)
	case f.Name == "curve-server-key" && !r.takes(f, value):
		r.serverKey(f, value)
	case f.Name == "timeout" && (r.command.Traits().Publishes || r.command.WantsAll()) && f.Set(line.NewConfig(r.command), value) != nil:
		r.topic(value)
	case f.Name == "subscribe" && (strings.Contains(value, "://") || looksLikeEndpoint(value) && r.foreign):
		r.meet(value)
	case f.Name == "bind" && r.broker:
		r.meet(value)
	case !attached && f.Group == line.GroupEndpoints && f.Name != "endpoint-file" && r.misplaced(value, args):
		r.binds = r.binds || f.Name == "bind"
		r.operand(value, false)
	case f.Name == "count" && r.foreign && r.command.Paces() && !r.command.Tool:
		r.add("--repeat", r.fitting(f, value)) // what other tools send so often is one message
	case f.Name == "bind" || f.Name == "connect" || strings.HasSuffix(f.Name, "-bind") || strings.HasSuffix(f.Name, "k-connect") || f.Name == "front-connect":
		r.attach(spelt(f, arg), value)
	case f.Name == "linger" && habits.IsPort(value) && len(value) > 3:
		r.port, r.binds = value, true // nc's -l
	case joined:
		r.add(spelt(f, arg) + "=" + r.fitting(f, value)) // which may begin with a hyphen
	default:
		r.add(spelt(f, arg), r.fitting(f, value))
	}
}

// configured reports whether the file of a --config can be used.
func (r *retyping) configured(name string) bool {
	_, err := Tried(r.command, []string{"--config", name, "-o", "list"}, r.password)
	return err == nil
}

// serverKey takes over what stands in the place of a server's key: the file that holds it,
// or all that is in that.
func (r *retyping) serverKey(f line.Flag, value string) {
	if c, err := curve.ParseCertificate([]byte(value)); err == nil {
		r.add(f.Dashed() + "=" + c.Public.String())
		return
	}
	if _, err := os.Stat(value); err == nil || strings.HasSuffix(value, ".key") {
		r.add("--curve-server-cert", value)
		return
	}
	r.add(f.Dashed() + "=" + f.Example)
}
