package frames_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// eventLines are records of events, which are no messages.
func eventLines() []string {
	return []string{
		`{"event":"tick"}`,
		`{"time":"2026-11-22T09:00:00.000000000Z","event":"joined","at":"front","peer":"ipc://a","id":{"hex":"00ff"}}`,
		`{"event":"unsent","at":"back","reason":"gone","frames":["id","","x"]}`,
		`{"frames":["id","","x"],"event":"unsent"}`,
		`{"frames":["a"],"frames":["b"],"event":""}`,
		`{"frames":[],"event":"no frame"}`,
		`{"frames":"none","event":"no array"}`,
		`{"frames":["a",{"hex":"0"}],"event":"no hex"}`,
		`{"event":"a","frames":[{"frames":["b"]}]}`,
		`{"\u0065vent":"esc\u0061ped"}`,
		`{"event":1,"event":"twice"}`,
		`{ "event" : "spaced" , "frames" : [ "a" ] } `,
	}
}

// A record with an event counts as a blank line, whatever its keys are and in whatever
// order: nothing of it is added, and what comes behind it is read.
func TestEventIsNoMessage(t *testing.T) {
	for _, line := range eventLines() {
		d := frames.NewDecoder(strings.NewReader(line+"\n{\"from\":\"a\",\"frames\":[\"one\"]}\n"+line+"\n[\"two\"]\n[2]\n"+line), frames.JSON, frames.DecoderOptions{MinFrames: 1})
		var b frames.Batch
		r, err := d.DecodeRecord(&b)
		if err != nil || b.Len() != 1 || r != (frames.Record{From: "a"}) {
			t.Errorf("%s: got %+v, %d messages, %v", line, r, b.Len(), err)
		}
		if r, err = d.DecodeRecord(&b); err != nil || b.Len() != 2 || r != (frames.Record{}) {
			t.Errorf("%s: got %+v, %d messages, %v", line, r, b.Len(), err)
		}
		var bad *frames.LineError
		if err := d.Decode(&b); !errors.As(err, &bad) || bad.Line != 5 {
			t.Errorf("%s: got %v, want an error at line 5", line, err)
		}
		if err := d.Decode(&b); !errors.Is(err, io.EOF) || join(b.Next()) != "one" || join(b.Next()) != "two" || b.Size() != 0 {
			t.Errorf("%s: got %v, other messages", line, err)
		}
		if m, err := frames.DecodeMessage(frames.JSON, []byte(line), frames.DecoderOptions{}); err == nil {
			t.Errorf("%s: got %q", line, m)
		}
	}
}

// What only looks like an event is what it was, and what is no JSON is bad.
func TestNoEvent(t *testing.T) {
	for line, want := range map[string]string{
		`{"event":1,"frames":["a"]}`:                        "",
		`{"event":{"event":"x"},"frames":["a"]}`:            "",
		`{"Event":"x","frames":["a"]}`:                      "",
		`{"frames":["{\"event\":\"x\"}"]}`:                  "",
		`{"event":null}`:                                    `column 1: expected "frames" in a record`,
		`{"time":"now"}`:                                    `column 1: expected "frames" in a record`,
		`{"event":"x"`:                                      "column 13: expected , or }",
		`{"event":"x"} ["a"]`:                               "column 15: expected one message in a line",
		`{"event":"x","frames":["a"`:                        "column 27: expected , or ] after a value",
		`{"frames":["a",],"event":"x"}`:                     "column 16: expected a string",
		`{"frames":[1],"event":"x`:                          "column 12: expected a string",
		`{"frames":["a"],"frames":["b"],"event":2}`:         `column 17: expected "frames" once`,
		`{"event":"` + "\xff" + `","frames":["a"]}`:         "column 11: expected UTF-8",
		`[{"event":"x"}]`:                                   "column 3: expected a string",
		`{"event":"x","deep":` + strings.Repeat("[", 20000): "expected fewer arrays",
	} {
		_, err := frames.DecodeMessage(frames.JSON, []byte(line), frames.DecoderOptions{})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: got %v, want %q", line, err, want)
		}
	}
}

// Of a stream in which messages and events stand in any order, the messages are read,
// all of them and each once, also by who looks ahead.
func TestEventsAmongMessages(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		var text strings.Builder
		var want []string
		for i := range random.IntN(30) {
			if random.IntN(2) == 0 {
				text.WriteString(eventLines()[random.IntN(len(eventLines()))])
			} else {
				want = append(want, string(rune('a'+i)))
				fields := []string{`"frames":["` + want[len(want)-1] + `"]`, `"time":"t"`, `"event":null`, `"from":"x"`}
				random.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
				text.WriteString("{" + strings.Join(fields, ",") + "}")
			}
			text.WriteByte('\n')
		}
		d := frames.NewDecoder(strings.NewReader(text.String()), frames.JSON, frames.DecoderOptions{})
		var ahead []string
		d.Ahead(true, 1<<20, func() bool { return true }, func(m frames.Message) bool {
			ahead = append(ahead, join(m))
			return true
		})
		messages, errs := decodeAll(t, d)
		var got []string
		for _, m := range messages {
			got = append(got, join(m))
		}
		if all := strings.Join(want, " "); len(errs) > 0 || strings.Join(got, " ") != all || strings.Join(ahead, " ") != all {
			t.Fatalf("%s\ngot %q, ahead %q, %v", text.String(), got, ahead, errs)
		}
	}
}
