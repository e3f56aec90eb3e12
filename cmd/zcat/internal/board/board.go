// Package board joins sockets around one command, which reads a record for each
// message that comes at any of them, and writes where messages are to go: the engine of
// the hub, and of the proxy with a filter. It has the rules for who waits for whom.
//
// A port is a socket, as the board sees it. What comes from a port is fed to the
// command (feed.go), ports in turn. What the command writes (orders.go) waits in the
// port's own queue (outlet.go). A gate (gate.go) says which ports may be read.
package board

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/filter"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// Port is a socket of a board.
type Port struct {
	Name string
	// Send sends the messages of b and takes them off it; nil where nothing can be sent.
	// It fails with a *ReturnedError for one that cannot be sent, which it takes off too.
	Send func(ctx context.Context, b *frames.Batch) error
	// Default is the port for a record of this one that comes back without a "to"; ""
	// where it goes back.
	Default string
	Least   int    // the least frames that a message has
	Frames  string // what they are, where that is known, for errors
	// Most is the number of frames that a message may have; 0: any.
	Most int
	// Check returns the fault of a first frame, for a LineError, or nil; it may be nil itself.
	Check func(first []byte) error
	// Single says that messages are sent one by one, each when it is its time.
	Single bool
	// Answers says that messages to it are for the peer that their record names.
	Answers bool
	// Blocks says that Send may wait whatever its context says.
	Blocks bool
	// Patience is the time that a message waits for room before it comes back; 0: for ever.
	Patience time.Duration
	// MaxSize and MaxFrames bound a message that is taken from its peers; 0 is no limit.
	MaxSize, MaxFrames int
	// Messages and Bytes bound the queue of what the command wrote; 0 is no limit.
	Messages, Bytes int
}

// Serve makes a filter the command of the board.
func (s *Settings) Serve(f *filter.Filter) {
	s.To, s.From, s.Name, s.Reader = f.Tail(), f.Lines(), filter.Name, filter.Name
	s.Hangup = f.HangUp
	s.Gone = func(err error) error { return err }
}

// ReturnedError is the reason why a message was not sent, which comes back to the command.
type ReturnedError struct {
	Message frames.Message
	Reason  string
	Gone    bool // nobody has the routing id, or the peer left
	Unfit   bool // sockets of this type send no message of such frames
}

// Error is the reason.
func (e *ReturnedError) Error() string { return e.Reason }

// Settings of a board come from the command line.
type Settings struct {
	Ports    []Port
	Say      *say.Speech
	Verdict  *outcome.Verdict
	Presence bool          // tell the command who comes and leaves
	Tick     time.Duration // how often it is told of the time; 0: never
	Skip     bool          // bad lines are reported, and passed over
	Limit    int           // messages that are sent; 0: no limit

	To     *stream.Tail                           // what the command reads
	Hangup func()                                 // ends what it reads
	From   io.Reader                              // what it writes
	Name   string                                 // of that, for people: "the filter", "stdin"
	Reader string                                 // of what reads, the same: "the filter"; "" where it is printed
	Gone   func(error) error                      // what an error of To comes to
	Hard   context.Context                        //nolint:containedctx // done once all is given up
	See    func(from, to string, b *frames.Batch) // of what comes and what goes; may be nil
}

// port is a Port with what the board knows of it.
type port struct {
	Port
	other *port // the one named by Default; nil where that is ""
	entry entry // the gate's
	out   *outlet
	part  frames.Batch // of what is being fed

	received, receivedBytes atomic.Uint64
	sent, sentBytes         atomic.Uint64
	returned                atomic.Uint64
}

