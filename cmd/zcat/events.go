package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/ration"
	"github.com/zcat/zcat/pkg/sockets"
)

// monitor hears of all events of a socket. It counts at once, because the
// runner asks it, but speaks and writes in a goroutine of its own, because a
// socket must not wait for a slow terminal.
type monitor struct {
	say       *speech
	log       *eventLog // of --events, nil without
	dialed    int       // endpoints that are connected; 0 where one is bound
	onRefused func()    // called when all of those refused

	wantOrigins bool // somebody will ask which endpoint a peer came through

	said  map[string]bool // failures that were said; the worker's own, as is
	paced ration.Ration[kindOfLine]

	discards atomic.Uint64 // messages that were thrown away
	waits    bool          // for a reply, without a limit

	mu       sync.Mutex
	discard  sockets.Event // the last of those
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
}

// mostQueued is how many events wait while stderr or the file of --events does
// not take them: whoever connects a thousand times a second fills no memory.
const mostQueued = 10000

// watch is what a command asks of whoever watches its sockets.
type watch struct {
	file    string // of --events, "" for none
	dialed  int    // endpoints that are connected; 0 where one is bound
	origins bool   // somebody will ask which endpoint a peer came through
	waits   bool   // a reply is awaited without a limit
}

func newMonitor(asked watch, say *speech, onRefused func()) (*monitor, error) {
	w := &monitor{
		say: say, onRefused: onRefused, said: map[string]bool{}, failed: map[string]bool{}, heardOf: map[string]bool{},
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	w.waits, w.wantOrigins, w.dialed = asked.waits, asked.origins, asked.dialed
	if asked.file != "" {
		log, err := newEventLog(asked.file, say)
		if err != nil {
			return nil, fmt.Errorf("--events: %w", plain(err))
		}
		w.log = log
	}
	go w.work()
	return w, nil
}

// see takes an event. It serves several goroutines and never waits.
func (w *monitor) see(e sockets.Event) {
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
	rouse(w.wake)
}

// count notes what the runner asks for, and reports whether e is the refusal of
// the last connected endpoint.
func (w *monitor) count(e sockets.Event) bool {
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
	case sockets.EventDiscarded:
		w.discard = e
		w.discards.Add(1)
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
func (w *monitor) refused() (all, protocol bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dialed > 0 && len(w.failed) >= w.dialed, w.protocol
}

// told reports whether the failure of an endpoint is said by an event.
func (w *monitor) told(endpoint string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.heardOf[endpoint]
}

// why is the reason for which the last attempt to connect failed, for the end of
// a sentence.
func (w *monitor) why() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return because(w.unable)
}

// thrown says what was thrown away since there were so many of it, for the end of
// a sentence.
func (w *monitor) thrown(before uint64) string {
	n := w.discards.Load() - before
	if n == 0 {
		return ""
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Sprintf(": %s came and was discarded, the last from %s: %v", plural(n, "message"), w.discard.Peer, w.discard.Err)
}

// met is how many handshakes succeeded.
func (w *monitor) met() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.peers
}

// close returns when everything that was seen is said and written, or when
// nobody reads it in time.
func (w *monitor) close(ctx context.Context) {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	rouse(w.wake)
	if !over(ctx, w.done) || w.log == nil {
		return
	}
	if !over(ctx, w.log.close()) {
		w.log.giveUp()
	}
}

// lastEvents is how long an end without a signal waits at least for events to be
// said and written.
const lastEvents = 5 * time.Second

// hush ends a monitor once it has said and written everything, as long as the
// linger allows.
func (l *life) hush(w *monitor) {
	switch {
	case l.stop.Err() != nil:
		w.close(l.hard)
	case l.linger < 0:
		w.close(l.stop)
	default:
		ctx, cancel := context.WithTimeout(l.stop, max(l.linger, lastEvents))
		defer cancel()
		w.close(ctx)
	}
}

// over waits for the end of something until ctx is done, or for a moment where it
// is done already, and reports whether it came.
func over(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-ctx.Done():
	}
	select {
	case <-done:
		return true
	case <-time.After(lastGrace / 2):
		return false
	}
}

func (w *monitor) work() {
	defer close(w.done)
	for last := false; !last; {
		w.await()
		w.mu.Lock()
		events, missed := w.queue, w.missed
		w.queue, w.missed, last = nil, 0, w.closed
		w.mu.Unlock()
		if w.log != nil && len(events)+missed > 0 {
			w.log.add(events, missed)
		}
		for _, e := range events {
			w.speak(e)
		}
		if missed > 0 {
			w.say.notice("%s neither said nor written: more than could be", plural(missed, "event"))
		}
		w.sumUp(w.paced.Sums(time.Now()))
	}
	w.sumUp(w.paced.Rest())
}

// await waits for events, or for the time to sum up what was not said.
func (w *monitor) await() {
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

// linkError is err in words; of a link that broke, without its addresses.
func linkError(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return cause(err).Error()
	}
	return err.Error()
}
