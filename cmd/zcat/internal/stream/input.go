// Package stream is stdin and stdout: messages are read so that a wait can be
// ended, and printed whole; it also handles either being closed.
package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/frames"
)

// Source gives the messages to send.
type Source interface {
	// Next empties b and waits for at least one message to put there. At the end it
	// returns io.EOF, and outcome.ErrHalted once no more input is to be taken. An
	// error may come with messages that stand before it.
	Next(b *frames.Batch) error
	// Ahead reports whether a message that comes next begins with another frame
	// than id, as far as can be told without waiting.
	Ahead(id []byte) bool
}

// FrameSource repeats one message.
type FrameSource struct {
	Taking  context.Context // ends the repetition
	Message frames.Message
	Left    int
	Endless bool
	begun   bool
}

// frameRun is the number of bytes of repeated messages that go into one batch.
const frameRun = 64 << 10

// Next implements Source.
func (f *FrameSource) Next(b *frames.Batch) error {
	b.Reset()
	if f.Spent() {
		return io.EOF
	}
	// The first is sent even when the command's end came before it.
	if f.begun && f.Taking.Err() != nil {
		return outcome.ErrHalted
	}
	f.begun = true
	for (f.Endless || f.Left > 0) && (b.Len() == 0 || b.Size()+b.Size()/b.Len() <= frameRun) {
		b.Append(f.Message)
		f.Left--
	}
	return nil
}

// Ahead knows of no other message.
func (f *FrameSource) Ahead([]byte) bool { return false }

// Spent reports whether nothing more will come.
func (f *FrameSource) Spent() bool { return !f.Endless && f.Left <= 0 }

// LineSource decodes stdin.
type LineSource struct {
	Input   *Input
	Bad     *say.Flood // reports bad lines that are passed over
	Decoder *frames.Decoder
	Reach   int // how far ahead it looks, in bytes
	Skip    bool
	Hint    string // a command line for a line that is no JSON at all, "" for none
	// GivenUp reports whether the writer of the lines was ended by us, in the middle of
	// one perhaps; nil where it never is.
	GivenUp func() bool
	// Torn says, once Next has failed, that the input ended in such a line.
	Torn bool
	bad  error // what ended the input, returned after what stood before it
}

// Next is of a Source.
func (l *LineSource) Next(b *frames.Batch) error {
	b.Reset()
	for l.bad == nil {
		err := l.Decoder.Decode(b)
		var line *frames.LineError
		switch {
		case err == nil, errors.Is(err, io.EOF):
			return err
		case errors.Is(err, outcome.ErrHalted):
			l.Torn = l.given() && l.Decoder.Midway()
			return outcome.ErrHalted
		case errors.As(err, &line) && line.Cut && l.given():
			l.Torn, l.bad = true, outcome.ErrHalted
		case !errors.As(err, &line):
			l.bad = fmt.Errorf("reading %s: %w", l.Input.Name, err)
		case l.Skip:
			l.Bad.Fail(BadLine, "%s, %v: skipped", l.Input.Name, Advised(line))
			l.Input.Skipped.Add(1)
		default:
			l.bad = fmt.Errorf("%s, %s", l.Input.Name, Advised(line))
			if l.Hint != "" && line.Column == 1 {
				l.bad = &outcome.HintedError{Err: l.bad, Hint: l.Hint}
			}
		}
		if b.Len() > 0 {
			return nil
		}
	}
	return l.bad
}

func (l *LineSource) given() bool { return l.GivenUp != nil && l.GivenUp() }

// BadLine is the kind of those that are passed over.
var BadLine = say.Kind{One: "bad line", After: " skipped"} //nolint:gochecknoglobals // it never changes

// Advised returns the text of a bad line's error, with what helps against it.
func Advised(line *frames.LineError) string {
	if line.TooLarge {
		return line.Error() + " (--max-size allows more)"
	}
	return line.Error()
}

// Input is stdin, or what a filter writes, read so that a wait for more can be
// ended.
type Input struct {
	Name    string          // for people
	taking  context.Context // ends the reading
	tap     func() tap      // made when it is first asked for: many a command reads nothing
	sized   bool            // it is a regular file, which is read to the end that it had
	left    int64           // bytes to there; unknown where there is none
	Skipped atomic.Uint64   // bad lines
	aheadOf []byte          // the peer behind which others were last looked for

	mu       sync.Mutex  // held while something is read
	read     atomic.Bool // something was read
	lastRead atomic.Bool // see finish
	readsOn  atomic.Bool // see ReadOn
}

// tap reads from a file or another reader. Its Read returns outcome.ErrHalted as
// soon as the context with which it was made is done.
type tap interface {
	io.Reader
	// Ready reports whether a Read would return at once.
	Ready() bool
	// soon reports whether it would within a time.
	soon(within time.Duration) bool
	// grab is a Read that has been found ready, whatever the context says.
	grab(p []byte) (int, error)
}

