package frames_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// row is a message and its text in every format. also are other spellings that
// decode to it.
type row struct {
	name    string
	message frames.Message
	json    string
	hex     string
	text    string // "" where a frame holds a TAB or a line feed
	also    map[frames.Format][]string
}

type spellings = map[frames.Format][]string

// allBytes returns every byte once, and the ASCII half of them.
func allBytes() (all, ascii string) {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b), string(b[:128])
}

// table drives every encoder and decoder.
func table() []row {
	all, ascii := allBytes()
	long := strings.Repeat("0123456789abcdef", 64)
	return []row{
		{
			name: "one frame", message: frames.Strings("hello"),
			json: `["hello"]`, hex: "68656c6c6f", text: "hello",
			also: spellings{
				frames.JSON: {
					`"hello"`, ` "hello" `, "\t[\r \"hello\"\t]\r", `{"frames":["hello"]}`, `"h\u0065ll\u006F"`,
					`{"json":[1,{"a":"}"}],"time":"x","frames":["hello"],"n":-0.5e+3,"t":true,"f":false,"z":null,"e":{},"l":[ ]}`,
					`{"fr\u0061mes":["hello"]}`, `[{"hex":"68656C6c6F"}]`, `[{"base64":"aGVsbG8="}]`,
					`[ { "b\u0061se64" : "aGVsbG8\u003d" } ]`, `[{"hex":"\u0036\u0038656c6c6f"}]`,
				},
				frames.Hex: {"68656C6C6F", "68656c6C6f\r"},
			},
		},
		{
			name: "frames are kept apart", message: frames.Strings("a", "b", "c"),
			json: `["a","b","c"]`, hex: "61 62 63", text: "a\tb\tc",
			also: spellings{frames.JSON: {`[ "a" ,"b", "c"]`, `["a",{"hex":"62"},{"base64":"Yw=="}]`}},
		},
		{
			name: "empty frames", message: frames.Strings("", "id", "", "", "x", ""),
			json: `["","id","","","x",""]`, hex: "- 6964 - - 78 -", text: "\tid\t\t\tx\t",
			also: spellings{frames.JSON: {`[{"hex":""},"id",{"base64":""},"","x",""]`}},
		},
		{
			name: "one empty frame", message: frames.Strings(""),
			json: `[""]`, hex: "-", text: "",
			also: spellings{frames.JSON: {`""`, `{"frames":[""]}`, `[{"hex":""}]`}, frames.Hex: {"-\r"}},
		},
		{
			name: "bytes that are no text", message: frames.Strings("\x00\xff", "\xc3", "\xed\xa0\x80", "\xc0\x80", "a\xf5b"),
			json: `[{"hex":"00ff"},{"hex":"c3"},{"hex":"eda080"},{"hex":"c080"},{"hex":"61f562"}]`,
			hex:  "00ff c3 eda080 c080 61f562", text: "\x00\xff\t\xc3\t\xed\xa0\x80\t\xc0\x80\ta\xf5b",
			also: spellings{frames.JSON: {`[{"base64":"AP8="},{"hex":"C3"},{"hex":"EDA080"},{"hex":"c080"},{"hex":"61f562"}]`}},
		},
		{
			name: "every byte", message: frames.Strings(all),
			json: fmt.Sprintf(`[{"hex":"%x"}]`, all), hex: fmt.Sprintf("%x", all),
		},
		{
			name: "escapes", message: frames.Strings(ascii),
			json: `["\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f` +
				`\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f` +
				` !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_` + "`abcdefghijklmnopqrstuvwxyz{|}~\x7f\"]",
			hex: fmt.Sprintf("%x", ascii),
		},
		{
			name: "text beyond ASCII", message: frames.Strings("åäö", "🌍", "\u2028\ufeff\ufffd"),
			json: "[\"åäö\",\"🌍\",\"\u2028\ufeff\ufffd\"]", hex: "c3a5c3a4c3b6 f09f8c8d e280a8efbbbfefbfbd",
			text: "åäö\t🌍\t\u2028\ufeff\ufffd",
			also: spellings{frames.JSON: {`["\u00e5\u00E4ö","\ud83c\uDF0d","\u2028\ufeff\uFFFD"]`}},
		},
		{
			name: "solidus", message: frames.Strings("a/b"), json: `["a/b"]`, hex: "612f62", text: "a/b",
			also: spellings{frames.JSON: {`"a\/b"`, `"a\u002fb"`}},
		},
		{
			name: "a JSON value", message: frames.Strings(`{"a":[1.50,"x y\u0041",{}],"b":null}`, "12", `"q"`, "[]"),
			json: `["{\"a\":[1.50,\"x y\\u0041\",{}],\"b\":null}","12","\"q\"","[]"]`,
			hex:  "7b2261223a5b312e35302c22782079" + "5c7530303431222c7b7d5d2c2262223a6e756c6c7d 3132 227122 5b5d",
			text: `{"a":[1.50,"x y\u0041",{}],"b":null}` + "\t12\t\"q\"\t[]",
			also: spellings{frames.JSON: {
				`[{"json":{ "a" : [1.50,	"x y\u0041", { } ] , "b":null} },{"json": 12},{"json":"q"},{"js\u006fn":[ ]}]`,
			}},
		},
		{
			name: "long frames", message: frames.Strings(long[:255], long[:256], long, long[:7]+"\n", long[:255]+"\n"),
			json: `["` + long[:255] + `","` + long[:256] + `","` + long + `","` + long[:7] + `\n","` + long[:255] + `\n"]`,
			hex:  fmt.Sprintf("%x %x %x %x %x", long[:255], long[:256], long, long[:7]+"\n", long[:255]+"\n"),
			also: spellings{frames.JSON: {
				fmt.Sprintf(`["%s",{"hex":"%x"},{"hex":"%x"},"%s\u000a",{"hex":"%x0a"}]`, long[:255], long[:256], long, long[:7], long[:255]),
			}},
		},
		{
			name: "a subscription", message: frames.Strings("\x01A"), json: `["\u0001A"]`, hex: "0141", text: "\x01A",
		},
	}
}

