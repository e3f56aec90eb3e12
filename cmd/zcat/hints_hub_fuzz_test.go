//go:build linux

package main

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/retype"
)

// Words of lines of a hub, right and wrong.
var (
	hubEndpoints = strings.Split("-c @x|-b @z|-b :*|-b tcp://127.0.0.1:*|-c 127.0.0.1:1|-c :2|-c ./foo|-c ipc:/tmp/x|-c @tcp://a:1|-c >tcp://b:2|-c tcp://a:1,tcp://b:2|"+
		"-c ~/x|-c localhost|-b 5555|-c $X|-c ws://127.0.0.1:9/x|-c wss://a/x|-c udp://a:3|-c inproc://q|-c tcp://a|-b *:*|-c \"@x y\"|-c '@x|-b tcp://127.0.0.1:99999|"+
		"-c=@x|-c@x|@x|:5|--connect|-b \"\"|-c tcp://|-c http://x:1|-d @x", "|")
	hubPartFlags = strings.Split("--hwm 5|--hwm=5|--max-size 1M|-o sndhwm=3|-o sndtimeo=100|--subscribe news|-s \"a b\"|-s 'it''s'|--subscribe=\"a b\"|--subscribe=a\\ b|--subscribe \"a b|"+
		"--identity joe|-l 2|--linger 2|--wait-subs 1|--hello [\"a\"]|--hello '[\"a b\"]'|--hello [\"a b\"]|-t 2|--retries 3|--heartbeat 1|--reconnect 1..2|--max-peers 4|--conflate|--handover|"+
		"--immediate|-v|--count 3|--exec cat|-e cat|--timeout 1|--meta|--echo|--join g|-J|--interval 1|--capture x|--ipc-mode 600|--allow-origin *|--max-memory 3M|hello|-- x|--|-b|-c|--hwm|-o|"+
		"--security|--help|-n|-o list|--drop-unroutable|--wait-peers 1|--filter cat|--tick 1|--presence|-o linger=3|-o sndhwm|--bind|--in text|--raw|--config x|-o identity=x", "|")
	hubMechanisms = strings.Split("--curve-server --curve-secret k|--curve-server|--curve-secret k|--curve-server --curve-secret k --curve-allow d|--curve-server-cert s.key|--curve-server-key=abc|"+
		"--curve-server-key=54jZosq9j9Ru=/nfqL3/TW9JNyKATH1S3V9Gun+P|--plain-server f|--plain-user joe|--plain-user joe --plain-password-file p|--plain-password-file p|--curve-server=false", "|")
	hubNames    = strings.Split("a|b|in|out|clients|front|back|capture|control|1x|a-b|a.b||é|_x|A|-|a b|$-|é", "|")
	hubOwnFlags = strings.Split("--filter cat|--filter 'exit 0'|--filter|--tick 1|--presence|--skip-invalid|-n 1|-n 0|--capture|--capture f|--capture -|--stats 1|--metrics :0|--hwm 5|--linger 0.1|-l|"+
		"--subscribe x|-b :5|-c :5|-t 1|-e cat|--meta|--out view|-q|-v|--summary|--endpoint-file e|--timeout 1|--types a:b|--control :4|--secure a|--last-value|--join g|--top|-J|--echo|--hello x|"+
		"--wait-subs 2|--events -|--capture-type pub|--capture-connect|-o list|-o sndtimeo=4|--ticks 1|--tick 0|--tick|-f json|--pressence|--fliter cat|hello|--|'a b'|''|x=|=y|-|a|b", "|")
)

// hubLine is a line of a hub in which anything may be wrong, and several things at once.
func hubLine(random *rand.Rand) []string {
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	some := func(list []string, most int) (picked []string) {
		for range random.IntN(most + 1) {
			picked = append(picked, pick(list))
		}
		return picked
	}
	slip := func(word string) string {
		if word == "" || random.IntN(6) > 0 {
			return word
		}
		at := random.IntN(len(word))
		switch random.IntN(5) {
		case 0:
			return word[:at] + word[at+1:]
		case 1:
			return word[:at] + string(`'" =-:@/x9\$#;`[random.IntN(14)]) + word[at:]
		case 2:
			return word[:at] + word[at:at+1] + word[at:]
		case 3:
			return strings.ToUpper(word)
		}
		return word
	}
	var kinds []string
	for _, w := range commands("zcat").List() {
		if !w.Tool {
			kinds = append(kinds, w.Name)
		}
	}
	var parts, own []string
	for range random.IntN(4) {
		words := slices.Concat([]string{slip(pick(kinds))}, some(hubEndpoints, 2), some(hubPartFlags, 2))
		for i := range words {
			words[i] = slip(words[i])
		}
		if random.IntN(4) == 0 { // without slips: a test looks for it
			words = append(words, pick(hubMechanisms))
		}
		parts = append(parts, slip(pick(hubNames))+"="+strings.Join(words, " "))
	}
	for _, flag := range some(hubOwnFlags, 2) {
		name, value, valued := strings.Cut(slip(flag), " ")
		if own = append(own, name); valued {
			own = append(own, strings.Trim(value, "'"))
		}
	}
	if random.IntN(4) == 0 {
		own = append(own, strings.Fields(pick(hubMechanisms))...)
	}
	if random.IntN(5) > 0 {
		own = append(own, "--filter", "exit 0")
	}
	if random.IntN(2) == 0 {
		return slices.Concat([]string{"hub"}, own, parts)
	}
	return slices.Concat([]string{"hub"}, parts, own)
}

// TestHintsForHubsRun: a line of a hub is right, or is refused with a hint that is, whatever and
// however much is wrong with it, and that keeps everybody out whom what was typed does.
func TestHintsForHubsRun(t *testing.T) {
	refused, secured := 0, 0
	for seed := range uint64(600) {
		args := hubLine(rand.New(rand.NewPCG(seed, 15))) //nolint:gosec // it makes a line of words
		err := asTyped(append([]string{"zcat"}, args...))
		usage, ok := usageOf(err)
		if written, err := line.Normalise(commandOf(t, "hub"), args[1:]); !ok || err == nil && written.Help {
			continue
		}
		refused++
		usage, ok = usageOf(retype.Corrected(commands("zcat"), args, retype.Around{}, usage))
		if !ok || usage.Hint == "" || strings.Contains(usage.Hint, "\n") {
			t.Errorf("%q: no hint, or several: %v", args, err)
			continue
		}
		words := wordsOf(t, usage.Hint)
		written, err := line.Normalise(commandOf(t, words[1]), words[2:])
		if err == nil && written.Help {
			continue // all that can be said
		}
		if err := asTyped(words); err != nil {
			t.Errorf("%q\nis refused: %s\nwith     %s\nwhich is  %v", args, usage.Sentence, usage.Hint, err)
		}
		if words[1] != "hub" {
			continue
		}
		secured++
		if typed, kept := mechanismsOf(args), mechanismsOf(words); !kept.covers(typed) {
			t.Errorf("%q\nbecame %s\nwhich takes away: %v, %v", args, usage.Hint, typed, kept)
		}
	}
	if refused < 300 || secured < 200 {
		t.Errorf("%d lines were refused, %d mended", refused, secured)
	}
}

// wordsOf are the words of a hint as a shell reads them.
func wordsOf(t *testing.T, hint string) []string {
	t.Helper()
	if !strings.ContainsAny(hint, "$`\\\"") {
		return shellWords(t, hint)
	}
	return strings.Split(strings.TrimSuffix(shellPrints(t, `printf '%s\0' `+hint), "\x00"), "\x00")
}
