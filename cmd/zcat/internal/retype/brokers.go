package retype

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// fromKcat: -P and -C are pub and sub here, and -L is probe. What is published
// comes from stdin, and each line gets the topic in front.
func fromKcat(all *line.Catalogue, args []string) []string {
	command, topic, key := "", "", ""
	var flags, files []string
	for _, i := range items(all, args, "btpocDKXFfkHszdrTGm") {
		add := func(words ...string) { flags = append(flags, words...) }
		switch i.flag {
		case "":
			files = append(files, i.value)
		case "-P", "--producer":
			command = "pub"
		case "-C", "--consumer":
			command = "sub"
		case "-G", "--group":
			command = "sub"
		case "-L", "--list":
			command = "probe"
		case "-t", "--topic":
			topic = i.value
		case "-k":
			key = i.value
		case "-b", "--broker", "--brokers":
			add("--broker", i.value)
		case "-c":
			add("--count", i.value)
		case "-e":
			add("--idle", "1")
		case "-K":
			add("--frame-sep", i.value)
		case "-D":
			add("--delimiter", i.value)
		case "-J":
			add("--meta")
		case "-q":
			add("--quiet")
		case "-v":
			add("--verbose")
		case "-m":
			add("--timeout", i.value)
		default:
			if strings.HasPrefix(i.flag, "--") {
				add(i.flag, i.value)
			}
		}
	}
	switch command {
	case "pub":
		flags = dropFlag(flags, "--meta", false)
		flags = dropFlag(flags, "--idle", true)
		if key != "" && !slices.Contains(flags, "--frame-sep") {
			topic += "\t" + key
		}
		if topic != "" {
			flags = append(flags, "--lines-of", topic)
		}
		for _, file := range files {
			flags = append(flags, "--file", file)
		}
		return append([]string{command}, flags...)
	case "probe":
		return append([]string{command}, keepFlag(flags, "--broker")...)
	}
	if topic != "" {
		files = append([]string{topic}, files...)
	}
	for _, topic := range files {
		flags = append(flags, "--topic", topic)
	}
	return append([]string{"sub"}, flags...)
}

// dropFlag takes a flag away, and its value if it has one.
func dropFlag(flags []string, name string, valued bool) []string {
	at := slices.Index(flags, name)
	if at < 0 {
		return flags
	}
	end := at + 1
	if valued {
		end++
	}
	return slices.Delete(flags, at, end)
}

// keepFlag returns a flag and its value alone.
func keepFlag(flags []string, name string) []string {
	if at := slices.Index(flags, name); at >= 0 {
		return flags[at : at+2]
	}
	return nil
}

// fromMosquitto: its letters take values where ours take none.
func fromMosquitto(all *line.Catalogue, command string, args []string) []string {
	list := items(all, args, "AhiIkKLMmpqtTuUVPFfCWDxe")
	topic := ""
	lines := slices.ContainsFunc(list, func(i item) bool { return i.flag == "-l" || i.flag == "--stdin-line" })
	for _, i := range list {
		if i.flag == "-t" || i.flag == "--topic" {
			topic = i.value
		}
	}
	if command == "pub" && lines && topic != "" {
		list = slices.DeleteFunc(list, func(i item) bool { return i.flag == "-t" || i.flag == "--topic" })
		list = append(list, item{"--lines-of", topic})
	}
	for i, one := range list {
		switch one.flag {
		case "-n", "--null-message":
			list[i] = item{"--message=", ""}
		case "-s", "--stdin-file":
			if one.value == "" {
				list[i] = item{"--file", "-"}
			}
		}
	}
	return append([]string{command}, respelt(list, map[string]string{
		"-h": "--host", "-p": "--port", "-t": "--topic", "-m": "--message=", "-f": "--file", "-u": "--username", "-P": "--pw",
		"-C": "--count", "-W": "--timeout", "-k": "--heartbeat", "-L": "--url", "-d": "--verbose", "-v": "", "-l": "", "--stdin-line": "", "-e": "",
	})...)
}

