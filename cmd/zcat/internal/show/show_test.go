package show

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/expect"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/packets/packetstest"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/frames"
)

// TestMain lets clocks be read where the golden files were written.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	m.Run() // whose status is that of the test
}

// shownAs returns what show prints and says of an input.
func shownAs(t *testing.T, asked showConfig, in io.Reader) (out, said string, err error) {
	t.Helper()
	t.Setenv("COLUMNS", "80")
	t.Setenv("LC_ALL", "C.UTF-8")
	var printed bytes.Buffer
	var words strings.Builder
	c := line.NewConfig(Command())
	if asked.out == "" {
		asked.out = outJSON
	}
	c.Own = &asked
	std := say.Streams{Out: &printed, Say: &say.Speech{W: &words}}
	v := &viewing{asked: &asked, name: "cap", program: "zcat", say: std.Say, out: newWriter(c, std)}
	err = v.run(in)
	return printed.String(), words.String(), err
}

// queue is the capture of a request to a queue and of its reply, of a subscription, of
// what CURVE seals, and of what is no ZMTP.
func queue() *packetstest.Capture {
	const id = "\x00\x6b\x8b\x45\x67"
	c := packetstest.New(packetstest.Links()["Ethernet"])
	client := c.Connect("127.0.0.1:41234", "127.0.0.1:5555")
	client.Handshake("REQ", "ROUTER")
	worker := c.Connect("127.0.0.1:41236", "127.0.0.1:5556")
	worker.Handshake("REP", "DEALER")
	client.Send(0, packetstest.Message("", "hello"))
	worker.Send(1, packetstest.Message(id, "", "hello"))
	worker.Send(0, packetstest.Message(id, "", "world"))
	client.Send(1, packetstest.Message("", "world"))
	news := c.Connect("[::1]:41238", "[::1]:7000")
	news.Handshake("SUB", "PUB")
	news.Send(0, packetstest.Command("SUBSCRIBE", "A"))
	news.Send(1, packetstest.Message("A", "\x00\xff"))
	news.Skip(1, packetstest.Message("A", "missed"))
	news.Send(1, packetstest.Message("A", "next"))
	news.Ack(0)
	curve := c.Connect("127.0.0.1:41240", "127.0.0.1:7001")
	curve.Send(0, packetstest.Greeting("CURVE"))
	curve.Send(1, packetstest.Greeting("CURVE"))
	curve.Send(0, packetstest.Frame(0, []byte("\x07MESSAGE"+strings.Repeat("x", 30))))
	web := c.Connect("127.0.0.1:41242", "127.0.0.1:80")
	web.Send(0, []byte("GET / HTTP/1.1\r\n\r\n"))
	return c
}

