package bench

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/zcat/zcat/pkg/sockets"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil || got != string(want) {
		t.Errorf("%s differs, %v; go test ./cmd/zcat/internal/bench -update writes it anew:\n%s", name, err, got)
	}
}

// measured is a result with these latencies.
func measured(t *testing.T, all ...time.Duration) Result {
	t.Helper()
	r := Result{
		Pair: Pair{sockets.Req, sockets.Rep}, Measure: Latency, Endpoint: "tcp://127.0.0.1:5555", Size: 100, At: "sender",
		latency: hdrhistogram.New(1, int64(longestLatency), 3),
	}
	for _, d := range all {
		if err := r.latency.RecordValue(int64(d)); err != nil {
			t.Fatal(err)
		}
		r.Messages, r.Elapsed, r.waited = r.Messages+1, r.Elapsed+d, r.waited+d
	}
	return r
}

// usual is what latencies look like: two humps, and a long tail.
func usual(t *testing.T) Result {
	t.Helper()
	var all []time.Duration
	for i := range 4000 {
		x := float64(i%400)/100 - 2
		all = append(all, time.Duration(20e3*math.Exp(x*x*x/6)))
		if i%5 == 0 {
			all = append(all, time.Duration(70e3*math.Exp(x/8)))
		}
		if i%100 == 0 {
			all = append(all, time.Duration(1e6*math.Exp(x)))
		}
	}
	return measured(t, append(all, 30*time.Millisecond)...)
}

// What it looks like, on a terminal and as a picture.
func TestGolden(t *testing.T) {
	r := usual(t)
	golden(t, "80.golden", Header(80)+r.Row(80)+r.Histogram(80, false))
	golden(t, "120.golden", Header(120)+r.Row(120)+r.Histogram(120, false))
	golden(t, "80-ascii.golden", r.Histogram(80, true))
	golden(t, "latency.svg", string(Picture([]Result{r, {Measure: Throughput}, measured(t, 20*time.Microsecond, 20*time.Microsecond)})))
}

// A table fits on the terminal, whatever its width, with all figures; what is no terminal
// gets one line for each result.
func TestTableFits(t *testing.T) {
	many := measured(t, time.Hour, time.Microsecond)
	many.Messages, many.Size = 1<<40, 1<<30
	for _, r := range []Result{usual(t), many, {Pair: Pair{sockets.Push, sockets.Pull}, Measure: Throughput, Endpoint: "ipc://@bench", Size: 100, Messages: 7, Elapsed: time.Second}} {
		longest := 0
		for _, part := range r.behind() {
			longest = max(longest, len(part)+len(foldedIn))
		}
		for columns := 30; columns < 200; columns++ {
			text := Header(columns) + r.Row(columns)
			for _, line := range strings.Split(text, "\n") {
				if len(line) > columns && columns >= longest {
					t.Errorf("%d columns: %q", columns, line)
				}
			}
			if !strings.HasSuffix(text, r.Endpoint+"\n") || r.HasLatency() && !strings.Contains(text, strconv.FormatFloat(r.at(99.9), 'f', 1, 64)) {
				t.Errorf("%d columns: %s", columns, text)
			}
		}
		if Header(0) != Header(1000) || r.Row(0) != r.Row(1000) || strings.Count(r.Row(0), "\n") != 1 {
			t.Errorf("without a terminal: %s", r.Row(0))
		}
	}
}

// Whatever was measured, at whatever endpoint: a picture is well-formed, nothing stands
// outside of it, and an endpoint is text.
func TestAnyPicture(t *testing.T) {
	if Picture(nil) != nil || Picture([]Result{{}}) != nil {
		t.Error("nothing has a picture")
	}
	for _, all := range [][]time.Duration{
		{1}, {1, time.Hour}, {999, 1000, 1001}, {2 * time.Hour / 2, time.Hour}, {50 * time.Microsecond, 51 * time.Microsecond, 52 * time.Microsecond},
	} {
		r := measured(t, all...)
		r.Endpoint = `ipc://"><script>alert(1)</script>` + strings.Repeat("x", 200)
		picture := Picture([]Result{r})
		bars, marks, names := 0, 0, 0
		for d := xml.NewDecoder(strings.NewReader(string(picture))); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v: %v\n%s", all, err, picture)
			}
			e, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			if e.Name.Local == "script" || strings.Contains(string(picture), "NaN") || strings.Contains(string(picture), "Inf") {
				t.Fatalf("%v:\n%s", all, picture)
			}
			for _, a := range e.Attr {
				switch {
				case a.Name.Local == "class" && a.Value == "bar":
					bars++
				case a.Name.Local == "class" && a.Value == "mark":
					if marks++; names > 0 {
						t.Errorf("%v: a line is drawn over a name", all)
					}
				case a.Name.Local == "class" && strings.HasPrefix(a.Value, "name"):
					names++
				}
			}
		}
		if bars == 0 || marks != len(percentiles()) || names != marks || strings.Contains(string(picture), strings.Repeat("x", 150)) {
			t.Errorf("%v: %d bars, %d marks\n%s", all, bars, marks, picture)
		}
	}
}

// An axis has round numbers, a few.
func TestTicks(t *testing.T) {
	for _, s := range []scale{{20e3, 30e6}, {20e3, 22e3}, {1, 2}, {1, 3.6e12}, {49e3, 49.9e3}} {
		list := ticks(s)
		if len(list) == 0 || len(list) > 40 {
			t.Errorf("%v: %v", s, list)
		}
		for i, n := range list {
			if n < s.low || n > s.high || i > 0 && n <= list[i-1] {
				t.Errorf("%v: %v", s, list)
			}
		}
	}
}
