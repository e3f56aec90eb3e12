package life

import (
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/paths"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// eventLog writes events as lines of JSON to what --events names, in a goroutine of
// its own: a FIFO that nobody reads holds up neither speech nor anything else.
// Events for which there was no room are counted, in the log and at the end.
type eventLog struct {
	say  *say.Speech
	name string
	open func() (io.Writer, bool, error) // waits for the reader of a FIFO

	mu     sync.Mutex
	queue  []sockets.Event
	missed int // events that the queue had no room for
	closed bool

	writing int // events that are being written

	wake chan struct{}
	done chan struct{}

	lines stream.WholeLines // for the goroutine only
}

// newEventLog opens a log; a file is there, and empty, when it returns.
func newEventLog(name string, say *say.Speech) (*eventLog, error) {
	l := &eventLog{say: say, name: name, wake: make(chan struct{}, 1), done: make(chan struct{})}
	flags := 0
	switch kind := paths.KindOf(name); {
	case name == line.StdoutName:
		l.open = func() (io.Writer, bool, error) { return plainly{say}, false, nil }
	case kind == paths.FIFO:
		l.open = func() (io.Writer, bool, error) { return stream.AppendTo(name, 0) }
	case kind == paths.File, kind == paths.New, kind == paths.Link:
		flags = os.O_TRUNC
		fallthrough
	default:
		f, torn, err := stream.AppendTo(name, flags)
		if err != nil {
			return nil, err
		}
		l.open = func() (io.Writer, bool, error) { return f, torn, nil }
	}
	go l.work()
	return l, nil
}

// plainly writes lines to stderr as they are, among those of speech.
type plainly struct{ say *say.Speech }

func (p plainly) Write(lines []byte) (int, error) {
	p.say.Mu.Lock()
	defer p.say.Mu.Unlock()
	return p.say.W.Write(lines)
}

// add queues events.
func (l *eventLog) add(events []sockets.Event, missed int) {
	l.mu.Lock()
	room := min(len(events), MostQueued-len(l.queue))
	l.queue = append(l.queue, events[:room]...)
	l.missed += missed + len(events) - room
	l.mu.Unlock()
	Rouse(l.wake)
}

// close lets the log end once it has written what is queued; the channel it returns
// tells when.
func (l *eventLog) close() <-chan struct{} {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	Rouse(l.wake)
	return l.done
}

// giveUp reports what is not written because nobody reads it.
func (l *eventLog) giveUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.queue) + l.missed + l.writing; n > 0 {
		l.say.Fail("--events %s: %s not written: nobody reads it", l.name, say.Plural(n, "event"))
	}
}

// Rouse wakes the goroutine that waits on c, if it is not awake already.
func Rouse(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (l *eventLog) work() {
	defer close(l.done)
	out, torn, err := l.open()
	if err != nil {
		l.say.Fail("--events: %v", say.Plain(err))
		return
	}
	l.lines = stream.WholeLines{Out: out, Torn: torn}
	var (
		text      []byte
		broken    bool
		unwritten int
	)
	for last := false; !last; {
		<-l.wake
		l.mu.Lock()
		events, missed := l.queue, l.missed
		l.queue, l.missed, last = nil, 0, l.closed
		l.writing = len(events) + missed
		l.mu.Unlock()
		if missed > 0 {
			events = append(events, sockets.Event{Time: time.Now(), Kind: eventsMissed, Value: int64(missed)})
		}
		for i, e := range events {
			if text = appendEvent(text, e); len(text) < stream.OutputPiece && i < len(events)-1 {
				continue
			}
			n, err := l.lines.Write(text)
			if text, unwritten = text[:0], unwritten+n; err != nil && !broken {
				broken = true
				l.say.Fail("--events %s: %v: going on without", l.name, say.Cause(err))
			}
		}
	}
	if unwritten > 0 {
		l.say.Fail("--events %s: %s not written", l.name, say.Plural(unwritten, "event"))
	}
	if f, ok := out.(*os.File); ok {
		if err := f.Close(); err != nil {
			l.say.Fail("--events %s: %v", l.name, say.Cause(err))
		}
	}
}

// eventsMissed is the kind of the line of --events for events that the queue had no
// room for.
const eventsMissed sockets.EventKind = "EVENTS_MISSED"

// appendEvent appends a line of --events.
func appendEvent(dst []byte, e sockets.Event) []byte {
	field := func(name, value string) {
		dst = append(dst, name...)
		dst = frames.AppendJSONString(dst, value)
	}
	field(`{"time":`, stream.Stamp(e.Time))
	field(`,"event":`, string(e.Kind))
	field(`,"endpoint":`, e.Endpoint)
	field(`,"peer":`, e.Peer)
	dst = append(dst, `,"value":`...)
	dst = strconv.AppendInt(dst, e.Value, 10)
	if e.Detail != "" {
		field(`,"detail":`, e.Detail)
	}
	if e.User != "" {
		field(`,"user":`, e.User)
	}
	if e.Err != nil {
		field(`,"error":`, linkError(e.Err))
	}
	return append(dst, '}', '\n')
}
