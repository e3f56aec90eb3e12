package retype

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// address is one of the two addresses that socat joins.
type address struct {
	kind rune // - standard streams, c connect, l listen, e a command, f a file, 0 nothing known
	text string
	adds bool // of a file: what is written goes to its end
}

// readAddress reads an address of socat, or an endpoint.
func readAddress(text string) address {
	name, rest, found := strings.Cut(text, ":")
	name = strings.ToLower(name)
	bare, options, _ := strings.Cut(rest, ",")
	switch name {
	case "-", "stdio", "stdin", "stdout", "fd":
		return address{kind: '-'}
	case "tcp", "tcp4", "tcp6", "tcp-connect", "tcp4-connect", "tcp6-connect", "tcp-c",
		"unix", "unix-connect", "unix-client", "unix-c", "local", "abstract", "abstract-connect", "abstract-client":
		if found {
			return address{kind: 'c', text: text}
		}
	case "tcp-listen", "tcp-l", "tcp4-listen", "tcp4-l", "tcp6-listen", "tcp6-l":
		for option := range strings.SplitSeq(options, ",") {
			if host, found := strings.CutPrefix(option, "bind="); found {
				return address{kind: 'l', text: "tcp://" + bracketed(host) + ":" + bare}
			}
		}
		if habits.IsPort(bare) || looksLikeEndpoint("tcp:"+bare) {
			return address{kind: 'l', text: text}
		}
	case "unix-listen", "unix-l", "abstract-listen", "abstract-l", "ws-l", "ws-listen":
		return address{kind: 'l', text: text}
	case "exec", "system", "shell", "sh-c", "cmd":
		for _, option := range []string{",pty", ",stderr", ",setsid", ",ctty", ",nofork"} {
			rest, _, _ = strings.Cut(rest, option)
		}
		return address{kind: 'e', text: rest}
	case "open", "file", "create", "gopen", "readfile", "writefile", "appendfile":
		return address{kind: 'f', text: bare, adds: strings.Contains(options, "append") || name == "appendfile"}
	}
	if head, _, _ := strings.Cut(text, ":"); looksLikeEndpoint(text) && (head == "" || strings.ToUpper(head) != head || habits.IsHost(head)) {
		return address{kind: 'c', text: text}
	}
	return address{} // a protocol of socat's other than tcp and unix
}

func isAddress(text string) bool { return readAddress(text).kind != 0 }

// socatSpelling reports whether an address is one that only socat writes so.
func socatSpelling(text string) bool {
	return isAddress(text) && text != "-" && !strings.Contains(text, "://") && (readAddress(text).kind == 'l' || strings.ToUpper(text) != strings.ToLower(text) && !strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "."))
}

// flag returns the flag that attaches to an address.
func (a address) flag() string {
	if a.kind == 'l' {
		return "--bind"
	}
	return "--connect"
}

// fromSocat joins two addresses: with the standard streams a socket goes both ways,
// or the one way of -u.
func fromSocat(all *line.Catalogue, args []string) []string {
	var list []address
	one, back := false, false
	for _, i := range items(all, args, "bLtTl") {
		switch i.flag {
		case "":
			list = append(list, readAddress(i.value))
		case "-u", "--unidirectional":
			one = true
		case "-U", "--unidirectional-reverse":
			one, back = true, true
		}
	}
	if len(list) == 0 || slices.ContainsFunc(list, func(a address) bool { return a.kind == 0 }) {
		return nil
	}
	if len(list) == 1 && list[0].kind == 'c' && !one {
		return []string{"probe", list[0].text} // only who is there is asked
	}
	if len(list) == 1 {
		return joined(address{kind: '-'}, list[0], true, list[0].kind == 'l')
	}
	if back {
		slices.Reverse(list)
	}
	if list[0].isSocket() && !list[1].isSocket() {
		return joined(list[1], list[0], one, true)
	}
	return joined(list[0], list[1], one, false)
}

func (a address) isSocket() bool { return a.kind == 'c' || a.kind == 'l' }

// joined returns our words for a socket and what it is joined to; receives says
// that it stands first.
func joined(other, socket address, one, receives bool) []string {
	at := func(command string, more ...string) []string {
		return append([]string{command, socket.flag(), socket.text}, more...)
	}
	switch {
	case !socket.isSocket():
		return nil
	case other.isSocket():
		front, back := strings.Replace(other.flag(), "--", "--front-", 1), strings.Replace(socket.flag(), "--", "--back-", 1)
		words := []string{"proxy", front, other.text, back, socket.text}
		if other.kind == 'l' && socket.kind == 'l' {
			words = []string{"proxy", other.text, socket.text}
		}
		if one {
			words = append(words, "--streamer")
		}
		return words
	case other.kind == 'e':
		return at("rep", "--exec", other.text)
	case other.kind == 'f' && receives && other.adds:
		return at("pull", "--append-to", other.text)
	case other.kind == 'f' && receives:
		return at("pull", "--output", other.text)
	case other.kind == 'f':
		return at("push", "--file", other.text)
	case one && receives:
		return at("pull")
	case one:
		return at("push")
	}
	return at("pair")
}

// fromWebsocat talks both ways, at a URL or between two.
func fromWebsocat(all *line.Catalogue, args []string) []string {
	var flags []string
	var list []address
	for _, i := range items(all, args, "HsFBpPl") {
		switch i.flag {
		case "":
			list = append(list, readAddress(i.value))
		case "--connect":
			list = append(list, readAddress(i.value))
		case "-s", "--server-mode", "-l", "--listen":
			text := i.value
			if habits.IsPort(text) {
				text = "ws://127.0.0.1:" + text
			}
			list = append(list, address{kind: 'l', text: text})
		case "-t", "--text":
			flags = append(flags, "--text")
		case "-b", "--binary":
			flags = append(flags, "--raw")
		case "-1", "--one-message":
			flags = append(flags, "--count", "1")
		case "-v", "--verbose":
			flags = append(flags, "--verbose")
		case "-q", "--quiet":
			flags = append(flags, "--quiet")
		case "-u", "--unidirectional", "-U", "--unidirectional-reverse", "-E", "-n", "-k", "-0":
		}
	}
	switch {
	case len(list) == 0 || slices.ContainsFunc(list, func(a address) bool { return a.kind == 0 }):
		return nil
	case len(list) == 1:
		return append([]string{"pair", list[0].flag(), list[0].text}, flags...)
	case list[0].isSocket() && !list[1].isSocket():
		return append(joined(list[1], list[0], false, true), flags...)
	}
	return append(joined(list[0], list[1], false, false), flags...)
}