// NewInput makes an input of a file, or of another reader. taking ends the reading.
func NewInput(taking context.Context, r io.Reader) *Input {
	in := &Input{Name: "stdin", taking: taking, left: unknown}
	if f, ok := r.(*os.File); ok {
		open := FileTap
		if in.left = lengthLeft(f); in.left != unknown {
			in.sized, open = true, sizedTap
		}
		in.tap = sync.OnceValue(func() tap { return open(taking, f) })
	} else {
		in.tap = sync.OnceValue(func() tap { return newPump(taking, r) })
	}
	return in
}

// NewPipeInput is NewInput for a pipe that os.Pipe made, as a filter writes to.
func NewPipeInput(taking context.Context, f *os.File) *Input {
	return &Input{Name: "the filter", taking: taking, left: unknown, tap: sync.OnceValue(func() tap { return PipeTap(taking, f) })}
}

// unknown is the length of an input that is read to its end, whenever that comes.
const unknown = -1

// lengthLeft returns the number of bytes of a regular file that are still to be
// read. A file that grows from what is sent, such as a recording that is replayed
// through the proxy that records to it, would have no other end. Files whose
// content the system makes up, as in /proc, have length 0.
func lengthLeft(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return unknown
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return unknown
	}
	return max(info.Size()-at, 0)
}

// Finish lets one more Read succeed, if there was none so far and one would not
// wait: a peer that is quick to answer does not keep the input from being sent.
func (in *Input) Finish() { in.lastRead.Store(true) }

// ReadOn has what is left read to its end, although no more was to be taken: to be counted.
func (in *Input) ReadOn() { in.readsOn.Store(true) }

func (in *Input) Read(p []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.left != unknown {
		p = p[:min(int64(len(p)), in.left)]
	}
	n, err := in.readSome(p)
	if in.left != unknown {
		in.left -= int64(n)
	}
	return n, err
}

func (in *Input) readSome(p []byte) (int, error) {
	if in.readsOn.Load() {
		return in.tap().grab(p)
	}
	if in.taking.Err() != nil {
		if in.lastRead.Load() && !in.read.Swap(true) && in.tap().Ready() {
			return in.tap().grab(p)
		}
		return 0, outcome.ErrHalted
	}
	if in.left == 0 {
		return 0, io.EOF
	}
	n, err := in.tap().Read(p)
	if n > 0 {
		in.read.Store(true)
	}
	if errors.Is(err, outcome.ErrHalted) && in.lastRead.Load() {
		return in.readSome(p)
	}
	return n, err
}

// Ready reports whether a Read would return at once: one of a regular file always does.
func (in *Input) Ready() bool { return in.sized || in.tap().Ready() }

// pump reads in a goroutine, for readers that cannot be awaited otherwise.
type pump struct {
	taking context.Context // ends the reading
	chunks chan chunk
	spare  chan []byte
	have   chunk
}

type chunk struct {
	data, whole []byte
	err         error
}

// pumpSize is the number of bytes that are read at a time.
const pumpSize = 128 << 10

func newPump(taking context.Context, r io.Reader) *pump {
	p := &pump{taking: taking, chunks: make(chan chunk, 1), spare: make(chan []byte, 2)}
	p.spare <- make([]byte, pumpSize)
	go func() {
		for buf := range p.spare {
			n, err := r.Read(buf)
			p.chunks <- chunk{data: buf[:n], whole: buf, err: err}
			if err != nil {
				return
			}
		}
	}()
	return p
}

func (p *pump) Read(b []byte) (int, error) {
	if len(p.have.data) == 0 && p.have.err == nil {
		select {
		case next := <-p.chunks:
			p.have = next
		case <-p.taking.Done():
			return 0, outcome.ErrHalted
		}
	}
	return p.grab(b)
}

func (p *pump) grab(b []byte) (int, error) {
	if len(p.have.data) == 0 && p.have.err == nil {
		p.have = <-p.chunks
	}
	n := copy(b, p.have.data)
	p.have.data = p.have.data[n:]
	if len(p.have.data) > 0 {
		return n, nil
	}
	if p.have.err != nil {
		return n, p.have.err
	}
	p.spare <- p.have.whole
	return n, nil
}

func (p *pump) Ready() bool { return len(p.chunks) > 0 || len(p.have.data) > 0 || p.have.err != nil }

func (p *pump) soon(within time.Duration) bool {
	if p.Ready() {
		return true
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case p.have = <-p.chunks:
		return true
	case <-p.taking.Done():
	case <-timer.C:
	}
	return false
}

// AtEnd reports whether there is nothing more to read. It may be called once the
// reading goroutine was told to stop, and consumes what it finds.
func (in *Input) AtEnd() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.left == 0 {
		return true
	}
	if !in.tap().Ready() {
		return false
	}
	n, err := in.tap().grab(make([]byte, 1))
	return n == 0 && errors.Is(err, io.EOF)
}
