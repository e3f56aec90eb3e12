//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/retype"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
)

// A hint for a line of which one word is wrong keeps all others, whatever command
// it is and wherever they stand.
func TestHintsKeepAllButWhatIsWrong(t *testing.T) {
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // it makes a line of words
		pick := func(list ...string) string { return list[random.IntN(len(list))] }
		command := pick("push", "pull", "pub", "sub", "req", "rep", "dealer", "pair", "router", "xpub", "xsub")
		w := commandOf(t, command)
		good := [][]string{{pick("--connect", "-c", "--bind", "-b"), pick("@x", ":5555", "tcp://127.0.0.1:5556", "ipc:///tmp/a b")}}
		for _, flag := range [][]string{{"-n", "3"}, {"--timeout", "5"}, {"--hwm", "7"}, {"-v"}, {"--linger", "1"}, {"--reconnect", "1s..2s"}, {"--events", "a&b"}} {
			if random.IntN(2) == 0 {
				good = append(good, flag)
			}
		}
		if w.TakesInput() && random.IntN(2) == 0 {
			good = append(good, []string{pick("hello", "a b", "$HOME", "*", "")}, []string{pick("x", "it's", ">")})
		}
		random.Shuffle(len(good), func(i, j int) { good[i], good[j] = good[j], good[i] })
		wrong := []string{pick("--conut=2", "--imediate", "--wait-peer=1", "--heartbaet=5", "--max-szie=1K", "--tiemout=3", "-o", "--hwm-bytes=1q")}
		if !w.TakesInput() && command != "sub" && random.IntN(3) == 0 {
			wrong = []string{"a frame"}
		}
		at := random.IntN(len(good) + 1)
		if wrong[0] == "-o" {
			at = len(good) // else it takes what follows
		}
		args := append([]string{command}, slices.Concat(slices.Insert(slices.Clone(good), at, wrong)...)...)
		if wrong[0] == "--tiemout=3" && slices.Contains(args, "--timeout") || wrong[0] == "--conut=2" && slices.Contains(args, "-n") {
			continue // the flag twice
		}
		got := retypedOnce("zcat", args)
		words := shellWords(t, got)
		for _, unit := range good {
			if at := index(words, unit); at < 0 {
				t.Errorf("seed %d: %q became %s, without %q", seed, args, got, unit)
			}
		}
		if got == "" || asTyped(words) != nil {
			t.Errorf("seed %d: %q became %s", seed, args, got)
		}
	}
}

// index returns where the words of one flag stand side by side.
func index(words, unit []string) int {
	for i := range words {
		if i+len(unit) <= len(words) && slices.Equal(words[i:i+len(unit)], unit) {
			return i
		}
	}
	return -1
}

// Of two things that exclude each other there is a line with each.
func TestHintsOfferEither(t *testing.T) {
	for _, c := range []struct{ line, first, second string }{
		{"rep --bind @x --exec date hi", "zcat rep --bind @x --exec date", "zcat rep --bind @x hi"},
		{"rep --bind @x --filter cat hi", "zcat rep --bind @x --filter cat", "zcat rep --bind @x hi"},
		{"req -c @x --filter cat hi", "zcat req -c @x --filter cat", "zcat req -c @x hi"},
		{"xpub --bind @x --filter cat hi", "zcat xpub --bind @x --filter cat", "zcat xpub --bind @x hi"},
		{"rep --echo --bind @x hi", "zcat rep --echo --bind @x", "zcat rep --bind @x hi"},
		{"pair -c @x --exec rev --filter cat", "zcat pair -c @x --exec rev", "zcat pair -c @x --filter cat"},
		{"push -c @x --rate 3 --interval 1 hi", "zcat push -c @x --rate 3 hi", "zcat push -c @x --interval 1 hi"},
	} {
		_, lines := retype.Retyped(commands("zcat"), strings.Fields(c.line), false)
		if len(lines) != 2 || lines[0] != c.first || lines[1] != c.second {
			t.Errorf("%s: %q", c.line, lines)
		}
	}
}

// The hint says so where something has no meaning here.
func TestHintsSayWhatIsMissing(t *testing.T) {
	for line, want := range map[string]string{
		"get foo": "ZeroMQ stores nothing", "SET a b": "ZeroMQ stores nothing", "redis-cli get x": "ZeroMQ stores nothing", "nats kv ls": "ZeroMQ stores nothing",
	} {
		args := strings.Fields(line)
		meaning, lines := retype.Retyped(commands("zcat"), args, false)
		if !strings.Contains(meaning, want) || len(lines) == 0 {
			t.Errorf("%s: %q, %q", line, meaning, lines)
		}
	}
}

// -h is for help, except in front of the host of another tool.
func TestHostBehindH(t *testing.T) {
	for line, status := range map[string]int{
		"-h": 0, "push -h": 0, "push -h hello": 0, "-h push": 0, "push -c :1 -h": 0, "push -h --bogus": 0,
		"-h localhost PUBLISH a b": 2, "pub -h localhost -t a -m b": 2, "sub -h broker -p 1883 -t a": 2, "push -h 127.0.0.1 x": 2, "-h redis -p 6379 LPUSH a b": 2, "sub -t a -hexample.org": 2,
	} {
		var out, errs strings.Builder
		got := run(append([]string{"zcat"}, strings.Fields(line)...), strings.NewReader(""), &out, &errs)
		if got != status || status == 2 && (!strings.Contains(errs.String(), "try: zcat ") || strings.Contains(errs.String(), "--help")) {
			t.Errorf("%s: status %d, said %q", line, got, &errs)
		}
	}
}

// What a hint quotes, a shell reads as it was typed, whatever is in it.
func TestQuotedWordsSurviveAShell(t *testing.T) {
	words := []string{"", " ", "a b", "it's", "$HOME", "`date`", "*", "tcp://*:5555", "tcp://[::1]:5555", ">", "a&b", "=ls", "~", "a=~/x", "#x", "!x", "{a,b}", "a\nb", "tab\there", "\x1b[2J", "\xff", "100%", `back\slash`, "é", "-n\x01", "a\\\x02'"}
	written := "printf '%s\\0'"
	for _, word := range words {
		written += " " + shell.Quoted(word)
	}
	if got := shellPrints(t, written); got != strings.Join(words, "\x00")+"\x00" {
		t.Errorf("%s\nprints %q", written, got)
	}
	if strings.ContainsFunc(written, func(r rune) bool { return r < ' ' }) {
		t.Errorf("a terminal would not show %q", written)
	}
	for _, word := range []string{"*", "a?", "[x]", "=ls", "~", "$x", "a&b", ">", "", "#", "^a"} {
		if got := shell.Quoted(word); got[0] != '\'' {
			t.Errorf("%s is not quoted", fmt.Sprint(got))
		}
	}
}
