package retype

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// topic makes text what a sub subscribes to, or the first frame of what is sent.
func (r *retyping) topic(text string) {
	if slices.Contains(r.command.FlagNames, "subscribe") {
		if prefix := prefixOf(text); prefix != "" || text == "" {
			r.add("--subscribe", prefix)
		} else {
			r.everything = true
		}
		return
	}
	r.front = append(r.front, text)
}

// prefixOf returns the prefix of all that a pattern of another tool matches: nats
// and MQTT have wildcards that stand alone, redis has asterisks anywhere.
func prefixOf(pattern string) string {
	if at := strings.IndexAny(pattern, "*>"); at >= 0 {
		return pattern[:at]
	}
	parts := strings.SplitAfter(pattern, "/")
	for i, part := range parts {
		if part == "#" || part == "+" || part == "+/" {
			return strings.Join(parts[:i], "")
		}
	}
	return pattern
}

// lines puts a topic in front of each line of stdin.
func (r *retyping) lines(topic string) {
	if !strings.ContainsAny(topic, `'"\`) && say.Printable(strings.ReplaceAll(topic, "\t", "")) == strings.ReplaceAll(topic, "\t", "") {
		r.topic0 = strings.ReplaceAll(topic, "\t", `\t`)
		return
	}
	r.topic(topic)
}
