package view

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// What a person types at the prompt of a ROUTER, to peers that have sent something.
func TestNames(t *testing.T) {
	names := &Names{}
	for i, m := range []frames.Message{
		frames.Strings(autoID, "", "from a REQ"), frames.Strings("worker", "from a DEALER"), frames.Strings(autoID, "behind", "", "a proxy"),
	} {
		if got, want := names.Note(m), []string{"@1", "@2", "@1"}[i]; got != want {
			t.Errorf("%q is %s, not %s", m, got, want)
		}
	}
	for typed, want := range map[string]string{
		"@1 a reply":                   `[{"hex":"006b8b4567"},"behind","","a reply"]`,
		"@2 a reply":                   `["worker","a reply"]`,
		"worker a reply":               `["worker","a reply"]`,
		"hex:006b8b4567 a reply":       `[{"hex":"006b8b4567"},"behind","","a reply"]`,
		"@1\t\tframes\tas typed":       `[{"hex":"006b8b4567"},"","frames","as typed"]`,
		"hex:00ff\t":                   `[{"hex":"00ff"},""]`,
		"new\thello":                   `["new","hello"]`,
		"@9\thello":                    `["@9","hello"]`,
		"@3 hello":                     "no peer @3",
		"@0 hello":                     "no peer @0",
		"@x hello":                     "no peer @x",
		"nobody hello":                 "no peer nobody",
		"hex:00ff hello":               "no peer hex:00ff",
		"hex:zz hello":                 "column 5: expected a hex digit",
		"\x1b[31m hello":               "no peer hex:1b5b33316d",
		"@1":                           "expected a peer",
		"hex:0\thello":                 "hex",
		"@1 ":                          `[{"hex":"006b8b4567"},"behind","",""]`,
		"@1 " + strings.Repeat("x", 9): `[{"hex":"006b8b4567"},"behind","","xxxxxxxxx"]`,
	} {
		m, problem := names.Line([]byte(typed))
		got := problem
		if problem == "" {
			got = strings.TrimSuffix(string(frames.EncodeMessage(frames.JSON, m, frames.EncoderOptions{})), "\n")
		}
		if got != want && (problem == "" || !strings.Contains(got, want)) {
			t.Errorf("%q: %s, want %s", typed, got, want)
		}
	}
}

// What is remembered of peers has a bound, and their names stand in front of their
// endpoints.
func TestNamesAreFew(t *testing.T) {
	names := &Names{}
	v := &View{Width: 80, Names: names}
	for i := range 2 * maxNames {
		m := message(sockets.Router, fmt.Sprint("peer ", i), "", "hello")
		if shown := string(v.Append(nil, m)); strings.Contains(shown, fmt.Sprintf("from @%d tcp", i+1)) != (i < maxNames) {
			t.Fatalf("%d:\n%s", i, shown)
		}
		wantSafe(t, v, m)
	}
	big := frames.Strings("peer 1", strings.Repeat("x", maxEnvelope), "", "hello")
	if name := names.Note(big); name != "@2" || names.Envelope(name).Size() > maxEnvelope || len(names.peers) > maxNames {
		t.Errorf("%s has an envelope of %d bytes", name, names.Envelope(name).Size())
	}
}
