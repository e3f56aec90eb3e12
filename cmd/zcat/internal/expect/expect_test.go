package expect

import (
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// Which frames a pattern takes, and the report on those that it does not.
func TestPattern(t *testing.T) {
	const object = `{"op":"ping","n":1.0,"list":[{"a":true},null],"a key":"é","big":12345678901234567890}`
	for _, c := range []struct {
		pattern, frame string
		why            string // "" where the frame is taken
		want, got      string
	}{
		{pattern: "hello", frame: "hello"},
		{pattern: "", frame: ""},
		{"hello", "help", "the two differ from byte 4 on", `"hello"`, `"help"`},
		{"hello", "hello\n", "the frame goes on for 1 byte more", `"hello"`, `"hello\n"`},
		{"hello", "he", "the frame ends 3 bytes too early", `"hello"`, `"he"`},
		{"hello", "\xff", "the two differ from byte 1 on", `"hello"`, "hex:ff"},
		{pattern: "text:re:x", frame: "re:x"},
		{pattern: "text:", frame: ""},
		{pattern: "http://x", frame: "http://x"},
		{pattern: "hex:00FF", frame: "\x00\xff"},
		{"hex:00ff", "\x00\xfe", "the two differ from byte 2 on", "hex:00ff", "hex:00fe"},
		{pattern: "re:^h.*o$", frame: "hello"},
		{pattern: `re:\d+`, frame: "a12"},
		{"re:^b", "abc", "no match", "re:^b", `"abc"`},
		{pattern: "*", frame: "\x00"},
		{pattern: "json:.", frame: "1"},
		{pattern: "json:.op=ping", frame: object},
		{pattern: `json:.op="ping"`, frame: object},
		{pattern: "json:.op~^p", frame: object},
		{pattern: "json:.n=1", frame: object},
		{pattern: "json:.n~^1.0$", frame: object},
		{pattern: "json:.list[0].a=true", frame: object},
		{pattern: "json:.list[-1]=null", frame: object},
		{pattern: `json:.["a key"]=é`, frame: object},
		{pattern: "json:.big=12345678901234567890", frame: object},
		{pattern: `json:.list=[{"a":true},null]`, frame: object},
		{pattern: `json:={"b":[1],"a":2}`, frame: `{"a":2.0,"b":[1e0]}`},
		{pattern: "json:.[1]=2", frame: "[1,2]"},
		{pattern: "json:.a=1e999999999", frame: `{"a":1e999999999}`},
		{"json:.op=pong", object, "at .op", `"pong"`, `"ping"`},
		{"json:.n=2", object, "at .n", "2", "1.0"},
		{"json:.n=1e999999999", object, "at .n", "1e999999999", "1.0"},
		{"json:.big=12345678901234567891", object, "at .big", "12345678901234567891", "12345678901234567890"},
		{"json:.list=[]", object, "at .list", "[]", `[{"a":true},null]`},
		{`json:.list[0]={"b":true}`, object, "at .list[0]", `{"b":true}`, `{"a":true}`},
		{"json:.op~^q", object, "at .op", "re:^q", `"ping"`},
		{"json:.nothing", `{"op":1}`, "there is no .nothing", "json:.nothing", `"{\"op\":1}"`},
		{"json:.op.deep=1", `{"op":1}`, "there is no .op.deep", "json:.op.deep=1", `"{\"op\":1}"`},
		{"json:.[2]", "[1,2]", "there is no .[2]", "json:.[2]", `"[1,2]"`},
		{"json:.a", "nonsense", "it is not JSON", "json:.a", `"nonsense"`},
		{"json:.a", "{} {}", "it is not JSON", "json:.a", `"{} {}"`},
	} {
		p, err := Parse(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		miss := p.check([]byte(c.frame))
		switch {
		case miss == nil && c.why != "":
			t.Errorf("%s takes %q", c.pattern, c.frame)
		case miss != nil && *miss != Miss{c.why, c.want, c.got}:
			t.Errorf("%s, %q: %q", c.pattern, c.frame, *miss)
		}
	}
}

func TestPatternErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		"hex:0":         "not hex",
		"hex:zz":        "not hex",
		"re:(":          "missing closing )",
		"json:":         "a path is written as",
		"json:a=1":      "a path is written as",
		"json:..a":      "a path is written as",
		"json:.a[x]":    "a path is written as",
		"json:.a[0":     "a path is written as",
		`json:.["a]`:    "a path is written as",
		"json:.a~(":     "missing closing )",
		`json:.["a"x]=`: "a path is written as",
	} {
		if _, err := Parse(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", pattern, err, want)
		}
	}
}