// texts are the encoded forms of a row that decode to it again.
func (r row) texts() map[frames.Format]string {
	texts := map[frames.Format]string{frames.JSON: r.json, frames.Hex: r.hex}
	if !strings.ContainsAny(string(frames.EncodeMessage(frames.Raw, r.message, frames.EncoderOptions{})), "\t\n") {
		texts[frames.Text] = r.text
	}
	return texts
}

func TestTableEncodes(t *testing.T) {
	for _, r := range table() {
		for f, text := range r.texts() {
			if got := string(frames.EncodeMessage(f, r.message, frames.EncoderOptions{})); got != text+"\n" {
				t.Errorf("%s in %v:\n got %q\nwant %q", r.name, f, got, text+"\n")
			}
		}
		if got, want := frames.EncodeMessage(frames.Raw, r.message, frames.EncoderOptions{}), join(r.message); string(got) != want {
			t.Errorf("%s in raw:\n got %q\nwant %q", r.name, got, want)
		}
	}
}

func join(m frames.Message) string {
	all := ""
	for _, frame := range m {
		all += string(frame)
	}
	return all
}

func TestTableDecodes(t *testing.T) {
	for _, r := range table() {
		for f, text := range r.texts() {
			for _, spelling := range append([]string{text, text + "\n"}, r.also[f]...) {
				if f == frames.Text && spelling == "" {
					continue // without a line feed there is no line
				}
				m, err := frames.DecodeMessage(f, []byte(spelling), frames.DecoderOptions{})
				if err != nil || !equal(m, r.message) {
					t.Errorf("%s in %v, from %q:\n got %q, %v\nwant %q", r.name, f, spelling, m, err, r.message)
				}
			}
		}
	}
}

func equal(a, b frames.Message) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if string(a[i]) != string(b[i]) {
			return false
		}
	}
	return true
}

// badLine is a line that is no message, and its error.
type badLine struct {
	line   string
	column int
	reason string // the beginning of it
}

const (
	wantMessage = `expected an array of frames, a string or a record, as ["a","b"], "a" or {"frames":["a","b"]}`
	wantFrame   = `expected a string, {"hex":...}, {"base64":...} or {"json":...} as a frame`
	wantEscape  = `expected \" \\ \/ \b \f \n \r \t or \u and four hex digits`
	wantPair    = `expected a surrogate pair, found one half; bytes that are no text are written as {"hex":"00ff"}`
	wantUTF8    = `expected UTF-8 in a string; other bytes are written as {"hex":"00ff"}, found the byte 0x`
)

