package top

import (
	"bytes"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/sockets"
)

var update = flag.Bool("update", false, "write the golden files anew")

// queue is a queue at a moment: clients ask faster than the workers answer.
func queue(seconds uint64) []Socket {
	front := Socket{Name: "front", Kind: sockets.Router, SideStats: sockets.SideStats{
		Received: 81200 * seconds, ReceivedBytes: 8120000 * seconds, Sent: 81000 * seconds, SentBytes: 8100000 * seconds, Peers: 3, Waiting: 220,
	}}
	back := Socket{Name: "back", Kind: sockets.Dealer, SideStats: sockets.SideStats{
		Received: 81000 * seconds, ReceivedBytes: 8100000 * seconds, Sent: 81200 * seconds, SentBytes: 8120000 * seconds, Peers: 30, Queued: 12345, Dropped: 7,
	}}
	front.Each = []sockets.PeerStats{
		{Endpoint: "tcp://0.0.0.0:5555", Peer: "tcp://10.0.0.1:41234", ID: []byte("\x00\x6b\x8b\x45\x67"), Connected: true, Waiting: 200, Owed: 1201, Oldest: 70 * time.Millisecond, Received: 40000 * seconds, Sent: 39900 * seconds},
		{Endpoint: "tcp://0.0.0.0:5555", Peer: "tcp://10.0.0.2:41236", ID: []byte("billing"), Connected: true, Owed: 1, Oldest: 3141 * time.Millisecond, Received: 12, Sent: 11},
		{Endpoint: "tcp://0.0.0.0:5555", Peer: "tcp://[fe80::1234:5678:9abc:def0%eth0]:50000", ID: []byte("a client whose routing id is long, as UUIDs are"), Connected: true, Waiting: 20, Owed: 5, Received: 41200 * seconds, Sent: 41100 * seconds},
	}
	front.Each = append(front.Each, sockets.PeerStats{Endpoint: "ipc:///run/a/long/path/to/it", Peer: "ipc:///run/a/long/path/to/it", ID: []byte("local"), Connected: true, Waiting: 1})
	for i := range 30 {
		back.Each = append(back.Each, sockets.PeerStats{Endpoint: "ipc://@workers", Peer: "ipc://@workers", Connected: i > 0, Queued: 12345 * ((i + 29) / 30 % 2) * max(2-i, 0)})
	}
	back.Each[0].Peer, back.Each[0].Queued = "tcp://10.0.0.3:5556", 40
	busy, hung := &back.Each[7], &back.Each[11]
	busy.Peer, busy.Owes, busy.Oldest, busy.Received, busy.Sent = "tcp://10.0.0.4:40001", 7, 2*time.Millisecond, 81000*seconds, 81007*seconds
	hung.Peer, hung.Owes, hung.Oldest, hung.Received, hung.Sent = "tcp://10.0.0.5:40002", 1, 3140*time.Millisecond, 5, 6
	for _, s := range []*Socket{&front, &back} {
		for i := range s.Each {
			s.Each[i].Serial = uint64(i) + 1
		}
	}
	return []Socket{front, back}
}

// drawn is the second page of the queue.
func drawn(p page) string {
	at := time.Unix(0, 0)
	p.draw(at, queue(10))
	return p.draw(at.Add(time.Second), queue(11)) + "\n"
}

// What it looks like. To see the colours: cat the file.
func TestGolden(t *testing.T) {
	for name, p := range map[string]page{
		"80": {columns: 79, rows: 23}, "120": {columns: 119, rows: 50}, "80-colour": {columns: 79, rows: 15, colour: true}, "40-ascii": {columns: 39, rows: 15, ascii: true}, "20": {columns: 19, rows: 11},
	} {
		got := drawn(p)
		name = filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil || got != string(want) {
			t.Errorf("%s differs, %v; go test ./cmd/zcat/internal/top -update writes it anew:\n%s", name, err, got)
		}
	}
	var first page
	first.columns, first.rows = 79, 23
	if text := first.draw(time.Unix(0, 0), queue(1)); !regexp.MustCompile(`front ROUTER +3 +- +- +- +220 `).MatchString(text) {
		t.Errorf("rates are known at once:\n%s", text)
	}
}

var codes = regexp.MustCompile("\x1b\\[(?:2|33)m([^\x1b\n]*)\x1b\\[0m")