// Each form, of the same capture.
func TestForms(t *testing.T) {
	for _, form := range line.Shows() {
		for _, commands := range []bool{false, true} {
			out, said, err := shownAs(t, showConfig{out: form, commands: commands}, bytes.NewReader(queue().Bytes))
			if err != nil || !strings.Contains(said, "1 connection without ZMTP") || !strings.Contains(said, "11 bytes lost") {
				t.Errorf("%s: said %q, %v", form, said, err)
			}
			name := filepath.Join("testdata", fmt.Sprintf("%s.%v.golden", form, commands))
			if os.Getenv("UPDATE_SHOW") != "" {
				if err := os.WriteFile(name, []byte(out), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil || out != string(want) {
				t.Errorf("%s differs, %v; UPDATE_SHOW=1 go test ./cmd/zcat/internal/show writes it anew:\n%s", name, err, out)
			}
		}
	}
}

// What it prints it reads: its records, with their events, are shown as the capture is.
func TestReadsWhatItPrints(t *testing.T) {
	records, _, err := shownAs(t, showConfig{commands: true}, bytes.NewReader(queue().Bytes))
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := shownAs(t, showConfig{}, strings.NewReader(records))
	var messages string
	for l := range strings.Lines(records) {
		if strings.Contains(l, `"frames"`) {
			messages += l
		}
	}
	if again != messages || err != nil {
		t.Errorf("%v\n%s\n%s", err, again, messages)
	}
	if ladder, _, err := shownAs(t, showConfig{out: outLadder}, strings.NewReader(records)); err != nil || strings.Count(ladder, "#1") != 4 {
		t.Errorf("%v\n%s", err, ladder)
	}
}

// What is chosen, and what not.
func TestChosen(t *testing.T) {
	pattern := func(text string) expect.Pattern {
		p, err := expect.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, c := range []struct {
		asked showConfig
		want  string // the last frames
	}{
		{showConfig{from: "client"}, "hello world"},
		{showConfig{peers: []string{":5555"}}, "hello world"},
		{showConfig{peers: []string{"tcp://127.0.0.1:41236", "[::1]:7000"}, from: "server"}, "hello  next"},
		{showConfig{peers: []string{"::1"}}, " next"},
		{showConfig{match: []expect.Pattern{pattern("re:^w")}}, "world world"},
		{showConfig{match: []expect.Pattern{pattern("hello"), pattern("hex:006b8b4567")}}, "hello"},
	} {
		out, _, err := shownAs(t, c.asked, bytes.NewReader(queue().Bytes))
		var got []string
		d := frames.NewDecoder(strings.NewReader(out), frames.JSON, frames.DecoderOptions{})
		for {
			var b frames.Batch
			if _, err := d.DecodeRecord(&b); err != nil {
				break
			}
			m := b.Next()
			got = append(got, strings.ReplaceAll(string(m[len(m)-1]), "\x00\xff", ""))
		}
		if strings.Join(got, " ") != c.want || err != nil {
			t.Errorf("%+v: %q, %v", c.asked, got, err)
		}
	}
}

// Records of a proxy, and what is neither those nor packets.
func TestRecords(t *testing.T) {
	const capture = `{"time":"2026-11-22T09:00:00.000000000Z","peer":"ipc://@clients","endpoint":"ipc://@clients","from":"front","frames":[{"hex":"006b8b4567"},"","hello"]}
{"time":"2026-11-22T09:00:00.000300000Z","event":"tick"}
{"time":"2026-11-22T09:00:00.000300000Z","peer":"ipc://@workers","endpoint":"ipc://@workers","from":"back","frames":[{"hex":"006b8b4567"},"","world"]}
`
	out, _, err := shownAs(t, showConfig{out: outLadder}, strings.NewReader(capture))
	if err != nil || strings.Count(out, "#1") != 2 || !strings.Contains(out, "[~4567] wo") || !strings.Contains(out, "+300µs") {
		t.Errorf("%v\n%s", err, out)
	}
	out, _, err = shownAs(t, showConfig{out: outView}, strings.NewReader(capture))
	if err != nil || !strings.Contains(out, "ipc://@workers -> ipc://@workers (back)\n    id │ hex:006b8b4567\n    -- ├─ delimiter (empty)\n  body │ world\n") {
		t.Errorf("%v\n%s", err, out)
	}
	const hub = `{"time":"2026-11-22T09:00:00.000000000Z","peer":"ipc://@desk","endpoint":"ipc://@desk","from":"clients","frames":[{"hex":"006b8b4567"},"","hello"]}
{"time":"2026-11-22T09:00:00.000300000Z","peer":"","to":"workers","frames":["w","",{"hex":"006b8b4567"},"","hello"]}
`
	out, _, err = shownAs(t, showConfig{out: outView}, strings.NewReader(hub))
	if err != nil || !strings.Contains(out, "hub -> workers\n    id │ w\n") {
		t.Errorf("%v\n%s", err, out)
	}
	out, _, err = shownAs(t, showConfig{out: outLadder}, strings.NewReader(hub))
	if err != nil || !strings.Contains(out, " hub ") || !strings.Contains(out, " workers") || strings.Contains(out, "?") || strings.Count(out, "▶") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
	// A hub's sockets have names, by which they are chosen.
	for _, c := range []struct {
		asked      showConfig
		want, said string
	}{
		{showConfig{from: "clients"}, `"from":"clients"`, ""},
		{showConfig{peers: []string{"workers"}}, `"to":"workers"`, ""},
		{showConfig{from: "client"}, "", "nothing is from \"client\": what there is comes from clients\n"},
	} {
		out, said, err := shownAs(t, c.asked, strings.NewReader(hub))
		if err != nil || strings.Count(out, "\n") != min(len(c.want), 1) || !strings.Contains(out, c.want) || !strings.HasSuffix(said, c.said) {
			t.Errorf("%+v: %v\n%s%s", c.asked, err, out, said)
		}
	}
	for in, want := range map[string]string{
		"hello\n": "cap is neither", "[\"a\"]\n[1]\n": "cap, line 2", "\x1f\x8b\x08": "compressed", "{\"time\":\"noon\",\"peer\":\"\",\"frames\":[\"a\"]}\n": "RFC 3339",
	} {
		if _, _, err := shownAs(t, showConfig{}, strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", in, err)
		}
	}
	for _, in := range []string{"", "\n"} {
		if out, _, err := shownAs(t, showConfig{}, strings.NewReader(in)); err != nil || out != "" {
			t.Errorf("%q: %q, %v", in, out, err)
		}
	}
	whole := queue().Bytes
	_, said, err := shownAs(t, showConfig{}, bytes.NewReader(whole[:len(whole)-3]))
	if err != nil || !strings.Contains(said, "middle of a packet") {
		t.Errorf("%q, %v", said, err)
	}
}

// A record without a time has none in any form.
func TestNoTime(t *testing.T) {
	const record = `{"peer":"tcp://127.0.0.1:1","endpoint":"tcp://127.0.0.1:2","frames":["a"]}` + "\n"
	const view = "tcp://127.0.0.1:1 -> tcp://127.0.0.1:2\n  body │ a\n"
	if out, _, err := shownAs(t, showConfig{out: outView}, strings.NewReader(record)); out != view || err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
	if out, _, err := shownAs(t, showConfig{out: outLadder}, strings.NewReader(record)); !strings.Contains(out, "─ a ─") || strings.Contains(out, "0:00") || err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

// endless gives the same bytes again and again, and fails when it has been read for long.
type endless struct {
	t    *testing.T
	left int
}

func (e *endless) Read(b []byte) (int, error) {
	if e.left -= len(b); e.left < 0 {
		e.t.Error("it is read on and on")
		return 0, io.EOF
	}
	clear(b)
	return len(b), nil
}

// What begins as neither packets nor records is not read to the end of its first line.
func TestGarbageIsNotRead(t *testing.T) {
	for _, head := range []string{"", "\n \t", "hello"} {
		const most = 4 << 20
		_, _, err := shownAs(t, showConfig{}, io.MultiReader(strings.NewReader(head), &endless{t, most}))
		if err == nil || !strings.Contains(err.Error(), "cap is neither") {
			t.Errorf("%q: %v", head, err)
		}
	}
}

// anew is a file in whose place another one comes.
type anew struct{ files []io.Reader }

func (a *anew) Read(b []byte) (int, error) {
	n, err := a.files[0].Read(b)
	if n == 0 && errors.Is(err, io.EOF) && len(a.files) > 1 {
		a.files, err = a.files[1:], errAnew
	}
	return n, err
}

// Where a file takes the place of another one, what is said at its end is of it.
func TestRemarksAreOfOneFile(t *testing.T) {
	c := line.NewConfig(Command())
	c.Own = &showConfig{out: outJSON}
	var said strings.Builder
	std := say.Streams{Out: io.Discard, Say: &say.Speech{W: &said}}
	v := &viewing{asked: showOf(c), name: "cap", say: std.Say, out: newWriter(c, std)}
	whole := packetstest.New(packetstest.Links()["Ethernet"])
	whole.Connect("127.0.0.1:1", "127.0.0.1:2").Handshake("PUSH", "PULL")
	from := &anew{[]io.Reader{bytes.NewReader(queue().Bytes), bytes.NewReader(whole.Bytes)}}
	if err := v.run(from); !errors.Is(err, errAnew) || strings.Count(said.String(), "11 bytes lost") != 1 {
		t.Fatalf("%v, %s", err, &said)
	}
	said.Reset()
	if err := v.run(from); err != nil || said.Len() > 0 {
		t.Errorf("%v, %s", err, &said)
	}
}

// A hint is a line that would have worked.
func TestCompressed(t *testing.T) {
	for operand, want := range map[string]string{"": "gzip -dc | zcat show -", " 'a b.gz'": "gzip -dc 'a b.gz' | zcat show -"} {
		c := line.NewConfig(Command())
		c.Own = &showConfig{out: outJSON}
		v := &viewing{asked: showOf(c), name: "cap", operand: operand, program: "zcat", out: newRecords(io.Discard)}
		var hinted *outcome.HintedError
		if err := v.run(strings.NewReader("\x1f\x8b\x08\x00")); !errors.As(err, &hinted) || hinted.Hint != want {
			t.Errorf("%q: %v", operand, err)
		}
	}
}

// trickle gives what was written to it, and wants to be told what was shown before it
// waits for more.
type trickle struct {
	parts  [][]byte
	before func(read int)
	read   int
}

func (r *trickle) Read(b []byte) (int, error) {
	r.before(r.read)
	if r.read == len(r.parts) {
		return 0, io.EOF
	}
	n := copy(b, r.parts[r.read])
	r.read++
	return n, nil
}

// lineWriter counts the lines.
type lineWriter struct{ lines int }

func (w *lineWriter) Write(b []byte) (int, error) {
	w.lines += bytes.Count(b, []byte{'\n'})
	return len(b), nil
}

// What is captured live is shown before the next packet is waited for, in every form
// but the picture.
func TestShownBeforeTheNextWait(t *testing.T) {
	for _, form := range []string{outView, outJSON, outHex, outLadder} {
		c := packetstest.New(packetstest.Links()["raw"])
		n := c.Connect("127.0.0.1:1", "127.0.0.1:2")
		n.Handshake("PUSH", "PULL")
		parts := [][]byte{bytes.Clone(c.Bytes)}
		const messages = 5
		for i := range messages {
			at := len(c.Bytes)
			n.Send(0, packetstest.Message(fmt.Sprint("message ", i)))
			parts = append(parts, bytes.Clone(c.Bytes[at:]))
		}
		out := &lineWriter{}
		in := &trickle{parts: parts}
		last := 0
		in.before = func(read int) {
			if read > 1 && out.lines <= last {
				t.Errorf("%s: nothing was shown of message %d", form, read-2)
			}
			last = out.lines
		}
		config := line.NewConfig(Command())
		asked := &showConfig{out: form}
		config.Own = asked
		std := say.Streams{Out: out, Say: &say.Speech{W: io.Discard}}
		v := &viewing{asked: asked, name: "cap", say: std.Say, out: newWriter(config, std)}
		if err := v.run(in); err != nil || in.read != len(parts) {
			t.Errorf("%s: %v", form, err)
		}
	}
}

// The reader of stdout that leaves ends it as any filter; another failure is told.
func TestWritesThatFail(t *testing.T) {
	for _, failure := range []error{io.ErrClosedPipe, errors.New("no space left")} {
		config := line.NewConfig(Command())
		config.Own = &showConfig{out: outJSON}
		std := say.Streams{Out: failing{failure}, Say: &say.Speech{W: io.Discard}}
		v := &viewing{asked: showOf(config), name: "cap", say: std.Say, out: newWriter(config, std)}
		err := v.run(bytes.NewReader(queue().Bytes))
		if gone := errors.Is(err, outcome.ErrClosedOutput); gone != errors.Is(failure, io.ErrClosedPipe) || !gone && !errors.Is(err, failure) {
			t.Errorf("%v: %v", failure, err)
		}
	}
}

type failing struct{ error }

func (f failing) Write([]byte) (int, error) { return 0, f.error }

// A time is written as in any record, also next to another of the same second.
func TestStamps(t *testing.T) {
	var s stamps
	at := time.Date(2026, 11, 22, 9, 0, 0, 999_999_998, time.UTC)
	for i := range 5 {
		at := at.Add(time.Duration(i))
		if got, want := s.of(at), at.Format("2006-01-02T15:04:05.000000000Z"); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

// BenchmarkShow measures messages a second, of a packet each, one way and as requests with
// their replies.
func BenchmarkShow(b *testing.B) {
	b.Setenv("LC_ALL", "C.UTF-8")
	const messages = 10000
	body := strings.Repeat("a body of 100 bytes ", 5)
	oneWay := packetstest.New(packetstest.Links()["Ethernet"])
	n := oneWay.Connect("127.0.0.1:1", "127.0.0.1:2")
	n.Handshake("PUSH", "PULL")
	for range messages {
		n.Send(0, packetstest.Message(body))
	}
	asked := packetstest.New(packetstest.Links()["Ethernet"])
	n = asked.Connect("127.0.0.1:1", "127.0.0.1:2")
	n.Handshake("REQ", "REP")
	for range messages / 2 {
		n.Send(0, packetstest.Message("", body))
		n.Send(1, packetstest.Message("", body))
	}
	for name, c := range map[string]*packetstest.Capture{"push": oneWay, "req": asked} {
		for _, out := range []string{outJSON, outHex, outView, outLadder, outSVG} {
			b.Run(name+"/"+out, func(b *testing.B) {
				config := line.NewConfig(Command())
				config.Own = &showConfig{out: out}
				for b.Loop() {
					std := say.Streams{Out: io.Discard, Say: &say.Speech{W: io.Discard}}
					v := &viewing{asked: showOf(config), name: "cap", say: std.Say, out: newWriter(config, std)}
					if err := v.run(bytes.NewReader(c.Bytes)); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(messages*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			})
		}
	}
}