func badJSON() []badLine {
	return []badLine{
		{`hello`, 1, wantMessage + ", found 'h'"},
		{` 12`, 2, wantMessage + ", found '1'"},
		{"\x1b[31m", 1, wantMessage + ", found the byte 0x1b"},
		{"\ufeff[\"a\"]", 1, wantMessage + ", found the byte 0xef"},
		{`null`, 1, wantMessage},
		{`'a'`, 1, wantMessage + `, found "'"`},
		{`[]`, 2, `expected at least one frame; [""] is one empty frame`},
		{`[ ]`, 3, `expected at least one frame`},
		{`[`, 2, wantFrame + ", found the end of the line"},
		{`["a"`, 5, "expected , or ] after a frame, found the end of the line"},
		{`["a",`, 6, wantFrame + ", found the end of the line"},
		{`["a",]`, 6, wantFrame + ", found ']'"},
		{`["a" "b"]`, 6, `expected , or ] after a frame, found '"'`},
		{`["a"]]`, 6, "expected one message in a line and nothing after it, found ']'"},
		{`"a","b"`, 4, "expected one message in a line and nothing after it, found ','"},
		{`["a"] ["b"]`, 7, "expected one message in a line and nothing after it"},
		{`["a",12]`, 6, wantFrame + ", found '1'"},
		{`["a",null]`, 6, wantFrame},
		{`["a",["b"]]`, 6, wantFrame + ", found '['"},
		{`[{}]`, 3, wantFrame + ", found '}'"},
		{`[{"hex":"00","base64":"AA=="}]`, 13, "expected } after the one value of a frame, found ','"},
		{`[{"HEX":"00"}]`, 3, wantFrame + ", found another key"},
		{`[{"text":"00"}]`, 3, wantFrame + ", found another key"},
		{`[{"hex":00}]`, 9, `expected hex digits in quotes, as {"hex":"00ff"}`},
		{`[{"hex":"00f"}]`, 13, "expected two hex digits for each byte, found an odd number of them"},
		{`[{"hex":"0g"}]`, 11, "expected a hex digit, 0 to 9 or a to f, found 'g'"},
		{`[{"hex":"00 ff"}]`, 12, "expected a hex digit, 0 to 9 or a to f, found ' '"},
		{`[{"hex":"\u0030g"}]`, 9, "expected a hex digit, 0 to 9 or a to f, found 'g'"},
		{`[{"base64":1}]`, 12, `expected base64 in quotes, as {"base64":"AP8="}`},
		{`[{"base64":"AP8"}]`, 13, `expected base64 with its padding, as "AP8="`},
		{`[{"base64":"AP9="}]`, 16, `expected base64 with its padding`},
		{`[{"base64":"A-8="}]`, 14, `expected base64 with its padding`},
		{`[{"base64":"AP\n8="}]`, 12, `expected base64 with its padding`},
		{`[{"json":}]`, 10, "expected a JSON value, found '}'"},
		{`[{"json":tru}]`, 10, "expected a JSON value, found 't'"},
		{`[{"json":01}]`, 11, "expected } after the one value of a frame, found '1'"},
		{`[{"json":-}]`, 10, "expected a JSON value, found '-'"},
		{`[{"json":1.}]`, 10, "expected a JSON value, found '1'"},
		{`[{"json":1e}]`, 10, "expected a JSON value, found '1'"},
		{`[{"json":+1}]`, 10, "expected a JSON value, found '+'"},
		{`[{"json":.5}]`, 10, "expected a JSON value, found '.'"},
		{`[{"json":[1,]}]`, 13, "expected a JSON value, found ']'"},
		{`[{"json":[1 2]}]`, 13, "expected , or ] after a value, found '2'"},
		{`[{"json":{"a":1,}}]`, 17, "expected a key in quotes, found '}'"},
		{`[{"json":{"a" 1}}]`, 15, "expected : after a key, found '1'"},
		{`[{"json":{"a":1;}}]`, 16, "expected , or } after a value, found ';'"},
		{`[{"json":"\q"}]`, 11, wantEscape},
		{`[{"json":` + strings.Repeat("[", 10001), 10009, "expected fewer arrays and objects in one another"},
		{`{}`, 1, wantMessage + ", found an empty object"},
		{`{"hex":"00ff"}`, 1, `expected an array around a frame, as [{"hex":"00ff"}]`},
		{`{"json":{}}`, 1, `expected an array around a frame, as [{"hex":"00ff"}]`},
		{`{"time":"x"}`, 1, `expected "frames" in a record, as {"frames":["a","b"]}`},
		{`{"frames":"a"}`, 11, `expected an array of frames, as {"frames":["a","b"]}, found '"'`},
		{`{"frames":[]}`, 12, `expected at least one frame`},
		{`{"frames":["a"],"frames":["a"]}`, 17, `expected "frames" once in a record`},
		{`{"frames":["a"]`, 16, "expected , or } after a value, found the end of the line"},
		{`{"frames":["a"],}`, 17, "expected a key in quotes, found '}'"},
		{`{frames:["a"]}`, 2, "expected a key in quotes, found 'f'"},
		{`{"frames"}`, 10, "expected : after a key, found '}'"},
		{`{"x":bad,"frames":["a"]}`, 6, "expected a JSON value, found 'b'"},
		{`"a`, 3, "expected a quote at the end of the string, found the end of the line"},
		{`["a]`, 5, "expected a quote at the end of the string, found the end of the line"},
		{`"a\`, 3, wantEscape},
		{`"a\"`, 5, "expected a quote at the end of the string"},
		{`"\x41"`, 2, wantEscape},
		{`"\'"`, 2, wantEscape},
		{`"\u12"`, 2, `expected four hex digits after \u`},
		{`"\u12`, 2, `expected four hex digits after \u`},
		{`"\u12g4"`, 2, `expected four hex digits after \u`},
		{`"\ud800"`, 2, wantPair},
		{`"\udc00"`, 2, wantPair},
		{`"\ud800\ud800"`, 2, wantPair},
		{`"\ud800x"`, 2, wantPair},
		{`"\ud800\u0041"`, 2, wantPair},
		{`"\ud800\u00`, 2, wantPair},
		{"\"a\tb\"", 3, `expected an escape for a control character, as \t or \u001b, found the byte 0x09`},
		{"\"a\x00b\"", 3, `expected an escape for a control character, as \t or \u001b, found the byte 0x00`},
		{"[\"a\",\"\xff\"]", 7, wantUTF8 + "ff"},
		{"\"ok\\n\xc3\"", 6, wantUTF8 + "c3"},
		{"\"\xed\xa0\x80\"", 2, wantUTF8 + "ed"},
		{"{\"x\":\"\xff\",\"frames\":[\"a\"]}", 7, wantUTF8 + "ff"},
		{"[\"a\"]\x00", 6, "expected one message in a line and nothing after it, found the byte 0x00"},
		{"[\"a\"]\u00a0", 6, "expected one message in a line and nothing after it, found the byte 0xc2"},
	}
}

func badHex() []badLine {
	const wantHexFrame = "expected a frame in hex, or - for an empty one, with one space between frames"
	return []badLine{
		{"0", 2, "expected two hex digits for each byte, found an odd number of them"},
		{"00 fff", 7, "expected two hex digits for each byte"},
		{"00  ff", 4, wantHexFrame + ", found ' '"},
		{" 00", 1, wantHexFrame + ", found ' '"},
		{"00 ", 4, wantHexFrame + ", found the end of the line"},
		{" ", 1, wantHexFrame},
		{"hello", 1, "expected a hex digit, 0 to 9 or a to f, found 'h'"},
		{"00\tff", 3, "expected a hex digit, 0 to 9 or a to f, found the byte 0x09"},
		{"0x00", 2, "expected a hex digit, 0 to 9 or a to f, found 'x'"},
		{"00ff00ff0\xff", 10, "expected a hex digit, 0 to 9 or a to f, found the byte 0xff"},
		{"--", 1, "expected a hex digit, 0 to 9 or a to f, found '-'"},
		{"00 -0", 4, "expected a hex digit, 0 to 9 or a to f, found '-'"},
		{"00\r\r", 3, "expected a hex digit, 0 to 9 or a to f, found the byte 0x0d"},
	}
}

func TestBadLines(t *testing.T) {
	for f, lines := range map[frames.Format][]badLine{frames.JSON: badJSON(), frames.Hex: badHex()} {
		for _, bad := range lines {
			m, err := frames.DecodeMessage(f, []byte(bad.line), frames.DecoderOptions{})
			var e *frames.LineError
			if !errors.As(err, &e) {
				t.Errorf("%v, %.60q: got %.60q, %v", f, bad.line, m, err)
				continue
			}
			if e.Line != 0 || e.Column != bad.column || !strings.HasPrefix(e.Reason, bad.reason) || e.TooLarge {
				t.Errorf("%v, %.60q:\n got column %d: %s\nwant column %d: %s", f, bad.line, e.Column, e.Reason, bad.column, bad.reason)
			}
		}
	}
}

// The same lines in a stream: the lines around them are read.
func TestBadLinesInStream(t *testing.T) {
	for f, good := range map[frames.Format]string{frames.JSON: `["a"]`, frames.Hex: "61"} {
		lines := badJSON()
		if f == frames.Hex {
			lines = badHex()
		}
		for _, bad := range lines {
			input := good + "\n" + bad.line + "\n" + good
			messages, errs := decodeAll(t, frames.NewDecoder(strings.NewReader(input), f, frames.DecoderOptions{}))
			if len(messages) != 2 || len(errs) != 1 || errs[0].Line != 2 || errs[0].Column != bad.column {
				t.Errorf("%v, %.60q: got %.60q, %v", f, bad.line, messages, errs)
			}
		}
	}
}