// fromRedis: a list is the queue between push and pull; one element of it is taken
// at a time, or none when the time is over.
func fromRedis(all *line.Catalogue, args []string) []string {
	list := items(all, args, "hpsaunridD")
	at := slices.IndexFunc(list, func(i item) bool { return i.flag == "" && habits.RedisVerbs()[strings.ToLower(i.value)] != "" })
	if at < 0 {
		return nil
	}
	verb := strings.ToLower(list[at].value)
	command := habits.RedisVerbs()[verb]
	words := respelt(list[:at], map[string]string{
		"-h": "--host", "-p": "--port", "-s": "--server", "-a": "--pass", "-u": "--url", "-r": "--repeat", "-i": "--interval", "-n": "", "-x": "", "--raw": "--raw",
	})
	var operands []string
	for _, i := range list[at+1:] {
		if i.flag == "" {
			operands = append(operands, i.value)
		} else {
			words = append(words, respelt([]item{i}, map[string]string{"-h": "--host", "-p": "--port"})...)
		}
	}
	switch {
	case command == "sub":
		for _, topic := range operands {
			words = append(words, "--topic", topic)
		}
		operands = nil
	case command == "pull":
		words = append(words, "--count", "1")
		if n := len(operands); n > 1 && verb[0] == 'b' && operands[n-1] != "0" {
			words = append(words, "--timeout", operands[n-1])
		}
		operands = nil
	case command == "probe":
		operands = nil
	case slices.ContainsFunc(list[:at], func(i item) bool { return i.flag == "-x" }):
		words = append(words, "--file", "-") // the last of them is in stdin
	}
	return slices.Concat([]string{command}, words, operands)
}

// fromNats: the subject of a request finds the service, as the endpoint does here, and is no
// part of what its command reads; and a queue group is what takes turns here anyway.
func fromNats(all *line.Catalogue, args []string) []string {
	list := items(all, args, "sqHuw")
	list = slices.DeleteFunc(list, func(i item) bool {
		return slices.Contains([]string{"-q", "--queue", "-H", "--header", "--creds", "--nkey", "--context", "--no-context", "--stream", "--durable"}, i.flag)
	})
	at := slices.IndexFunc(list, func(i item) bool { return i.flag == "" })
	if at < 0 {
		return nil
	}
	verb := strings.ToLower(list[at].value)
	list = slices.Delete(list, at, at+1)
	subject := slices.IndexFunc(list, func(i item) bool { return i.flag == "" })
	body := func() []item { // behind the subject
		return slices.Concat(list[:subject], list[subject+1:])
	}
	names := map[string]string{"-s": "--server"}
	switch verb {
	case "pub", "publish", "request", "req":
		names["--count"] = "--repeat"
		command := "pub"
		if strings.HasPrefix(verb, "req") {
			command = "req"
			delete(names, "--count")
			if subject >= 0 && slices.ContainsFunc(list[subject+1:], func(i item) bool { return i.flag == "" }) {
				list = body()
			}
		}
		return append([]string{command}, respelt(list, names)...)
	case "sub", "subscribe":
		if subject >= 0 {
			list[subject].flag = "--topic"
			list = slices.DeleteFunc(list, func(i item) bool { return i.flag == "" })
		}
		return append([]string{"sub"}, respelt(list, names)...)
	case "reply":
		if subject >= 0 {
			list = body()
		}
		return append([]string{"rep"}, respelt(list, names)...)
	case "bench", "latency":
		kind := ""
		if subject >= 0 && (list[subject].value == "pub" || list[subject].value == "sub" || list[subject].value == "request" || list[subject].value == "reply") {
			kind = list[subject].value
		}
		list = slices.DeleteFunc(list, func(i item) bool {
			return !slices.Contains([]string{"--msgs", "--size", "--server", "-s"}, i.flag)
		})
		if kind != "" {
			list = append(list, item{"", kind})
		}
		return append([]string{"bench"}, respelt(list, names)...)
	case "server", "account", "rtt":
		list = slices.DeleteFunc(list, func(i item) bool { return i.flag == "" })
		return append([]string{"probe"}, respelt(list, names)...)
	}
	return nil
}