// Board is one run of a command among its ports.
type Board struct {
	Settings
	ports  []*port
	byName map[string]*port
	gate   *gate
	latest *port // that a line named; of the lines' reader alone

	turns   turns // of those who write to the command
	records *frames.Encoder
	notes   notes

	orders  chan struct{}   // closed once the command's lines have ended
	ordered error           // how they did
	senders sync.WaitGroup  // of the outlets
	ending  context.Context //nolint:containedctx // done once the outlets are to end when they are empty
	end     context.CancelFunc

	enough  chan struct{} // closed once Limit messages are sent
	written atomic.Uint64 // messages that the command wrote
	fed     atomic.Uint64 // messages that it was given
	unread  atomic.Uint64 // messages that came and it was not given, or did not read
	skipped atomic.Uint64 // bad lines
	untold  atomic.Uint64 // messages that came back, which the command was not told of
	// unanswered are requests that were given up, which the command was not told of.
	unanswered atomic.Uint64
	broken     atomic.Uint64 // lines in the middle of which the command was ended, 0 or 1

	failing sync.Mutex
	failure error         // the first that ended a port
	failed  chan struct{} // closed with it

	back, bad say.Flood // messages that came back, and bad lines
}

// New makes a board. It does nothing before Start.
func New(s Settings) *Board {
	b := &Board{
		Settings: s, byName: map[string]*port{}, orders: make(chan struct{}),
		enough: make(chan struct{}), failed: make(chan struct{}),
		records: frames.NewEncoder(s.To, frames.JSON, frames.EncoderOptions{}),
	}
	b.back.Say, b.back.Most = s.Say, mostReports
	b.bad.Say, b.bad.Most = s.Say, say.ManyLines
	b.ending, b.end = context.WithCancel(context.Background())
	for _, asked := range s.Ports {
		p := &port{Port: asked}
		p.out = newOutlet(b, p)
		b.ports = append(b.ports, p)
		b.byName[p.Name] = p
	}
	for _, p := range b.ports {
		p.other = b.byName[p.Default]
	}
	b.gate = newGate(b.ports)
	b.notes.init()
	return b
}

// Start begins to read the command's lines and to send its messages.
func (b *Board) Start() {
	for _, p := range b.ports {
		if p.Send != nil {
			b.senders.Go(p.out.work)
		}
	}
	go b.tellNotes()
	go func() {
		b.ordered = b.listen()
		close(b.orders)
	}()
}

// Orders is closed once the command's lines have ended; Ordered says how.
func (b *Board) Orders() <-chan struct{} { return b.orders }

// Ordered is how the command's lines ended: nil at their end, and where they were read no
// further when all was given up.
func (b *Board) Ordered() error {
	if errors.Is(b.ordered, outcome.ErrHalted) {
		return nil
	}
	return b.ordered
}

// Spoilt reports whether the command's lines have ended before their end.
func (b *Board) Spoilt() bool { return b.Ordered() != nil }

// Enough is closed once as many messages are sent as were asked for.
func (b *Board) Enough() <-chan struct{} { return b.enough }

// Failed is closed once a port fails; Failure says why.
func (b *Board) Failed() <-chan struct{} { return b.failed }

// Failure returns the reason why the first port failed, nil where none did.
func (b *Board) Failure() error {
	b.failing.Lock()
	defer b.failing.Unlock()
	return b.failure
}

// Fail notes why a port cannot go on.
func (b *Board) Fail(err error) {
	b.failing.Lock()
	defer b.failing.Unlock()
	if b.failure == nil && err != nil {
		b.failure = err
		close(b.failed)
	}
}

// Await waits until a port may be read, and returns a context that is done once it may
// not any more. It fails when nothing more is read.
func (b *Board) Await(ctx context.Context, name string) (context.Context, error) {
	return b.gate.await(ctx, b.byName[name])
}

// Shut has nothing more read.
func (b *Board) Shut() { b.gate.close() }

// Paused reports whether the command does not want a port to be read.
func (b *Board) Paused(name string) bool {
	b.gate.mu.Lock()
	defer b.gate.mu.Unlock()
	return b.byName[name].entry.paused
}

// OthersWait reports whether something waits behind a message for the peer of a port
// with this routing id that is for somebody else.
func (b *Board) OthersWait(name string, id []byte) bool { return b.byName[name].out.othersWait(id) }

// HangUp lets the command see the end of its input, behind what it is still to be told.
func (b *Board) HangUp() {
	b.notes.finish()
	select {
	case <-b.notes.done:
	case <-b.Hard.Done():
	}
	b.Hangup()
}

