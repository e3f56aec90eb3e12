package ladder

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	req    = Party{Name: "tcp://127.0.0.1:41234", Type: "REQ", Asks: true}
	router = Party{Name: "tcp://127.0.0.1:5555", Type: "ROUTER"}
	dealer = Party{Name: "tcp://127.0.0.1:5556", Type: "DEALER"}
	rep    = Party{Name: "tcp://127.0.0.1:41236", Type: "REP", Answers: true}
	pub    = Party{Name: "tcp://10.0.0.1:7000", Type: "PUB"}
	sub    = Party{Name: "tcp://[fe80::1234:5678:9abc:def0]:50000", Type: "SUB"}
)

const id = "\x00\x6b\x8b\x45\x67"

// traffic is a queue with two clients, whose replies come in the other order, and all
// else that can be drawn.
func traffic() (list []Arrow) {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	add := func(after time.Duration, a Arrow) {
		at = at.Add(after)
		a.Time = at
		list = append(list, a)
	}
	message := func(from, to Party, envelope int, frame ...string) Arrow {
		return Arrow{From: from, To: to, Frames: frames.Strings(frame...), Envelope: envelope}
	}
	other := Party{Name: "tcp://127.0.0.1:41240", Type: "REQ"}
	otherID := "\x00\x6b\x8b\x45\x68"
	add(0, message(req, router, 1, "", "hello"))
	add(80*time.Microsecond, message(dealer, rep, 2, id, "", "hello"))
	add(20*time.Microsecond, message(other, router, 1, "", "hello"))
	add(90*time.Microsecond, message(dealer, rep, 2, otherID, "", "hello"))
	add(12345*time.Microsecond, message(rep, dealer, 2, otherID, "", "world", "and more of it, which has no room on a terminal that is narrow"))
	add(700*time.Millisecond, message(router, other, 1, "", "world"))
	add(61*time.Second, message(rep, dealer, 2, id, "", "world"))
	add(3*time.Hour, message(router, req, 1, "", "\x00\xff"))
	one := message(pub, sub, 0, "news", "")
	one.OneWay = true
	add(-time.Second, one)
	add(time.Second, Arrow{From: sub, To: pub, Words: "SUBSCRIBE prefix=news"})
	add(time.Second, Arrow{From: pub, To: sub, Words: "lost: 200 bytes, not captured", Lost: true})
	add(time.Second, message(Party{}, Party{}, 0, "日本語のテキスト", "\x1b[31m"))
	for i := range 25 {
		add(time.Millisecond, message(req, router, 1, "", fmt.Sprint("request ", i)))
		add(time.Millisecond, message(router, req, 1, "", fmt.Sprint("reply ", i)))
	}
	return list
}

func draw(t *Text, list []Arrow) string {
	var dst []byte
	for _, a := range list {
		dst = t.Append(dst, a)
	}
	return string(t.Flush(dst))
}

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
		t.Errorf("%s differs, %v; go test ./cmd/zcat/internal/ladder -update writes it anew:\n%s", name, err, got)
	}
}

// What it looks like. To see the colours: cat the file.
func TestGolden(t *testing.T) {
	for name, text := range map[string]Text{
		"80": {Width: 80}, "120": {Width: 120}, "80-ascii": {Width: 80, ASCII: true}, "80-colour": {Width: 80, Color: true},
	} {
		golden(t, name+".golden", draw(&text, traffic()))
	}
	var p Picture
	for _, a := range traffic() {
		p.Add(a)
	}
	golden(t, "ladder.svg", string(p.SVG()))
}

// A request and its reply have a number of their own, the same on both sides of a queue,
// whatever the order of the replies.
func TestExchanges(t *testing.T) {
	e := newExchanges()
	var got []int
	for _, a := range traffic()[:8] {
		got = append(got, e.rowOf(&a).number)
	}
	if fmt.Sprint(got) != "[1 1 2 2 2 2 1 1]" {
		t.Errorf("%v", got)
	}
	// The sides of a proxy, as its capture has them.
	for i, way := range []string{"front", "front", "back", "back"} {
		a := Arrow{Way: way, Frames: frames.Strings([]string{"a", "b", "b", "a"}[i], "", fmt.Sprint(i)), Envelope: 2}
		if n := e.rowOf(&a).number; n != []int{3, 4, 4, 3}[i] {
			t.Errorf("%d: exchange %d", i, n)
		}
	}
}

