package main

import "strings"

// meant is a command line for whoever knows a flag of another tool, or of another
// command: "" where it is not known what was meant.
func (n *normaliser) meant(flag string) string {
	name := strings.TrimLeft(flag, "-")
	switch {
	case n.word.tool == probeTool && (name == "connect" || name == "c"):
		return n.word.line("--wait 10")
	case n.word.tool == proxyTool && (name == "bind" || name == "b"):
		return n.word.line("--verbose")
	}
	for _, other := range synonyms(name) {
		if f, found := n.find(func(f flagRow) bool { return f.name == other }); found {
			return n.word.line(f.sample())
		}
	}
	switch name {
	case "message", "msg", "data", "body", "payload":
		if senders(n.word) {
			return n.word.line("hello")
		}
	}
	return ""
}

// synonyms lists the flags that other tools call by a name.
func synonyms(name string) []string {
	switch name {
	case "topic", "prefix", "filter":
		return []string{"subscribe"}
	case "wait":
		return []string{"wait-subs", "wait-peers"}
	case "listen", "server":
		return []string{"bind"}
	case "address", "addr", "endpoint", "url", "host", "port", "broker":
		return []string{"connect"}
	case "limit", "number":
		return []string{"count"}
	case "delay", "sleep":
		return []string{"interval"}
	case "id", "name", "client-id":
		return []string{"identity"}
	}
	return nil
}
