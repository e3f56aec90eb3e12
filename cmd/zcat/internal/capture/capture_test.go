package capture

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/metrics"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// placeOf is a command whose stdout is out.
func placeOf(out *bytes.Buffer, said *strings.Builder) Place {
	return Place{
		Life: life.New(life.Settings{}, say.Streams{Say: &say.Speech{W: said}}), Name: "hub", Stdout: out, Prints: out, Records: out,
		Open: func(kind sockets.Type, a line.Attachment) (*sockets.Socket, error) {
			s, err := sockets.New(kind)
			if err == nil && a.Bind {
				_, err = s.Bind(context.Background(), a.Endpoint)
			} else if err == nil {
				err = s.Connect(a.Endpoint)
			}
			return s, err
		},
		Look: func(_, _ string) view.Message { return view.Message{Kind: sockets.Pair, Way: view.FrontToBack} },
	}
}

// What any number of goroutines pass through is in every capture, those of each in
// their order, with the names of the sockets that it came from and went to.
func TestCapturesServeAll(t *testing.T) {
	const speakers, each = 5, 300
	file := filepath.Join(t.TempDir(), "traffic.jsonl")
	var (
		out  bytes.Buffer
		said strings.Builder
	)
	watch, err := sockets.New(sockets.Pull, func(o *sockets.Options) { o.RecvHWM = 0 })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = watch.Close() })
	if _, err := watch.Bind(t.Context(), "inproc://captures-serve-all"); err != nil {
		t.Fatal(err)
	}
	asked := Nothing()
	asked.Names, asked.kind, asked.connects = []string{file, "-", "inproc://captures-serve-all"}, sockets.Push, true
	all, err := Open(&asked, placeOf(&out, &said))
	if err != nil {
		t.Fatal(err)
	}
	if err := watch.WaitPeers(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	var talk sync.WaitGroup
	for i := range speakers {
		talk.Go(func() {
			name := fmt.Sprint("s", i)
			for n := range each {
				var b frames.Batch
				b.AppendFrom(frames.Source{Peer: "ipc://p", Endpoint: "ipc://e", User: name}, frames.Strings(name, fmt.Sprint(n)))
				if n%2 == 0 {
					all.Take(name, "", &b)
				} else {
					all.Take("", name, &b)
				}
				if b.Len() != 1 {
					t.Error("a capture took a message off the batch")
				}
			}
		})
	}
	talk.Wait()
	var taken int
	next := map[string]int{}
	for taken < speakers*each-int(all[2].Missed()) {
		m, err := watch.Recv(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if _, err := fmt.Sscan(string(m[1]), &n); err != nil || n < next[string(m[0])] {
			t.Fatalf("%q comes behind %d, %v", m, next[string(m[0])], err)
		}
		next[string(m[0])] = n + 1
		taken++
	}
	all.Close(t.Context())
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"file": string(text), "stdout": out.String()} {
		next := map[string]int{}
		for text := range strings.Lines(text) {
			var b frames.Batch
			r, err := frames.NewDecoder(strings.NewReader(text), frames.JSON, frames.DecoderOptions{}).DecodeRecord(&b)
			if err != nil {
				t.Fatal(err)
			}
			m := b.Next()
			speaker, n := string(m[0]), next[string(m[0])]
			want := frames.Record{Time: r.Time, Peer: "ipc://p", Endpoint: "ipc://e", User: speaker, From: speaker}
			if n%2 == 1 {
				want.From, want.To = "", speaker
			}
			if r != want || string(m[1]) != fmt.Sprint(n) {
				t.Fatalf("%s: got %swant message %d of %+v", name, text, n, want)
			}
			next[speaker]++
		}
		for i := range speakers {
			if got := next[fmt.Sprint("s", i)]; got != each {
				t.Errorf("%s: %d messages of speaker %d", name, got, i)
			}
		}
	}
	if all[0].Missed()+all[1].Missed() > 0 {
		t.Errorf("missed %d and %d", all[0].Missed(), all[1].Missed())
	}
}

// What was opened before a capture that cannot be is returned, to be closed; what has
// been missed is said and counted by name.
func TestCapturesThatFail(t *testing.T) {
	var said strings.Builder
	place := placeOf(&bytes.Buffer{}, &said)
	asked := Nothing()
	asked.Names = []string{"-", filepath.Join(t.TempDir(), "none", "file"), "-"}
	all, err := Open(&asked, place)
	if err == nil || !strings.HasPrefix(err.Error(), "--capture: ") || len(all) != 1 {
		t.Errorf("%d captures, %v", len(all), err)
	}
	all.Close(t.Context())
	none := Captures{{Name: "a", Missed: func() uint64 { return 0 }}, {Name: "b", Missed: func() uint64 { return 2 }}}
	none.Sum(place.Say)
	if want := "zcat: 2 messages not captured by b\n"; said.String() != want || none.Missed() != 2 {
		t.Errorf("said %q, missed %d", said.String(), none.Missed())
	}
	page := metrics.NewPage("zcat_hub_")
	none.Expose(page.Add)
	if want := "# HELP zcat_hub_uncaptured_messages_total Messages that a capture missed.\n# TYPE zcat_hub_uncaptured_messages_total counter\n" +
		"zcat_hub_uncaptured_messages_total{capture=\"a\",number=\"1\"} 0\nzcat_hub_uncaptured_messages_total{capture=\"b\",number=\"2\"} 2\n"; page.String() != want {
		t.Errorf("got\n%s", page)
	}
}
