//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/replay"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/session"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// aheadOf returns a router's session whose stdin is a pipe, and the end to write
// to.
func aheadOf(t *testing.T, args ...string) (*session.Session, *os.File) {
	t.Helper()
	c, err := configured(t, "router", append([]string{"--bind", "@s"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	s := session.New(c, say.Streams{Say: &say.Speech{W: &strings.Builder{}}})
	s.Taking, s.Lines = ctx, stream.NewInput(ctx, r)
	s.Sending = session.Sending{From: s.Source(), Rest: &frames.Batch{}}
	return s, w
}

// Lines for the peer that takes nothing make no other wait, however many there are;
// a line for another peer does. Looking ahead loses none of them.
func TestOthersAhead(t *testing.T) {
	s, w := aheadOf(t)
	want := func(stalled, other bool) {
		t.Helper()
		if got := s.OthersAhead([]byte("stalled")); got != stalled {
			t.Errorf("behind the stalled one: %v", got)
		}
		if got := s.OthersAhead([]byte("other")); got != other {
			t.Errorf("behind the other: %v", got)
		}
	}
	say := func(text string) {
		t.Helper()
		if _, err := w.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	want(false, false)
	lines := 0
	for range 5 {
		for range 500 {
			say(fmt.Sprintf("[\"stalled\",\"%d\"]\n", lines))
			lines++
		}
		want(false, true)
	}
	say("[\"oth")
	want(false, true)
	say("er\",\"x\"]\n")
	want(true, true)
	var b, all frames.Batch
	for all.Len() < lines+1 {
		if err := s.Sending.From.Next(&b); err != nil {
			t.Fatal(err)
		}
		all.AppendBatch(&b)
	}
	for i := range lines {
		if got := all.Next()[1]; string(got) != fmt.Sprint(i) {
			t.Fatalf("message %d is %q", i, got)
		}
	}
	// What a pace holds back waits as well.
	s.Sending.Rest = &all
	want(true, false)
	s.Sending.Rest = &frames.Batch{}
	want(false, false)
}

// The same message again is for no other peer, and what stdin has does not matter.
func TestOthersAheadOfFrames(t *testing.T) {
	s, w := aheadOf(t, "--repeat", "0", "stalled", "x")
	if _, err := w.WriteString("[\"other\",\"x\"]\n"); err != nil {
		t.Fatal(err)
	}
	if s.OthersAhead([]byte("stalled")) {
		t.Error("others wait")
	}
	s.Sending = session.Sending{} // replies
	if s.OthersAhead([]byte("stalled")) {
		t.Error("others wait for replies")
	}
}

// A recording is examined without the frames that are left out.
func TestOthersAheadInARecording(t *testing.T) {
	name := t.TempDir() + "/recording"
	text := `{"frames":["front","stalled","x"]}` + "\n" + `{"frames":["front","stalled","y"]}` + "\n"
	for want, more := range map[bool]string{false: "", true: `{"frames":["front","other","x"]}` + "\n"} {
		if err := os.WriteFile(name, []byte(text+more), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := configured(t, "replay", name, "--as", "router", "--connect", "@s", "--strip", "1")
		if err != nil {
			t.Fatal(err)
		}
		s := session.New(c, say.Streams{Say: &say.Speech{W: &strings.Builder{}}})
		s.Taking, s.Lines = t.Context(), stream.NewInput(t.Context(), f)
		s.Sending = session.Sending{From: replay.NewRecording(c, s), Rest: &frames.Batch{}}
		if got := s.OthersAhead([]byte("stalled")); got != want {
			t.Errorf("%q: %v", more, got)
		}
		_ = f.Close()
	}
}