// Whatever peers call themselves, however many there are, and however small the terminal:
// nothing steers it, and all of it fits.
func TestAnyPage(t *testing.T) {
	for columns := range 130 {
		for rows := 1; rows < 30; rows += 4 {
			for _, ascii := range []bool{false, true} {
				all := queue(1)
				all = append(all, Socket{Name: strings.Repeat("long", 20), Kind: sockets.XPub, SideStats: sockets.SideStats{Waiting: math.MaxInt, Received: math.MaxUint64}})
				for i := range 5 {
					all[0].Each = append(all[0].Each, sockets.PeerStats{Peer: "ipc:///\x1b[2J\u202e日本語", ID: []byte(strings.Repeat("\x9b日\u0301", i*10)), Waiting: i, Owed: i << 28, Oldest: math.MaxInt64 >> (9 * i), Sent: math.MaxUint64})
				}
				p := page{columns: columns, rows: rows, colour: true, ascii: ascii}
				lines := strings.Split(codes.ReplaceAllString(p.draw(time.Unix(1, 0), all), "$1"), "\n")
				if len(lines) > max(rows, 1) {
					t.Fatalf("%d lines in %d rows", len(lines), rows)
				}
				for _, line := range lines {
					if n := view.Width(line); n > max(columns, leastName+2+mostSocket) {
						t.Fatalf("%q is %d columns wide, of %d", line, n, columns)
					}
					for _, r := range line {
						if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || ascii && r > 0x7e {
							t.Fatalf("%q lets %U through", line, r)
						}
					}
				}
			}
		}
	}
}

// Who lets others wait for a reply stands first, then who waits; however many hang, none of
// the others is taken for one.
func TestSlowFirst(t *testing.T) {
	s := Socket{Name: "back", Kind: sockets.Dealer}
	for i := range 500 {
		s.Each = append(s.Each, sockets.PeerStats{Serial: uint64(i), Peer: "tcp://10.0.0.1:" + strconv.Itoa(10000+i), Connected: true, Queued: i, Owes: 1, Oldest: 10 * time.Millisecond})
	}
	s.Each[77].Oldest = slow
	asks := Socket{Name: "front", Kind: sockets.Router, Each: []sockets.PeerStats{{Peer: "tcp://10.0.0.2:1", Owed: 1, Oldest: 3 * slow}}}
	p := page{columns: 79, rows: 23}
	lines := strings.Split(p.draw(time.Unix(1, 0), []Socket{asks, s}), "\n")
	for i, want := range []string{`^back +10\.0\.0\.1:10077 +1 +0 +1\.0s`, `^front +10\.0\.0\.2:1 \(down\) +0 +1 +3\.0s`, `^back +10\.0\.0\.1:10499 +1 +0 +0\.0s`} {
		if !regexp.MustCompile(want).MatchString(lines[5+i]) {
			t.Errorf("%q is no %s", lines[5+i], want)
		}
	}
	if last := lines[len(lines)-1]; len(lines) != 23 || last != "and 484 more, at which 117.3k wait, and 484 for a reply" {
		t.Errorf("%d lines, %q", len(lines), last)
	}
	if columns, _, _ := columnsOf(false); columns[0].head != "waiting" {
		t.Errorf("%v", columns)
	}
}

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "?", 10 * time.Millisecond: "0.0s", 9990 * time.Millisecond: "9.9s", 99 * time.Second: "99s", 100 * time.Second: "1m", 99 * time.Minute: "99m", 100 * time.Minute: "1h", math.MaxInt64: "2562kh"} {
		if got := age(&one{PeerStats: &sockets.PeerStats{Owes: 1, Oldest: d}}); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	if got := age(&one{PeerStats: &sockets.PeerStats{}}); got != "-" {
		t.Errorf("none is as old as %q", got)
	}
}

func TestShort(t *testing.T) {
	for n, want := range map[float64]string{0: "0", 9999: "9999", 10000: "10.0k", 81234: "81.2k", 999400: "999.4k", 999600: "1000k", 1234567: "1235k", 12345678: "12.3M", 1e30: "1000000000000E"} {
		if got := short(n); got != want {
			t.Errorf("%v: got %q, want %q", n, got, want)
		}
	}
}

// Without a terminal it is refused, and draws nothing.
func TestNoTerminal(t *testing.T) {
	var errs bytes.Buffer
	std := say.Streams{Console: &say.Console{Errs: &errs}, Say: &say.Speech{W: &errs}}
	var usage *outcome.UsageError
	if err := Check(std, "zcat proxy :5555 :5556 --stats 1"); !errors.As(err, &usage) || usage.Hint == "" {
		t.Error(err)
	}
	Show(std, func() []Socket {
		t.Error("nobody looks at it")
		return nil
	})()
	if errs.Len() > 0 {
		t.Errorf("%q", &errs)
	}
}
