package session

import (
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// The tip at a prompt fits on a screen, says how a second frame is made where there may be
// one, and its example is a line that the command takes.
func TestTip(t *testing.T) {
	example := map[frames.Format]*regexp.Regexp{
		frames.JSON: regexp.MustCompile(`\[.*\]`), frames.Hex: regexp.MustCompile(`00ff[ 0-9a-f]*`),
	}
	for _, m := range Commands() {
		w := m.Make()
		has := w.Traits()
		if !w.Sends() {
			continue
		}
		for _, format := range []frames.Format{frames.JSON, frames.Hex, frames.Text} {
			text := tip(has, line.Choice{Format: format}, &line.Separators{}, false)
			if len("zcat: "+text) > 80 {
				t.Errorf("%s, %s: %q has %d characters", w.Name, format, text, len(text))
			}
			if format == frames.Text {
				several := has.MostFrames != 1 && !has.SendsSubscriptions
				if said := regexp.MustCompile(`\bTAB\b`).MatchString(text); said != several {
					t.Errorf("%s: %q", w.Name, text)
				}
				continue
			}
			var b frames.Batch
			err := frames.NewDecoder(strings.NewReader(example[format].FindString(text)), format, frames.DecoderOptions{}).Decode(&b)
			if err != nil && !errors.Is(err, io.EOF) || b.Len() != 1 {
				t.Errorf("%s, %s: %q: %v", w.Name, format, text, err)
				continue
			}
			for m := range b.Messages() {
				if has.MostFrames > 0 && len(m) > has.MostFrames || !has.SendsSubscriptions && has.MostFrames != 1 && len(m) < 2 {
					t.Errorf("%s, %s: %q has %d frames", w.Name, format, text, len(m))
				}
			}
		}
	}
	for sep, want := range map[string]string{",": `"," between frames`, "": "a line is a message;"} {
		text := tip(sockets.Push.Traits(), line.Choice{Format: frames.Text}, &line.Separators{Frame: []byte(sep)}, false)
		if !strings.Contains(text, want) {
			t.Errorf("between frames stands %q: %q", sep, text)
		}
	}
}
