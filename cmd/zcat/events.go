package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/ration"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// witness hears of all events of a socket. It counts at once, because the
// runner asks it, but speaks and writes in a goroutine of its own, because a
// socket must not wait for a slow terminal.
type witness struct {
	say       *speech
	file      io.WriteCloser // of --events, nil without
	dialed    int            // endpoints that are connected; 0 where one is bound
	onRefused func()         // called when all of those refused

	wantOrigins bool // somebody will ask which endpoint a peer came through

	said  map[string]bool // failures that were said; the worker's own, as is
	paced ration.Ration[kindOfLine]

	mu       sync.Mutex
	queue    []sockets.Event
	missed   int             // events that the queue had no room for
	failed   map[string]bool // connected endpoints that refused
	heardOf  map[string]bool // endpoints of which a failure was said
	protocol bool            // one of them by breaking the protocol after its handshake
	peers    int             // handshakes that succeeded
	unable   error           // why the last attempt to connect failed
	origins  origins

	turnedDown int // handshakes and peers that were refused, by either side
	closed     bool

	wake chan struct{}
	done chan struct{}
	line []byte // of the file, used again
}

// mostQueued is how many events wait while stderr or the file of --events does
// not take them: whoever connects a thousand times a second fills no memory.
const mostQueued = 10000

func newWitness(c *config, say *speech, onRefused func()) (*witness, error) {
	w := &witness{
		say: say, onRefused: onRefused, said: map[string]bool{}, failed: map[string]bool{}, heardOf: map[string]bool{},
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	w.wantOrigins = c.exec != "" && len(c.endpoints) > 1
	if !c.binds() {
		distinct := map[string]bool{}
		for _, a := range c.endpoints {
			distinct[a.endpoint] = true
		}
		w.dialed = len(distinct)
	}
	if c.eventsFile != "" {
		f, err := os.Create(c.eventsFile)
		if err != nil {
			return nil, fmt.Errorf("--events: %w", plain(err))
		}
		w.file = f
	}
	go w.work()
	return w, nil
}

// see takes an event. It serves several goroutines and never waits.
func (w *witness) see(e sockets.Event) {
	if e.Kind == sockets.EventCommand && !w.say.says(levelCommands) {
		return // a subscriber may send a million of them
	}
	w.mu.Lock()
	refused := w.count(e)
	switch {
	case w.closed:
	case len(w.queue) < mostQueued:
		w.queue = append(w.queue, e)
	default:
		w.missed++
	}
	w.mu.Unlock()
	if refused {
		w.onRefused()
	}
	w.rouse()
}

// count notes what the runner asks for, and reports whether e is the refusal of
// the last connected endpoint.
func (w *witness) count(e sockets.Event) bool {
	switch e.Kind { //nolint:exhaustive // all others are only spoken of
	case sockets.EventHandshakeDone:
		w.peers++
		if w.wantOrigins {
			w.origins.note(e)
		}
		return false
	case sockets.EventClosed:
		w.unable = e.Err
		return false
	case sockets.EventConnected:
		w.unable = nil
		return false
	case sockets.EventConnectDelayed:
		delete(w.failed, e.Endpoint)
		return false
	case sockets.EventProtocolError:
		w.protocol = w.protocol || w.dialed > 0 && !e.Again
	case sockets.EventHandshakeAuth, sockets.EventHandshakeProtocol, sockets.EventPeerRefused, sockets.EventRefused:
		w.turnedDown++
	default:
		return false
	}
	w.heardOf[e.Endpoint] = true
	if e.Again {
		return false
	}
	w.failed[e.Endpoint] = true
	return w.dialed > 0 && len(w.failed) == w.dialed
}

// refused reports whether every endpoint was connected and refused, and whether
// one did so by breaking the protocol.
func (w *witness) refused() (all, protocol bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dialed > 0 && len(w.failed) >= w.dialed, w.protocol
}

// told reports whether the failure of an endpoint is said by an event.
func (w *witness) told(endpoint string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.heardOf[endpoint]
}

// why is the reason for which the last attempt to connect failed, for the end of
// a sentence.
func (w *witness) why() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return because(w.unable)
}

// met is how many handshakes succeeded.
func (w *witness) met() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.peers
}

// close returns when everything that was seen is said and written.
func (w *witness) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.rouse()
	<-w.done
}

func (w *witness) rouse() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *witness) work() {
	defer close(w.done)
	for last := false; !last; {
		w.await()
		w.mu.Lock()
		events, missed := w.queue, w.missed
		w.queue, w.missed, last = nil, 0, w.closed
		w.mu.Unlock()
		for _, e := range events {
			w.speak(e)
			w.write(e)
		}
		if missed > 0 {
			w.say.notice("%s neither said nor written: more than could be", plural(missed, "event"))
			w.write(sockets.Event{Time: time.Now(), Kind: eventsMissed, Value: int64(missed)})
		}
		w.sumUp(w.paced.Sums(time.Now()))
	}
	w.sumUp(w.paced.Rest())
	if w.file != nil {
		if err := w.file.Close(); err != nil {
			w.say.fail("--events: %v", err)
		}
	}
}

// await waits for events, or for the time to sum up what was not said.
func (w *witness) await() {
	var due <-chan time.Time
	if next, waits := w.paced.Next(); waits {
		timer := time.NewTimer(time.Until(next))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-w.wake:
	case <-due:
	}
}

// eventsMissed is the line of --events for what the queue had no room for.
const eventsMissed sockets.EventKind = "EVENTS_MISSED"

// write adds an event to the file of --events, if there is one: every one, where
// what is said of a flood is rationed.
func (w *witness) write(e sockets.Event) {
	if w.file == nil {
		return
	}
	w.line = appendEvent(w.line[:0], e)
	if _, err := w.file.Write(w.line); err != nil {
		w.say.fail("--events: %v", err)
		w.file = nil
	}
}

// appendEvent appends a line of --events.
func appendEvent(dst []byte, e sockets.Event) []byte {
	field := func(name, value string) {
		dst = append(dst, name...)
		dst = frames.AppendJSONString(dst, value)
	}
	field(`{"time":`, stamp(e.Time))
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

// linkError is err in words; of a link that broke, without its addresses.
func linkError(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return cause(err).Error()
	}
	return err.Error()
}
