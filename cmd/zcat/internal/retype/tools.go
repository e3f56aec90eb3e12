package retype

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// translated returns a command line in the words of another tool with ours in place
// of those that only that tool has, or that mean something else here: what is left
// is for the pass over all flags. The tool is named in front, as when zcat is put
// before a line that worked, or is known by its way of writing.
func translated(all *line.Catalogue, args []string) []string {
	tool := strings.ToLower(args[0])
	if _, found := all.Find(args[0]); found || toolOf(tool) == nil {
		tool = writtenFor(all, args)
	} else {
		args = args[1:]
	}
	if translate := toolOf(tool); translate != nil && len(args) > 0 {
		return translate(all, args)
	}
	return args
}

// toolOf returns the translation of the words of another tool, nil for one that is
// not known.
func toolOf(name string) func(*line.Catalogue, []string) []string {
	switch name {
	case "nc", "ncat", "netcat", "telnet":
		return fromNetcat
	case "socat":
		return fromSocat
	case "websocat", "wscat":
		return fromWebsocat
	case "zmqc":
		return fromZmqc
	case "curl", "wget", "http", "https", "xh":
		return fromCurl
	case "kcat", "kafkacat":
		return fromKcat
	case "nats", "natscli", "nats-cli":
		return fromNats
	case "redis-cli", "redis", "valkey-cli", "valkey":
		return fromRedis
	case "kafka-console-consumer", "kafka-console-consumer.sh":
		return func(_ *line.Catalogue, args []string) []string { return append([]string{"consume"}, args...) }
	case "kafka-console-producer", "kafka-console-producer.sh":
		return func(_ *line.Catalogue, args []string) []string { return append([]string{"produce"}, args...) }
	case "mosquitto_pub":
		return func(all *line.Catalogue, args []string) []string { return fromMosquitto(all, "pub", args) }
	case "mosquitto_sub":
		return func(all *line.Catalogue, args []string) []string { return fromMosquitto(all, "sub", args) }
	case "mosquitto_rr":
		return func(all *line.Catalogue, args []string) []string { return fromMosquitto(all, "req", args) }
	case "omq", "zcat", "zmqcat", "zmq", "zmq-cli", "mqtt", "mqttx", "mosquitto":
		return func(_ *line.Catalogue, args []string) []string { return args }
	}
	return nil
}

// writtenFor returns the tool for which a line without a command of ours was
// written, "" for none.
func writtenFor(all *line.Catalogue, args []string) string {
	has := func(is func(string) bool) bool { return slices.ContainsFunc(args, is) }
	isCommand := func(arg string) bool {
		_, found := all.Find(arg)
		return found || arg[:min(1, len(arg))] != "-" && habits.Verb(arg) != nil
	}
	isURL := func(arg string) bool { return strings.Contains(arg, "://") }
	flag := func(names ...string) bool {
		return has(func(arg string) bool { return slices.Contains(names, arg) })
	}
	switch {
	case habits.RedisVerb(args[0]) || has(habits.RedisVerb) && strings.HasPrefix(args[0], "-"):
		return "redis"
	case isAddress(args[0]) && (len(args) == 1 && socatSpelling(args[0]) || len(args) == 2 && isAddress(args[1])):
		return "socat"
	case has(isCommand) || !strings.HasPrefix(args[0], "-") || len(args) == 1 && args[0] != "-l":
		return ""
	case flag("-u", "-U") && has(socatSpelling):
		return "socat"
	case flag("-P", "-C", "-L", "-G", "-Q", "-b"):
		return "kcat"
	case flag("-t", "--topic") && flag("-m", "--message"):
		return "mosquitto_pub"
	case flag("-t", "--topic") && !flag("-l") && !has(isURL):
		return "mosquitto_sub"
	case flag("-X", "-H", "-d", "--request", "--header", "--data") && has(func(arg string) bool { _, web := ofHTTP(arg); return web }):
		return "curl"
	case has(isURL):
		return "websocat"
	}
	return "nc"
}

// item is an option of another tool with its value, or an operand.
type item struct{ flag, value string }

// items splits a line as getopt does; valued are the letters with a value. What
// stands behind -- is not an option.
func items(all *line.Catalogue, args []string, valued string) (list []item) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		next := func() (value string) {
			if i+1 < len(args) {
				i++
				value = args[i]
			}
			return value
		}
		switch {
		case arg == "--":
			for _, rest := range args[i+1:] {
				list = append(list, item{"", rest})
			}
			return list
		case strings.HasPrefix(arg, "--"):
			name, value, attached := strings.Cut(arg, "=")
			if _, values := habits.Habit(name[2:]); !attached && (values == 1 || ourValued(all, name[2:])) {
				value = next()
			}
			list = append(list, item{name, value})
		case strings.HasPrefix(arg, "-") && arg != "-":
			list = append(list, lettered(arg, valued, next)...)
		default:
			list = append(list, item{"", arg})
		}
	}
	return list
}

// lettered returns the options in a bundle of letters; next returns the word behind
// it.
func lettered(arg, valued string, next func() string) (list []item) {
	for at := 1; at < len(arg); at++ {
		one := item{flag: "-" + arg[at:at+1]}
		if !strings.Contains(valued, arg[at:at+1]) {
			list = append(list, one)
			continue
		}
		if one.value = arg[at+1:]; one.value == "" {
			one.value = next()
		}
		return append(list, one)
	}
	return list
}

// ourValued reports whether a flag of ours takes a value.
func ourValued(all *line.Catalogue, name string) bool {
	for _, w := range all.List() {
		for _, f := range line.FlagsOf(w) {
			if f.Name == name {
				return f.Kind == line.TakesValue
			}
		}
	}
	return false
}

// respelt returns options under the names that a table has for them: "-h --host",
// or "-r" alone for one without a counterpart. Others stay as they are.
func respelt(list []item, names map[string]string) (args []string) {
	for _, one := range list {
		name, known := names[one.flag]
		switch {
		case one.flag == "":
			args = append(args, one.value)
		case known && name == "":
		case !known && !strings.HasPrefix(one.flag, "--"):
			// A letter that means something else here.
		case known && strings.HasSuffix(name, "="):
			args = append(args, name+one.value)
		default:
			if !known {
				name = one.flag
			}
			args = append(args, name)
			if one.value != "" {
				args = append(args, one.value)
			}
		}
	}
	return args
}
