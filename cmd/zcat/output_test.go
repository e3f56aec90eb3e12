package main

import (
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// printed returns what a command line prints of two messages.
func printed(t *testing.T, line string) string {
	t.Helper()
	fields := strings.Fields(line)
	c, err := configured(t, fields[0], fields[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	var (
		out strings.Builder
		b   frames.Batch
	)
	b.AppendFrom(frames.Source{Peer: "tcp://127.0.0.1:1", Endpoint: "tcp://127.0.0.1:5555", User: "joe"}, frames.Strings("a", ""))
	b.AppendFrom(frames.Source{Peer: "tcp://127.0.0.1:2"}, frames.Strings("b"))
	if err := stream.NewOutput(c.Output, c.Command.Kind, &out).Print(&b); err != nil {
		t.Fatal(err)
	}
	if b.Len() != 0 {
		t.Errorf("%d messages are left", b.Len())
	}
	return out.String()
}

func TestOutput(t *testing.T) {
	for line, want := range map[string]string{
		"pull -c :1":                           "[\"a\",\"\"]\n[\"b\"]\n",
		"pull -c :1 -x":                        "61 -\n62\n",
		"pull -c :1 -T":                        "a\t\nb\n",
		"pull -c :1 -T -0 --frame-sep ,":       "a,\x00b\x00",
		"pull -c :1 -T --frame-sep= -d=":       "a=b=", // a letter takes all that follows it
		"pull -c :1 -T --frame-sep= -d ;":      "a;b;",
		"pull -c :1 --raw":                     "ab",
		"dealer -c :1 -x --out json":           "[\"a\",\"\"]\n[\"b\"]\n",
		`pull -c :1 -T -d \n --frame-sep \x1f`: "a\x1f\nb\n",
	} {
		if got := printed(t, line); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
	records := regexp.MustCompile(`^{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z","peer":"tcp://127.0.0.1:1","endpoint":"tcp://127.0.0.1:5555","user":"joe","frames":\["a",""\]}
{"time":".{30}","peer":"tcp://127.0.0.1:2","frames":\["b"\]}
$`)
	if got := printed(t, "pull -c :1 --meta"); !records.MatchString(got) {
		t.Errorf("records %s", got)
	}
}

// pieces counts writes and can fail.
type pieces struct {
	sizes []int
	err   error
}

func (p *pieces) Write(b []byte) (int, error) {
	p.sizes = append(p.sizes, len(b))
	return len(b), p.err
}

// A batch of small messages is one write, a large batch a few.
func TestOutputWritesPieces(t *testing.T) {
	c, err := configured(t, "pull", "-c", ":1", "-T")
	if err != nil {
		t.Fatal(err)
	}
	for count, writes := range map[int]int{1: 1, 1000: 1, 100000: 100000 * 10 / stream.OutputPiece} {
		var (
			w pieces
			b frames.Batch
		)
		for range count {
			b.Append(frames.Strings("123456789"))
		}
		if err := stream.NewOutput(c.Output, c.Command.Kind, &w).Print(&b); err != nil {
			t.Fatal(err)
		}
		if len(w.sizes) < writes || len(w.sizes) > writes+1 {
			t.Errorf("%d messages in %d writes %v", count, len(w.sizes), w.sizes)
		}
	}
}

func TestOutputErrors(t *testing.T) {
	c, err := configured(t, "pull", "-c", ":1")
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	for _, test := range []struct {
		err  error
		want outcome.Status
	}{{syscall.EPIPE, outcome.Pipe}, {io.ErrClosedPipe, outcome.Pipe}, {&os.PathError{Err: syscall.EPIPE}, outcome.Pipe}, {full, outcome.Failed}} {
		var b frames.Batch
		b.Append(frames.Strings("a"))
		if err := stream.NewOutput(c.Output, c.Command.Kind, &pieces{err: test.err}).Print(&b); outcome.OfError(err) != test.want {
			t.Errorf("%v: %v", test.err, err)
		}
	}
}
