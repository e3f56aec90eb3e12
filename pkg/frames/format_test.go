package frames_test

import (
	"errors"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

func TestFormatNames(t *testing.T) {
	for _, f := range frames.Formats() {
		if got, err := frames.ParseFormat(f.String()); err != nil || got != f {
			t.Errorf("%v: read back as %v, %v", f, got, err)
		}
	}
	for _, name := range []string{"", "JSON", "view", "\x1b"} {
		if f, err := frames.ParseFormat(name); err == nil {
			t.Errorf("%q: got %v", name, f)
		}
	}
	if got := frames.Format(99).String(); got != "unknown" {
		t.Errorf("got %q", got)
	}
}

func TestDecodeMessageTakesOne(t *testing.T) {
	for text, want := range map[string]string{
		"":                "expected a message, found none",
		"\n\n":            "expected a message, found none",
		"[\"a\"]\n\"b\"":  "expected one message, found more than one",
		"[\"a\"]\nb":      "line 2, column 1: " + wantMessage + ", found 'b'",
		"\n\n[\"a\"]\n\n": "",
	} {
		m, err := frames.DecodeMessage(frames.JSON, []byte(text), frames.DecoderOptions{})
		if got := errText(err); got != want {
			t.Errorf("%q: got %q, %q, want %q", text, m, got, want)
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestParseArgs(t *testing.T) {
	for _, c := range []struct {
		f    frames.Format
		args []string
		want frames.Message
		err  string
	}{
		{frames.JSON, []string{"a", "", `["b"]`, "-"}, frames.Strings("a", "", `["b"]`, "-"), ""},
		{frames.Text, []string{"a\tb\n"}, frames.Strings("a\tb\n"), ""},
		{frames.Raw, []string{"\xff"}, frames.Strings("\xff"), ""},
		{frames.Hex, []string{"00fF", "-", "", "61"}, frames.Strings("\x00\xff", "", "", "a"), ""},
		{frames.Hex, []string{"61", "6"}, nil, "frame 2: column 2: expected two hex digits for each byte, found an odd number of them"},
		{frames.Hex, []string{"61 62"}, nil, "frame 1: column 3: expected a hex digit, 0 to 9 or a to f, found ' '"},
		{frames.Text, nil, nil, "expected at least one frame, found none"},
	} {
		m, err := frames.ParseArgs(c.f, c.args, frames.DecoderOptions{})
		if got := errText(err); !equal(m, c.want) || got != c.err {
			t.Errorf("%v, %q: got %q, %s", c.f, c.args, m, got)
		}
	}
	var bad *frames.LineError
	if _, err := frames.ParseArgs(frames.Text, []string{"abc", "d"}, frames.DecoderOptions{MaxSize: 3}); !errors.As(err, &bad) || !bad.TooLarge {
		t.Errorf("too large: %v", err)
	}
	if _, err := frames.ParseArgs(frames.Text, []string{"id"}, frames.DecoderOptions{MinFrames: 2}); err == nil {
		t.Error("too few: no error")
	}
}

func TestTextSeparators(t *testing.T) {
	for _, c := range []struct {
		separator, delimiter []byte
		message              frames.Message
		text                 string
	}{
		{nil, nil, frames.Strings("a", "b"), "a\tb\n"},
		{[]byte(", "), nil, frames.Strings("a", "", "b,"), "a, , b,\n"},
		{[]byte(";"), []byte{0}, frames.Strings("a\n", "\t"), "a\n;\t\x00"},
		{[]byte{}, nil, frames.Strings("a\tb"), "a\tb\n"},
		{nil, []byte("END"), frames.Strings("", "a\n"), "\ta\nEND"},
	} {
		e := frames.NewEncoder(nil, frames.Text, frames.EncoderOptions{Separator: c.separator, Delimiter: c.delimiter})
		if got := string(e.Append([]byte("x"), c.message)); got != "x"+c.text {
			t.Errorf("%q: got %q, want %q", c.message, got, c.text)
		}
		o := frames.DecoderOptions{Separator: c.separator, Delimiter: c.delimiter}
		if m, err := frames.DecodeMessage(frames.Text, []byte(c.text), o); err != nil || !equal(m, c.message) {
			t.Errorf("%q: got %q, %v, want %q", c.text, m, err, c.message)
		}
	}
	nothing := frames.NewEncoder(nil, frames.Text, frames.EncoderOptions{Separator: []byte{}, Delimiter: []byte{}})
	if got := nothing.Append(nil, frames.Strings("a", "b")); string(got) != "ab" {
		t.Errorf("without separators: got %q", got)
	}
}

func TestAppendJSONString(t *testing.T) {
	for s, want := range map[string]string{
		"":                  `""`,
		"plain":             `"plain"`,
		"a\"\\\n\x1b\x7f/ä": `"a\"\\\n\u001b` + "\x7f" + `/ä"`,
		"\xffa\xff":         "\"\ufffda\ufffd\"",
	} {
		if got := string(frames.AppendJSONString([]byte("x"), s)); got != "x"+want {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	}
}
