package habits

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// NamesHost reports whether what stands behind -h is a host, as in other tools, and
// not a command line to be explained.
func NamesHost(behind []string) bool {
	switch {
	case len(behind) == 0:
		return false
	case IsHost(behind[0]):
		return true
	case !IsName(behind[0]):
		return false
	}
	return slices.ContainsFunc(behind[1:], func(arg string) bool {
		return slices.Contains([]string{"-p", "-t", "-m", "--port", "--topic", "--message"}, arg) || RedisVerb(arg) && strings.ToUpper(arg) == arg
	})
}

// IsHost reports whether text is plainly a host.
func IsHost(text string) bool {
	_, err := netip.ParseAddr(text)
	host, port, found := strings.Cut(text, ":")
	return err == nil || text == "localhost" || IsName(text) && strings.Contains(strings.Trim(text, "."), ".") || found && IsPort(port) && IsName(host)
}

// IsName reports whether text may be that of a host.
func IsName(text string) bool {
	return text != "" && text[0] != '-' && strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}

// RedisVerb reports whether text is a command that only redis has. Those that are
// plain English count only in capitals.
func RedisVerb(text string) bool {
	if _, stored := RedisVerbs()[strings.ToLower(text)]; stored {
		return strings.ToUpper(text) == text || !slices.Contains([]string{"publish", "subscribe", "ping", "monitor", "info"}, text)
	}
	return false
}

// RedisVerbs returns those that have a meaning here, with the command that each
// stands for.
func RedisVerbs() map[string]string {
	return map[string]string{
		"publish": "pub", "spublish": "pub", "subscribe": "sub", "psubscribe": "sub", "ssubscribe": "sub", "monitor": "sub",
		"lpush": "push", "rpush": "push", "lpushx": "push", "rpushx": "push",
		"blpop": "pull", "brpop": "pull", "lpop": "pull", "rpop": "pull", "ping": "probe", "info": "probe",
	}
}

// IsPort reports whether text is the number of a port.
func IsPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0 && fmt.Sprint(n) == text
}