// Finish returns once all that the command wrote is sent, or all is given up. It is
// called when its lines have ended.
func (b *Board) Finish() {
	b.end()
	b.senders.Wait()
	b.notes.finish()
	b.back.End()
	b.bad.End()
}

// Counts has the messages and bytes of frames of a port so far.
type Counts struct {
	Name                                     string
	Received, ReceivedBytes, Sent, SentBytes uint64
	Returned                                 uint64 // written by the command, and not sent
}

// Counts are those of all ports, in their order.
func (b *Board) Counts() []Counts {
	var all []Counts
	for _, p := range b.ports {
		all = append(all, Counts{p.Name, p.received.Load(), p.receivedBytes.Load(), p.sent.Load(), p.sentBytes.Load(), p.returned.Load()})
	}
	return all
}

// Written is how many messages the command wrote, with one that it did not get to the end of.
func (b *Board) Written() uint64 { return b.written.Load() + b.broken.Load() }

// Returned is how many of those came back since they could not be sent.
func (b *Board) Returned() (n uint64) {
	for _, p := range b.ports {
		n += p.returned.Load()
	}
	return n
}

// Sent is how many of those the ports took.
func (b *Board) Sent() (n uint64) {
	for _, p := range b.ports {
		n += p.sent.Load()
	}
	return n
}

// Moved grows with each message that came or that the command wrote, and once what becomes
// of it is known.
func (b *Board) Moved() (n uint64) {
	for _, c := range b.Counts() {
		n += c.Received + c.Sent + c.Returned
	}
	return n + b.written.Load() + b.fed.Load() + b.unread.Load()
}

// Unread is how many messages came that the command did not read.
func (b *Board) Unread() uint64 { return b.unread.Load() }

// Waits reports whether more waits to be sent at a port than what is being sent.
func (b *Board) Waits(name string) bool {
	return b.byName[name].out.waiting() > 0
}

// Backlog is how many messages wait at a port, beside what is being sent.
func (b *Board) Backlog(name string) int { return b.byName[name].out.waiting() }

// Miss counts messages that came when the command was told of nothing any more.
func (b *Board) Miss(n uint64) { b.unread.Add(n) }

// NotRead says that the command ended without a look at so many of the messages that it
// was given.
func (b *Board) NotRead(n uint64) {
	n = min(n, b.fed.Load())
	b.fed.Add(-n)
	b.unread.Add(n)
}

// Unsent is how many of the command's messages were still to be sent when all was given
// up.
func (b *Board) Unsent() (n uint64) {
	for _, p := range b.ports {
		n += p.out.left()
	}
	return n + b.broken.Load()
}

// Filtered returns the number of messages that the command was given beyond those that it wrote.
func (b *Board) Filtered() uint64 {
	fed, written := b.fed.Load(), b.written.Load()
	return fed - min(fed, written)
}

// Skipped returns the number of bad lines that were passed over, or came back.
func (b *Board) Skipped() uint64 { return b.skipped.Load() }

// Untold returns the number of messages that could not be sent when it was too late to tell the command.
func (b *Board) Untold() uint64 { return b.untold.Load() }

// Sum reports at the end what the command did not read, and what it was not told of.
// waiting is how many messages wait in the sockets.
func (b *Board) Sum(waiting uint64) {
	unread, untold := "not read by "+b.Reader, b.Reader+" was not told"
	if b.Reader == "" {
		unread, untold = "not printed", "nothing of that was printed"
	}
	if n := b.Unread() + waiting; n > 0 {
		b.Say.Notice("%s received and %s", say.Plural(n, "message"), unread)
	}
	if n := b.Untold(); n > 0 {
		b.Verdict.Add(outcome.Refused)
		b.Say.Fail("%s could not be sent, and %s", say.Plural(n, "message"), untold)
	}
	if n := b.unanswered.Load(); n > 0 {
		b.Verdict.Add(outcome.Refused)
		b.Say.Fail("%s had no reply, and %s", say.Plural(n, "request"), untold)
	}
	if n := b.Skipped(); n > 0 {
		b.Say.Notice("%s skipped", say.Plural(n, "bad line"))
	}
}
