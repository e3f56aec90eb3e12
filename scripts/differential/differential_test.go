//go:build linux

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// TestSocketsActAsLibzmq is a short run of the judge: the cases that once differed,
// and some random ones.
func TestSocketsActAsLibzmq(t *testing.T) {
	cases := uint64(250)
	if testing.Short() {
		cases = 50
	}
	var out bytes.Buffer
	j := newJudge("../peers/judge.py", &out)
	if err := j.run(t.Context(), "kept", 1, cases, 2); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
}

// TestDraftsActAsLibzmq is the same for the draft types.
func TestDraftsActAsLibzmq(t *testing.T) {
	if found, err := filepath.Glob("../../.bin/peers/node_modules/zeromq/build"); len(found) == 0 && os.Getenv("ZCAT_LIBZMQ") == "" {
		t.Skipf("Debian's libzmq has no drafts, and npm's zeromq is missing, which scripts/setup.sh peers installs (%v)", err)
	}
	var out bytes.Buffer
	j := newJudge("../peers/judge_drafts.py", &out)
	j.drafts = true
	if err := j.run(t.Context(), "kept/drafts", 1, 100, 2); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
}

func TestCasesAreKeptAsText(t *testing.T) {
	for seed := range uint64(1000) {
		s := generate(seed/2, seed%2 == 1)
		again, err := parseScenario(s.String())
		if err != nil {
			t.Fatalf("%v in\n%s", err, s)
		}
		if got := again.String(); got != s.String() {
			t.Fatalf("got\n%s\nwant\n%s", got, s)
		}
		for peer := range s.peers() {
			if !bytes.Equal(again.stream(peer), s.stream(peer)) {
				t.Fatalf("peer %d sends other bytes after\n%s", peer, s)
			}
		}
	}
}

func TestCasesThatCannotBeRead(t *testing.T) {
	for _, text := range []string{
		"", "REP bind nonsense", "REP bind chop=x", "REP bind identity=me", "REP bind\njump 0", "REP bind\nopen", "REP bind\nopen x",
		"REP bind\nput 0 frame 00", `REP bind` + "\n" + `put 0 frame zz "a"`, "REP bind\nput 0 raw a", `REP bind` + "\n" + `send "a`,
		`REP bind` + "\n" + `send "a"*x`, `REP bind` + "\n" + `send "a""b"`, `REP bind` + "\n" + `put 0 frame 00 "a"*300`,
	} {
		if s, err := parseScenario(text); err == nil {
			t.Errorf("%q was read as %q", text, s)
		}
	}
}

func TestKnownDifferencesAreNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range known() {
		if k.name == "" || k.why == "" || seen[k.name] {
			t.Errorf("%q, because %q: has no name of its own, or no reason", k.name, k.why)
		}
		seen[k.name] = true
	}
}

// faulty is a driver whose sockets do something that ours do not.
type faulty struct {
	ours
	receive func([]frames.Message) []frames.Message
	sends   func(frames.Message) frames.Message
}

type faultySocket struct {
	socket
	faulty
}

func (f faulty) open(kind string, options []option) (socket, error) {
	s, err := f.ours.open(kind, options)
	return faultySocket{s, f}, err
}

func (s faultySocket) drain(quiet time.Duration) ([]frames.Message, error) {
	all, err := s.socket.drain(quiet)
	if s.receive != nil {
		all = s.receive(all)
	}
	return all, err
}

func (s faultySocket) send(m frames.Message) (string, error) {
	if s.sends != nil {
		m = s.sends(m)
	}
	return s.socket.send(m)
}

// TestJudgeSeesFaults lets the judge compare our sockets with the same ones made
// faulty: it must report the fault, with a case no larger than that needs.
func TestJudgeSeesFaults(t *testing.T) {
	for name, c := range map[string]struct {
		fault faulty
		kind  string
		steps int // of the smallest case
	}{
		"a message lost": {
			faulty{receive: func(all []frames.Message) []frames.Message {
				return slices.DeleteFunc(all, func(m frames.Message) bool { return len(m) == 3 })
			}}, "PULL", 6,
		},
		"two messages swapped": {
			faulty{receive: func(all []frames.Message) []frames.Message {
				slices.Reverse(all)
				return all
			}}, "DEALER", 5,
		},
		"a frame altered on its way out": {
			faulty{sends: func(m frames.Message) frames.Message {
				m = slices.Clone(m)
				m[0] = append(slices.Clone(m[0]), '!')
				return m
			}}, "PAIR", 4,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newJudge("", nil)
			court := &court{j, ours{}, c.fault, nil}
			for seed := uint64(1); ; seed++ {
				s := generate(seed, false)
				if s.kind != c.kind {
					continue
				}
				differs, err := court.differs(s)
				if err != nil {
					t.Fatal(err)
				}
				if !differs {
					continue
				}
				small, err := court.shrink(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				if len(small.steps) > c.steps {
					t.Errorf("%d steps are left, %d suffice:\n%s", len(small.steps), c.steps, small)
				}
				return
			}
		})
	}
}

// TestJudgeFindsNothing lets the judge compare our sockets with themselves: what it
// calls a difference then would be chance.
func TestJudgeFindsNothing(t *testing.T) {
	court := &court{newJudge("", nil), ours{}, ours{}, nil}
	for seed := range uint64(120) {
		s := generate(seed, seed%3 == 2)
		v, err := court.confirm(s)
		if err != nil {
			t.Fatalf("%v in\n%s", err, s)
		}
		if len(v.differences) > 0 {
			t.Errorf("seed %d\n%s%s", seed, s, strings.Join(v.differences, "\n"))
		}
	}
}

func TestJudgeStopsAtTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	if err := newJudge("../peers/judge.py", &out).run(ctx, "kept", 1, 0, 1); err != nil {
		t.Error(err)
	}
	if want := "0 streams, 0 differences, 0 known\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %q, want %q at the end", &out, want)
	}
}

func TestTrackerFindsTheEndsOfFrames(t *testing.T) {
	wire := greeting("NULL")
	ends := []int{greetingSize}
	for _, f := range [][]byte{command("READY", nil), frame(0, nil), frame(1, []byte("abc")), longFrame(0, []byte("de")), frame(0, make([]byte, 300))} {
		wire = append(wire, f...)
		ends = append(ends, len(wire))
	}
	for chunk := 1; chunk < len(wire); chunk++ {
		tr := tracker{hello: greetingSize}
		var got []int
		at := 0
		for at < len(wire) {
			piece := wire[at:min(at+chunk, len(wire))]
			for len(piece) > 0 {
				n := tr.follow(piece)
				at, piece = at+n, piece[n:]
				if tr.between() {
					got = append(got, at)
				}
			}
		}
		if !reflect.DeepEqual(got, ends) || tr.frames != len(ends)-1 {
			t.Fatalf("in pieces of %d bytes: %d frames that end at %v, want %v", chunk, tr.frames, got, ends)
		}
	}
}

func TestKeptCasesAreWrittenAsTheyAreRead(t *testing.T) {
	files, err := filepath.Glob("kept/*.case")
	drafts, bad := filepath.Glob("kept/drafts/*.case")
	if files = append(files, drafts...); err != nil || bad != nil || len(drafts) == 0 || len(drafts) == len(files) {
		t.Fatalf("%d cases, %d of drafts, %v, %v", len(files), len(drafts), err, bad)
	}
	for _, file := range files {
		s, err := readScenario(file)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		again, err := parseScenario(s.String())
		if err != nil || again.String() != s.String() {
			t.Errorf("%s: read as\n%s, and that as\n%v, %v", file, s, again, err)
		}
	}
}