// What is remembered is bounded, whatever is asked and never answered, and whatever is lost.
func TestExchangesAreBounded(t *testing.T) {
	for _, asks := range []bool{false, true} {
		e := newExchanges()
		for i := range 3 * maxOpen {
			from := Party{Name: fmt.Sprint("tcp://10.0.0.1:", i%5000), Asks: asks}
			for _, m := range []frames.Message{frames.Strings("", "same"), frames.Strings(fmt.Sprint(i%7), "", fmt.Sprint(i))} {
				e.rowOf(&Arrow{Time: time.Unix(int64(i), 0), From: from, To: router, Frames: m, Envelope: len(m) - 1})
			}
			e.rowOf(&Arrow{From: Party{Name: fmt.Sprint(i)}, To: router, Lost: true})
		}
		remembered := 0
		for _, p := range e.open {
			remembered += len(p.list) + p.vague
		}
		for _, list := range e.ahead {
			remembered += len(list)
		}
		if len(e.queue) > maxOpen || len(e.open) > 2*maxOpen || len(e.ids) > maxOpen || len(e.gaps) > maxOpen || len(e.first) > maxOpen || remembered > 4*maxOpen {
			t.Errorf("%d, %d, %d, %d and %d are remembered", len(e.queue), len(e.open), len(e.ids), len(e.gaps), remembered)
		}
	}
}

// What is known late to be missing, and was sent before a request, was not its reply.
func TestLateLoss(t *testing.T) {
	client, server := Party{Name: "tcp://10.0.0.1:1"}, Party{Name: "tcp://10.0.0.1:2"}
	at := time.Unix(100, 0)
	for after, want := range map[time.Duration]int{-time.Second: 1, time.Second: 2} {
		e := newExchanges()
		say := func(from, to Party) int {
			r := e.rowOf(&Arrow{Time: at, From: from, To: to, Frames: frames.Strings("", "text"), Envelope: 1})
			return r.number
		}
		say(client, server)
		e.rowOf(&Arrow{Time: at.Add(after), From: server, To: client, Lost: true})
		if got := say(server, client); got != want {
			t.Errorf("after a loss %v from the request: #%d, not #%d", after, got, want)
		}
	}
}

// Replies that come in another order than their requests: they are told by the envelope,
// or it is not pretended to know which is which.
func TestRepliesOutOfOrder(t *testing.T) {
	const lost = "lost"
	worker := Party{Name: "tcp://127.0.0.1:41250", Type: "ROUTER"}
	other := Party{Name: "tcp://127.0.0.1:41240", Type: "REQ", Asks: true}
	type step struct {
		from, to Party
		frames   string
		want     int
	}
	for name, steps := range map[string][]step{
		"a DEALER with numbers in its envelope": {
			{dealer, worker, "1||a", 1},
			{dealer, worker, "2||b", 2},
			{worker, dealer, "2||B", 2},
			{worker, dealer, "1||A", 1},
		},
		"a DEALER without": {
			{dealer, worker, "|a", 1},
			{dealer, worker, "|b", 2},
			{dealer, worker, "|c", 3},
			{worker, dealer, "|B", unknown},
			{worker, dealer, "|A", unknown},
			{dealer, worker, "|d", 4},
			{worker, dealer, "|C", unknown},
			{worker, dealer, "|D", unknown},
			{dealer, worker, "|e", 5},
			{worker, dealer, "|E", 5},
		},
		"a REP, which keeps their order": {
			{dealer, rep, "|a", 1},
			{dealer, rep, "|b", 2},
			{rep, dealer, "|A", 1},
			{rep, dealer, "|B", 2},
		},
		"a REQ that gave up": {
			{req, router, "|a", 1},
			{req, router, "|b", 2},
			{router, req, "|B", 2},
		},
		"a reply whose request is not there": {
			{router, req, "|A", 0},
			{req, router, "|b", 1},
			{rep, dealer, "|C", 0},
		},
		"no delimiter": {
			{dealer, worker, "a", 0},
			{worker, dealer, "b", 0},
		},
		"the same from two clients, at a queue": {
			{req, router, "|same", 1},
			{dealer, rep, "x||same", 1},
			{rep, dealer, "x||A", 1},
			{router, req, "|A", 1}, // x is known now
			{other, router, "|same", 2},
			{req, router, "|same", 3},
			{dealer, rep, "x||same", 3},
			{dealer, rep, "y||same", 2},
		},
		"the same from two clients that are not known": {
			{req, router, "|same", 1},
			{other, router, "|same", 2},
			{dealer, rep, "x||same", 3},
			{rep, dealer, "x||A", 3},
			{router, req, "|A", 1},
		},
		"something lost in between": {
			{dealer, rep, "|a", 1},
			{rep, dealer, lost, 0},
			{dealer, rep, "|b", 2},
			{rep, dealer, "|B", 2},
		},
	} {
		e := newExchanges()
		for i, s := range steps {
			m := frames.Strings(strings.Split(s.frames, "|")...)
			a := Arrow{From: s.from, To: s.to, Frames: m, Envelope: len(m) - 1}
			if s.frames == lost {
				a.Frames, a.Lost = nil, true
			}
			if r := e.rowOf(&a); r.number != s.want {
				t.Errorf("%s: step %d, %q: %d, want %d", name, i+1, s.frames, r.number, s.want)
			}
		}
	}
}

var codes = regexp.MustCompile("\x1b\\[(1|2|3[1-6])m([^\x1b\n]*)\x1b\\[0m")

