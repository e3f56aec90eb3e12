package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/replay"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/session"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// played returns what a replay of a recording sends, and the times of that.
func played(t *testing.T, text string, flags ...string) (sent []string, err error) {
	t.Helper()
	c, err := configured(t, "replay", append([]string{"file", "--connect", ":1"}, flags...)...)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := session.New(c, say.Streams{Say: &say.Speech{W: io.Discard}})
		s.Taking = t.Context()
		s.Lines = stream.NewInput(s.Taking, strings.NewReader(text))
		source, begun := replay.NewRecording(c, s), time.Now()
		var b frames.Batch
		for err == nil {
			if err = source.Next(&b); err == nil {
				sent = append(sent, time.Since(begun).String()+" "+strings.TrimSpace(string(
					frames.EncodeMessage(frames.Text, b.Next(), frames.EncoderOptions{Separator: []byte("|")}))))
			}
		}
		s.Kill()
	})
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return sent, err
}

func record(at, from, message string) string {
	return `{"time":"2026-11-22T` + at + `Z","peer":"p","from":"` + from + `","frames":` + message + "}\n"
}

// The original spacing, faster, slower or none.
func TestReplayKeepsTime(t *testing.T) {
	text := record("09:00:00", "front", `["a"]`) + record("09:00:02.5", "back", `["b"]`) + `["no time"]` + "\n" +
		record("09:00:01", "front", `["went back"]`) + record("10:00:00", "front", `["c"]`)
	for _, c := range []struct{ flags, want string }{
		{"", "0s a, 2.5s b, 2.5s no time, 2.5s went back, 1h0m0s c"},
		{"--speed 10", "0s a, 250ms b, 250ms no time, 250ms went back, 6m0s c"},
		{"--speed 0.5", "0s a, 5s b, 5s no time, 5s went back, 2h0m0s c"},
		{"--speed max", "0s a, 0s b, 0s no time, 0s went back, 0s c"},
		{"--from front", "0s a, 1s went back, 1h0m0s c"},
		{"--from back", "0s b"},
	} {
		sent, err := played(t, text, strings.Fields(c.flags)...)
		if got := strings.Join(sent, ", "); got != c.want || err != nil {
			t.Errorf("%s: got %s (%v), want %s", c.flags, got, err, c.want)
		}
	}
}

// What stood in front of a message for a proxy's ROUTER does not go to a peer
// that has its own way back.
func TestReplayLeavesOutTheEnvelope(t *testing.T) {
	request := record("09:00:00", "front", `["id","","body",""]`)
	for _, c := range []struct{ text, flags, want string }{
		{request, "--as push", "0s id||body|"},
		{request, "--as router", "0s id||body|"},
		{request, "--as dealer", "0s |body|"},
		{request, "--as req", "0s body|"},
		{request, "--as req --strip 1", "0s |body|"},
		{request, "--as dealer --strip 0", "0s id||body|"},
		{request, "--as dealer --strip 4", "nothing is left"},
		{`["","body"]`, "--as dealer", "0s |body"},
		{`["body"]`, "--as req", "0s body"},
		{`["lonely"]`, "--as router", "found one frame"},
		{record("09:00:00", "front", `["id"]`), "--as dealer", "nothing is left"},
		{`{"time":"noon","frames":["x"]}`, "", "is not in the form of RFC 3339"},
		{"[", "", "file, line 1"},
		{"[\n" + request, "--skip-invalid --as req", "0s body|"},
	} {
		sent, err := played(t, c.text, strings.Fields(c.flags)...)
		got := strings.Join(sent, ", ")
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) || (err == nil) != (got == c.want) {
			t.Errorf("%s %s: got %s, want %s", c.text, c.flags, got, c.want)
		}
	}
}

// The end of a replay does not wait for the next message's time.
func TestReplayEndsWhileItWaits(t *testing.T) {
	c, err := configured(t, "replay", "file", "--connect", ":1")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		taking, end := context.WithTimeout(t.Context(), time.Minute)
		defer end()
		text := record("09:00:00", "front", `["a"]`) + record("23:00:00", "front", `["b"]`)
		s := session.New(c, say.Streams{Say: &say.Speech{W: io.Discard}})
		s.Taking, s.Lines = taking, stream.NewInput(t.Context(), strings.NewReader(text))
		source, begun := replay.NewRecording(c, s), time.Now()
		var b frames.Batch
		if err := source.Next(&b); err != nil {
			t.Fatal(err)
		}
		if err := source.Next(&b); !errors.Is(err, outcome.ErrHalted) || time.Since(begun) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		if err := source.Next(&b); !errors.Is(err, io.EOF) {
			t.Errorf("%v behind the end", err)
		}
	})
}
