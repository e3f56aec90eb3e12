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

// TestHintsKeepWhoMayTalk: nor does a hint for any other command that opens sockets take away
// the mechanism that was typed; where both are, it keeps CURVE.
func TestHintsKeepWhoMayTalk(t *testing.T) {
	kept := 0
	for seed := range uint64(1500) {
		random := rand.New(rand.NewPCG(seed, 16)) //nolint:gosec // it makes a line of words
		pick := func(list []string) []string { return strings.Fields(list[random.IntN(len(list))]) }
		list := slices.DeleteFunc(commands("zcat").List(), func(w line.Command) bool { return !w.Opens() || w.Nests != nil })
		args := []string{list[random.IntN(len(list))].Name}
		for range 1 + random.IntN(3) {
			args = append(args, pick([][]string{hubEndpoints, hubPartFlags, hubOwnFlags}[random.IntN(3)])...)
		}
		for range 1 + random.IntN(2) {
			args = append(args, pick(hubMechanisms)...)
		}
		if slices.Contains(args, "--") || slices.Contains(args, "--help") {
			continue // what stands behind the one is no flag, and the other gets no hint
		}
		err := asTyped(append([]string{"zcat"}, args...))
		usage, ok := usageOf(err)
		if !ok {
			continue
		}
		usage, _ = usageOf(retype.Corrected(commands("zcat"), args, retype.Around{}, usage))
		for hint := range strings.SplitSeq(usage.Hint, "\n") {
			hint = hint[strings.LastIndex(hint, " | ")+1:]
			hint = strings.TrimPrefix(hint, "| ")
			words := wordsOf(t, hint)
			if !slices.Contains(words, "--help") && !mechanismsOf(words).covers(mechanismsOf(args)) {
				t.Errorf("%q\nis refused: %s\nwith    %s", args, usage.Sentence, hint)
			}
			kept++
		}
	}
	if kept < 200 {
		t.Errorf("%d lines were refused", kept)
	}
}

// mechanisms are those that a line of a hub asks for: by its own flags, and by each of its
// sockets' lines. CURVE takes the place of PLAIN where both are asked for.
type mechanisms struct {
	own   string
	parts []string
}

func mechanismsOf(words []string) (m mechanisms) {
	mechanism := func(words []string) string {
		switch {
		case slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "--curve-server") && w != "--curve-server=false" }):
			return "CURVE"
		case slices.ContainsFunc(words, func(w string) bool { return w == "--plain-server" || w == "--plain-user" }):
			return "PLAIN"
		}
		return ""
	}
	m.own = mechanism(words)
	for i, word := range words {
		if _, text, isPart := strings.Cut(word, "="); isPart && !strings.HasPrefix(word, "--") && words[i-1] != "-o" && words[i-1] != "--filter" {
			m.parts = append(m.parts, mechanism(strings.Fields(text)))
		}
	}
	return m
}

// covers reports whether all that other asks for is asked for.
func (m mechanisms) covers(other mechanisms) bool {
	for i, mechanism := range other.parts {
		if len(m.parts) == len(other.parts) && mechanism != "" && m.parts[i] != mechanism && m.parts[i] != "CURVE" {
			return false
		}
	}
	return other.own == "" || m.own == other.own || m.own == "CURVE"
}
