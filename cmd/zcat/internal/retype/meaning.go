package retype

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// withoutMeaning explains for a command of another tool that nothing here does what
// it does, and offers what is nearest; "" where something does.
func withoutMeaning(all *line.Catalogue, args []string) (meaning, written string) {
	if _, found := all.Find(args[0]); found {
		return "", ""
	}
	named := toolOf(strings.ToLower(args[0])) != nil
	if named {
		args = args[1:]
	}
	// Behind flags only capitals count: a flag's value is hardly written so.
	at := slices.IndexFunc(args, func(arg string) bool { return stored(strings.ToLower(arg), arg) && strings.ToUpper(arg) == arg })
	if len(args) > 0 && (stored(strings.ToLower(args[0]), args[0]) || named && ofNats(strings.ToLower(args[0]))) {
		at = 0
	}
	if at < 0 || at > 0 && !strings.HasPrefix(args[0], "-") {
		return "", ""
	}
	flags := respelt(items(all, args[:at], "hpsaunridD"), map[string]string{"-h": "--host", "-p": "--port", "-s": "--server", "-a": "--pass", "-u": "--url"})
	if slices.ContainsFunc(args[at:], func(arg string) bool { return strings.HasPrefix(arg, "-") }) {
		flags = append(flags, "--")
	}
	_, lines := Retyped(all, slices.Concat([]string{"req"}, flags, args[at:]), false)
	return fmt.Sprintf("%q is about what a server stores, and ZeroMQ stores nothing: a REP peer that does can be asked", args[at]), line.First(lines)
}

// ofNats reports whether a command of nats is about what it keeps.
func ofNats(name string) bool {
	return slices.Contains([]string{"stream", "str", "kv", "consumer", "object", "obj", "schema", "context", "service"}, name)
}

// stored reports whether a command of redis is about a value that it keeps. A word
// that other tools have too counts only in capitals.
func stored(name, typed string) bool {
	switch name {
	case "get", "set", "getset", "mget", "mset", "setex", "setnx", "incr", "decr", "incrby", "hget", "hset", "hgetall", "hdel", "sadd", "smembers",
		"zadd", "zrange", "lrange", "llen", "expire", "ttl", "exists", "del", "xadd", "xread", "xrange", "flushall", "flushdb", "dbsize":
		return true
	case "keys", "type", "scan", "select", "append", "auth":
		return strings.ToUpper(typed) == typed
	}
	return false
}
