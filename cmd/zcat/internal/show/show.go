package show

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/dissect"
	"github.com/zcat/zcat/cmd/zcat/internal/flows"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/packets"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// The bounds of what is held, whatever is in a capture.
const (
	maxConns  = 20000
	leastHeld = 128 << 20 // of all connections; twice --max-size where that is more
	maxAhead  = 4 << 20
)

// show runs the command.
func show(c *line.Config, std say.Streams) (outcome.Status, error) {
	in := std.In
	name, operand := c.Args[0], ""
	if name == line.StdoutName {
		name = "stdin"
	} else {
		operand = " " + shell.Quoted(name)
		f, err := os.Open(name)
		if err != nil {
			return outcome.Failed, fmt.Errorf("the recording %w", say.Plain(err))
		}
		in = f
	}
	l := life.New(life.Asked(c), std)
	return l.Lead(func() {
		stream.WatchClosed(std.Out, l.ReaderGone)
		v := &viewing{asked: showOf(c), name: name, operand: operand, say: std.Say, out: newWriter(c, std), program: c.Command.Program, most: c.Options.MaxSize}
		from := source(l.Stop, in, v.asked.follow, c.Args[0])
		err := v.run(from)
		if g, ok := from.(*growing); ok {
			for errors.Is(err, errAnew) {
				std.Say.Notice("%s was %s: going on with what it has now", name, g.how)
				err = v.run(from)
			}
			in = g.file
		}
		if f, ok := in.(*os.File); ok && c.Args[0] != line.StdoutName {
			_ = f.Close() // it was only read
		}
		if errors.Is(err, outcome.ErrHalted) {
			return // the signal is in the verdict
		}
		if err != nil && !errors.Is(err, outcome.ErrClosedOutput) {
			std.Say.Failure(err)
		}
		l.Verdict.Add(outcome.OfError(err))
	}), nil
}

// newWriter makes the writer of the form that was asked for.
func newWriter(c *line.Config, std say.Streams) writer {
	switch showOf(c).out {
	case outView:
		return newViews(c.Output, std.Out)
	case outHex:
		return newHexes(std.Out)
	case outLadder:
		return newLadder(c.Output, std.Out)
	case outSVG:
		return newPicture(std.Out, std.Say)
	}
	return newRecords(std.Records())
}

// source returns what is read: up to where the input ends, or on and on.
func source(taking context.Context, in io.Reader, follow bool, name string) io.Reader {
	f, isFile := in.(*os.File)
	if !follow || !isFile {
		return stream.NewInput(taking, in)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return stream.NewInput(taking, in) // whose end is the end
	}
	if name == line.StdoutName {
		name = ""
	}
	return &growing{taking: taking, file: f, name: name}
}

// prompt is a reader that writes what was shown before each read, which may wait.
type prompt struct {
	io.Reader
	flush func() error
}

// Read implements io.Reader.
func (p *prompt) Read(b []byte) (int, error) {
	if err := p.flush(); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
}

// viewing is one run of the command.
type viewing struct {
	asked   *showConfig
	name    string // of what is read, for people,
	operand string // and as it stands on a command line, behind a blank; "" for stdin
	program string
	say     *say.Speech
	out     writer

	stamps stamps
	seen   seen
	most   int   // bytes of a message, 0 for no limit
	failed error // of a write: nothing more is shown
	lost   uint64
	sealed uint64
	shown  uint64 // messages
	from   stream.Senders
}

// run shows what is read.
func (v *viewing) run(from io.Reader) error {
	v.seen.kinds = kinds{}
	v.lost, v.sealed, v.shown = 0, 0, 0 // of what was there before
	v.from = stream.Senders{Asked: v.asked.from}
	in := bufio.NewReaderSize(&prompt{from, v.flush}, packets.BufferSize)
	head, err := in.Peek(4)
	const (
		gzip    = "\x1f\x8b"
		blanks  = " \t\r\n"
		records = `{["` // what they begin with
	)
	first := strings.Trim(string(head), blanks)
	switch {
	case packets.Begins(head):
		err = v.packets(in)
	case len(head) >= len(gzip) && string(head[:len(gzip)]) == gzip:
		err = &outcome.HintedError{Err: fmt.Errorf("%s is compressed", v.name), Hint: "gzip -dc" + v.operand + " | " + v.program + " show -"}
	case len(head) == 0 && err != nil && !errors.Is(err, io.EOF):
		err = v.reading(err)
	case first != "" && !strings.Contains(records, first[:1]):
		err = v.neither() // at once: it may have no end of a line for long
	default:
		err = v.records(in)
	}
	if v.failed != nil {
		return v.failed
	}
	if text := v.from.Missing(); text != "" {
		v.say.Notice("%s", text)
	}
	return errors.Join(err, v.result(v.out.end()))
}

// flush writes what was added so far.
func (v *viewing) flush() error {
	if v.failed == nil {
		v.failed = v.result(v.out.flush())
	}
	return v.failed
}

// result returns the error for the outcome of a write.
func (v *viewing) result(err error) error {
	switch {
	case err == nil:
		return nil
	case stream.ReaderLeft(err):
		return outcome.ErrClosedOutput
	}
	return fmt.Errorf("writing stdout: %w", err)
}