// Of a long frame the part that matters is shown.
func TestPatternShowsWhatMatters(t *testing.T) {
	long := strings.Repeat("é", 500)
	p, err := Parse(long + "x" + long)
	if err != nil {
		t.Fatal(err)
	}
	miss := p.check([]byte(long + "y" + long))
	if miss == nil || !strings.Contains(miss.Want, "éxé") || !strings.Contains(miss.Got, "éyé") ||
		len(miss.Got) > 2*window || !strings.HasPrefix(miss.Got, `..."`) || !strings.HasSuffix(miss.Got, `"...`) {
		t.Errorf("%+v", miss)
	}
}

func messages(t *testing.T, list ...[]string) *Messages {
	t.Helper()
	var m Messages
	for i, patterns := range list {
		if i > 0 {
			m.Then()
		}
		for _, text := range patterns {
			p, err := Parse(text)
			if err == nil {
				err = m.Add(p)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return &m
}

// The frames of a message in turn, their number, and message after message.
func TestMessages(t *testing.T) {
	for _, c := range []struct {
		expected [][]string
		number   int
		message  []string
		frames   []int // that differ
	}{
		{nil, 0, []string{"a"}, nil},
		{[][]string{{"a"}}, 0, []string{"a"}, nil},
		{[][]string{{"a"}}, 5, []string{"b"}, []int{1}},
		{[][]string{{"a"}}, 0, []string{"a", "b"}, []int{0}},
		{[][]string{{"a", "b"}}, 0, []string{"a"}, []int{0}},
		{[][]string{{"a", "b"}}, 0, []string{"b", "a"}, []int{1, 2}},
		{[][]string{{"a", "..."}}, 0, []string{"a"}, nil},
		{[][]string{{"a", "..."}}, 0, []string{"a", "b", "c"}, nil},
		{[][]string{{"a", "b", "..."}}, 0, []string{"a"}, []int{0}},
		{[][]string{{"..."}}, 0, []string{"a"}, nil},
		{[][]string{{"a"}, {"b"}}, 0, []string{"a"}, nil},
		{[][]string{{"a"}, {"b"}}, 1, []string{"b"}, nil},
		{[][]string{{"a"}, {"b"}}, 1, []string{"a"}, []int{1}},
		{[][]string{{"a"}, {"b"}}, 7, []string{"b"}, nil},
	} {
		var got []int
		m := messages(t, c.expected...)
		for _, d := range m.Check(c.number, frames.Strings(c.message...)) {
			got = append(got, d.Frame)
		}
		if len(got) != len(c.frames) {
			t.Errorf("%q, %q: frames %v, want %v", c.expected, c.message, got, c.frames)
			continue
		}
		for i := range got {
			if got[i] != c.frames[i] {
				t.Errorf("%q, %q: frames %v, want %v", c.expected, c.message, got, c.frames)
			}
		}
		if m.Len() != len(c.expected) {
			t.Errorf("%d messages, want %d", m.Len(), len(c.expected))
		}
	}
}

// Every message that is begun wants a pattern, and ... is the last one.
func TestMessagesWhole(t *testing.T) {
	m := messages(t, []string{"a", "..."})
	if err := m.Add(Pattern{text: "b"}); err == nil {
		t.Error("a pattern behind ...")
	}
	if !m.Whole() {
		t.Error("a message is enough")
	}
	m.Then()
	if m.Whole() {
		t.Error("nothing is expected of the second")
	}
	if err := m.Add(Pattern{text: "b"}); err != nil || !m.Whole() {
		t.Errorf("%v, whole: %v", err, m.Whole())
	}
	first := new(Messages)
	first.Then()
	if err := first.Add(Pattern{text: "b"}); err != nil || first.Whole() {
		t.Errorf("%v, whole: %v", err, first.Whole())
	}
	if !new(Messages).Whole() {
		t.Error("nothing at all is whole")
	}
}