// However many parties there are, and whatever they say: no line is wider than the
// terminal, nothing steers it, and a head is on every screen.
func TestAnyTraffic(t *testing.T) {
	for _, text := range []Text{{Width: 80}, {Width: 20}, {Width: 200, Color: true}, {Width: 45, ASCII: true}} {
		width := text.width()
		var list []Arrow
		for i := range 500 {
			a := Arrow{
				From: Party{Name: fmt.Sprintf("tcp://10.0.%d.1:5555\x1b[2J", i*7%40), Type: "RE\u202eQ"}, To: Party{Name: fmt.Sprintf("ipc:///a/long/path/to/a/socket/that/is/%d", i%3)},
				Frames: frames.Strings("", strings.Repeat("\u0301\x07\n👩‍👩‍👧‍👦", i%20)), Envelope: 1,
			}
			if i%5 == 0 {
				a.From = a.To
			}
			if i%9 == 0 {
				a.Frames, a.Words, a.Lost = nil, "\x9b31m\r", i%2 == 0
			}
			list = append(list, a)
		}
		shown := codes.ReplaceAllString(draw(&text, list), "$2")
		rows := 0
		for line := range strings.Lines(shown) {
			line = strings.TrimSuffix(line, "\n")
			if n := view.Width(line); n > width {
				t.Fatalf("%q is %d columns wide, of %d", line, n, width)
			}
			for _, r := range line {
				if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || text.ASCII && r > 0x7e {
					t.Fatalf("%q lets %U through", line, r)
				}
			}
			if rows++; line == "" {
				rows = 0
			}
			if rows > perHead+2 {
				t.Fatalf("no head in %d rows", rows)
			}
		}
		if len(text.lanes) > text.room() {
			t.Errorf("%d lanes in %d columns", len(text.lanes), width)
		}
	}
}

// A frame is text in the diagram where it is text in a view: with what could steer a terminal
// escaped, and cut between two characters. All else is in hex.
func TestLabels(t *testing.T) {
	for _, c := range []struct{ frame, want string }{
		{"slow answer\n", `slow answer\n`},
		{"a\tb\r\n\x1b[31m", `a\tb\r\n\x1b[31m`},
		{"x" + strings.Repeat("日本語", maxLabel), "x" + strings.Repeat("日本語", maxLabel/9)},
		{"hex:00", "hex:6865783a3030"},
		{"\x00\xff", "hex:00ff"},
		{"", `""`},
	} {
		if got := label(frames.Strings(c.frame), 0); got != c.want {
			t.Errorf("%q: %s", c.frame, got)
		}
	}
}

// A tall picture has the names of its parties again and again, each time below the rows
// before.
func TestPictureNamesPartiesAgain(t *testing.T) {
	for _, rows := range []int{0, 1, svgPage, svgPage + 1, 4*svgPage + 2} {
		var p Picture
		for range rows {
			p.Add(Arrow{From: req, To: router, Frames: frames.Strings("", "x"), Envelope: 1})
		}
		picture := string(p.SVG())
		want := 0
		if rows > 0 {
			want = (rows-1)/svgPage + 1
		}
		if n := strings.Count(picture, ">127.0.0.1:41234<"); n != want {
			t.Errorf("%d rows: named %d times, not %d", rows, n, want)
		}
		for row := 1; row < rows; row++ {
			if apart := level(row) - level(row-1); apart < svgRow || row%svgPage == 0 && apart < svgRow+svgAgain {
				t.Errorf("row %d is %d below the one before", row, apart)
			}
		}
	}
}

// A picture is well-formed, has nothing of what was said but text, and no script; what
// there is no room for is counted.
func TestPictureIsText(t *testing.T) {
	var p Picture
	for i := range MaxRows + 10 {
		p.Add(Arrow{
			From: Party{Name: `tcp://"><script>alert(1)</script>`, Type: `<b onload="x">`}, To: Party{Name: fmt.Sprint("tcp://x", i%(MaxParties+1)), Type: "]]>"},
			Frames: frames.Strings("</text><script>", "\x00\x1b\ufffe", "&amp;"), Words: "",
		})
	}
	svg := string(p.SVG())
	if p.Left < 10 || strings.Contains(svg, "<script") || strings.Contains(svg, "<b ") {
		t.Errorf("%d left out", p.Left)
	}
	names := map[string]bool{}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok {
			names[e.Name.Local] = true
			for _, a := range e.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Value, "script") {
					t.Errorf("an attribute %s=%q", a.Name.Local, a.Value)
				}
			}
		}
	}
	for name := range names {
		if !strings.Contains(" svg title style rect line text g path ", " "+name+" ") {
			t.Errorf("an element %s", name)
		}
	}
	var empty Picture
	if !strings.HasPrefix(string(empty.SVG()), "<svg ") {
		t.Error("nothing is no picture")
	}
}