// reading returns the error for a read that failed.
func (v *viewing) reading(err error) error {
	if errors.Is(err, outcome.ErrHalted) || errors.Is(err, errAnew) || v.failed != nil {
		return err
	}
	return fmt.Errorf("reading %s: %w", v.name, say.Cause(err))
}

// add shows what was seen, unless the user does not want to see it.
func (v *viewing) add() {
	s := &v.seen
	v.from.Note(s.record.From)
	if v.failed != nil || !v.asked.chosen(s) {
		return
	}
	switch s.Kind {
	case dissect.Message:
		v.shown++
	case dissect.Lost:
		v.lost += uint64(s.Bytes)
	case dissect.Sealed:
		v.sealed++
	case dissect.Command:
	}
	v.failed = v.result(v.out.add(s))
}

// packets shows a packet capture.
func (v *viewing) packets(in *bufio.Reader) error {
	r, err := packets.NewReader(in)
	if err != nil {
		return fmt.Errorf("%s: %w", v.name, err)
	}
	const unlimited = math.MaxInt / 8
	most := v.most
	if most == 0 {
		most = unlimited
	}
	_, stamped := v.out.(*records)
	d := dissect.New(most, func(e *dissect.Event) {
		side := fromServer
		if e.Client {
			side = fromClient
		}
		stamp := ""
		if stamped { // nobody else writes it
			stamp = v.stamps.of(e.Time)
		}
		v.seen = seen{e, frames.Record{Time: stamp, Peer: e.From.Endpoint, Endpoint: e.To.Endpoint, From: side}, true, v.seen.kinds}
		v.add()
	})
	table := flows.New(d, flows.Limits{Conns: maxConns, Bytes: max(2*most, leastHeld), Ahead: maxAhead})
	var s packets.Segment
	for err == nil && v.failed == nil {
		if err = r.Next(&s); err == nil {
			table.Add(&s)
		}
	}
	table.Close()
	v.remark(r.Stats, d.Stats, table.Dropped)
	switch {
	case errors.Is(err, packets.ErrCutShort):
		v.say.Notice("%s: %v: what comes before that is shown", v.name, err)
		return nil
	case err == nil, errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, outcome.ErrHalted), errors.Is(err, errAnew):
		return err
	}
	return fmt.Errorf("%s: %w", v.name, say.Cause(err))
}

// remark says at the end what is not shown.
func (v *viewing) remark(packets packets.Stats, found dissect.Stats, dropped uint64) {
	if packets.Cut > 0 {
		v.say.Notice("%s without all headers left out: tcpdump -s 0 captures them whole", say.Plural(packets.Cut, "packet"))
	}
	if packets.Fragments > 0 {
		v.say.Notice("%s of IP left out: the rest of the packet is missing", say.Plural(packets.Fragments, "fragment"))
	}
	if packets.Unknown > 0 {
		v.say.Notice("%s of a link layer that is not known left out", say.Plural(packets.Unknown, "packet"))
	}
	if found.Foreign > 0 {
		v.say.Notice("%s without ZMTP", say.Plural(found.Foreign, "connection"))
	}
	if dropped > 0 {
		v.say.Notice("%s given up for lack of room, those that were silent the longest", say.Plural(dropped, "connection"))
	}
	if v.lost > 0 {
		v.say.Notice("%s lost", say.Plural(v.lost, "byte"))
	}
	if v.sealed > 0 && v.shown == 0 {
		v.say.Notice("all is sealed by CURVE: %s", say.Plural(v.sealed, "frame"))
	}
}

// neither is the error for what cannot be shown.
func (v *viewing) neither() error {
	return fmt.Errorf("%s is neither a packet capture nor has it records, as --capture and --meta write them", v.name)
}

// records shows the records of other commands.
func (v *viewing) records(in io.Reader) error {
	decoder := frames.NewDecoder(in, frames.JSON, frames.DecoderOptions{MaxSize: v.most, Grown: life.Sweep})
	var (
		batch    frames.Batch
		event    dissect.Event
		from, to dissect.Party
	)
	for v.failed == nil {
		batch.Reset()
		record, err := decoder.DecodeRecord(&batch)
		var bad *frames.LineError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad) && bad.Line == 1 && bad.Column == 1:
			return v.neither()
		case errors.As(err, &bad):
			return fmt.Errorf("%s, %w", v.name, bad)
		case err != nil:
			return v.reading(err)
		}
		at, err := time.Parse(time.RFC3339Nano, record.Time)
		if err != nil && record.Time != "" {
			return fmt.Errorf("%s: the time %q is not in the form of RFC 3339, such as %s", v.name, record.Time, stream.StampForm)
		}
		from.Endpoint, to.Endpoint = record.Peer, record.Endpoint
		event = dissect.Event{Kind: dissect.Message, Time: local(at), From: &from, To: &to, Client: record.From == fromClient, Frames: batch.Next()}
		v.seen = seen{&event, record, record.From == fromClient || record.From == fromServer, v.seen.kinds}
		v.add()
	}
	return nil
}

// local is a time as people here read it, zero where it is not known.
func local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Local()
}

// decimal writes a number.
func decimal(n int) []byte { return strconv.AppendInt(nil, int64(n), 10) }
