package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/retype"
	"github.com/zcat/zcat/cmd/zcat/internal/topics"
)

// What from-other-tools says of a line in the words of another tool is what zcat offers to
// the user who types it.
func TestPageOfOtherToolsIsOffered(t *testing.T) {
	text, _ := topics.Text("from-other-tools", "zcat")
	text = strings.NewReplacer("HOST:1", "far.example:1", "HOST", "far.example", "-c EP", "-c tcp://far.example:1", "EP", "tcp://127.0.0.1:1", "CMD", "cat").Replace(text)
	rows := regexp.MustCompile(`(?m)^  ((?:nc|socat|kcat|nats|mosquitto_\w+|redis-cli|websocat|omq|zmqc|curl) .*?)  +zcat (.*)$`).FindAllStringSubmatch(text, -1)
	for _, row := range rows {
		typed, said := row[1], regexp.MustCompile(`, (which|as) .*`).ReplaceAllString(row[2], "")
		if strings.Contains(typed, "kcat -P") {
			continue // reads lines: it is shown below the table
		}
		offered := strings.TrimPrefix(retypedOnce("zcat", shellWords(t, typed)), "zcat ")
		if one, other := meant(t, said), meant(t, offered); one != other {
			t.Errorf("%s\nis said to be %s\n  %s\nand becomes   %s\n  %s", typed, said, one, offered, other)
		}
	}
	if len(rows) < 18 {
		t.Errorf("%d rows", len(rows))
	}
}

// meant tells what a command line does, but for where.
func meant(t *testing.T, written string) string {
	t.Helper()
	words := shellWords(t, written)
	c, err := retype.Tried(commandOf(t, words[0]), words[1:], false)
	if err != nil {
		t.Errorf("%s: %v", written, err)
		return ""
	}
	where := "none"
	if len(c.Endpoints) > 0 {
		where = map[bool]string{true: "binds", false: "connects"}[c.Binds()]
	}
	args := c.Args
	if c.Command.EndpointOperands() > 0 {
		args = nil
	}
	return fmt.Sprintf("%s %s %q n=%d t=%v %q %v %q %v", c.Command.Name, where, args, c.Limit, c.Timeout, c.Subscribe, c.Echo, c.Exec, c.Format.Name())
}
