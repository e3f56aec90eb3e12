package life

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/throttle"
	"github.com/zcat/zcat/pkg/sockets"
)

// Monitor receives all events of a socket. It counts at once, because the session
// asks for the counts, but reports and writes in a goroutine of its own, because a
// socket must not wait for a slow terminal.
type Monitor struct {
	Say       *say.Speech
	log       *eventLog // of --events, nil without
	Dialed    int       // endpoints that are connected; 0 where one is bound
	onRefused func()    // called when all of those refused

	said  map[string]bool // failures that were said; the worker's own, as is
	paced throttle.Throttle[kindOfLine]

	Discards atomic.Uint64 // messages that were thrown away
	waits    bool          // for a reply, without a limit

	Mu       sync.Mutex
	discard  sockets.Event // the last of those
	Queue    []sockets.Event
	Missed   int             // events that the queue had no room for
	failed   map[string]bool // connected endpoints that refused
	heardOf  map[string]bool // endpoints of which a failure was reported
	protocol bool            // one of them by breaking the protocol, or not speaking it
	peers    int             // handshakes that succeeded
	unable   error           // why the last attempt to connect failed

	turnedDown int // handshakes and peers that were refused, by either side
	working    bool
	closed     bool

	wake chan struct{}
	done chan struct{}
}

// MostQueued is the number of events that wait while stderr or the file of --events
// does not take them: a peer that connects a thousand times a second does not fill
// the memory.
const MostQueued = 10000

// watch has the settings of the monitor of the sockets.
type watch struct {
	file   string // of --events, "" for none
	dialed int    // endpoints that are connected; 0 where one is bound
	waits  bool   // a reply is awaited without a limit
}

// NewMonitor makes a monitor that reports and writes until Hush or Close. onRefused
// is called once all endpoints that are connected have refused.
func NewMonitor(asked watch, voice *say.Speech, onRefused func()) (*Monitor, error) {
	w := &Monitor{
		Say: voice, onRefused: onRefused, said: map[string]bool{}, failed: map[string]bool{}, heardOf: map[string]bool{},
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	w.waits, w.Dialed = asked.waits, asked.dialed
	if asked.file != "" {
		log, err := newEventLog(asked.file, voice)
		if err != nil {
			return nil, fmt.Errorf("--events: %w", say.Plain(err))
		}
		w.log = log
	}
	return w, nil
}

// See takes an event. It serves several goroutines and never waits.
func (w *Monitor) See(e sockets.Event) {
	if e.Kind == sockets.EventCommand && !w.Say.Says(say.LevelCommands) {
		return // a subscriber may send a million of them
	}
	w.Mu.Lock()
	refused := w.count(e)
	told := !w.closed && (w.log != nil || w.Say.Says(say.LevelEvents) || !w.verbose(e))
	switch {
	case !told:
	case len(w.Queue) < MostQueued:
		w.Queue = append(w.Queue, e)
	default:
		w.Missed++
	}
	if told && !w.working { // most commands have nothing to report
		w.working = true
		go w.work()
	}
	w.Mu.Unlock()
	if refused {
		w.onRefused()
	}
	if told {
		Rouse(w.wake)
	}
}

// count keeps the counts that the session asks for, and reports whether e is the
// refusal of the last connected endpoint.
func (w *Monitor) count(e sockets.Event) bool {
	switch e.Kind { //nolint:exhaustive // all others are only reported
	case sockets.EventHandshakeDone:
		w.peers++
		return false
	case sockets.EventClosed:
		if !errors.Is(e.Err, context.Canceled) { // which is our own end
			w.unable = e.Err
		}
		return false
	case sockets.EventDiscarded:
		w.discard = e
		w.Discards.Add(1)
		return false
	case sockets.EventConnected:
		w.unable = nil
		return false
	case sockets.EventConnectDelayed:
		delete(w.failed, e.Endpoint)
		return false
	case sockets.EventProtocolError:
		w.protocol = w.protocol || w.Dialed > 0 && !e.Again
	case sockets.EventHandshakeAuth, sockets.EventHandshakeProtocol, sockets.EventPeerRefused, sockets.EventSentAway, sockets.EventRefused:
		w.turnedDown++
		w.protocol = w.protocol || w.Dialed > 0 && !e.Again && sockets.BrokeProtocol(e.Err)
	default:
		return false
	}
	w.heardOf[e.Endpoint] = true
	if e.Again {
		return false
	}
	w.failed[e.Endpoint] = true
	return w.Dialed > 0 && len(w.failed) == w.Dialed
}

// Refused reports whether every endpoint was connected and refused, and whether
// one did so by breaking the protocol.
func (w *Monitor) Refused() (all, protocol bool) {
	w.Mu.Lock()
	defer w.Mu.Unlock()
	return w.Dialed > 0 && len(w.failed) >= w.Dialed, w.protocol
}

// Told reports whether an event has told of the failure of an endpoint.
func (w *Monitor) Told(endpoint string) bool {
	w.Mu.Lock()
	defer w.Mu.Unlock()
	return w.heardOf[endpoint]
}

// Why returns the reason why the last attempt to connect failed, for the end of a
// sentence.
func (w *Monitor) Why() string {
	w.Mu.Lock()
	defer w.Mu.Unlock()
	return because(w.unable)
}

// Thrown tells what was discarded since the count was before, for the end of a
// sentence.
func (w *Monitor) Thrown(before uint64) string {
	n := w.Discards.Load() - before
	if n == 0 {
		return ""
	}
	w.Mu.Lock()
	defer w.Mu.Unlock()
	return fmt.Sprintf(": %s came and was discarded, the last from %s: %v", say.Plural(n, "message"), w.discard.Peer, w.discard.Err)
}

// Met returns the number of handshakes that succeeded.
func (w *Monitor) Met() int {
	w.Mu.Lock()
	defer w.Mu.Unlock()
	return w.peers
}

// Close returns when everything that was seen is reported and written, or when
// nobody reads it in time.
func (w *Monitor) Close(ctx context.Context) {
	w.Mu.Lock()
	w.closed = true
	working := w.working
	w.Mu.Unlock()
	if working {
		Rouse(w.wake)
		if !over(ctx, w.done) {
			return
		}
	}
	if w.log == nil {
		return
	}
	if !over(ctx, w.log.close()) {
		w.log.giveUp()
	}
}

// lastEvents is the least time that an end without a signal waits for events to be
// reported and written.
const lastEvents = 5 * time.Second

// Hush ends a monitor once it has reported and written everything, within the
// linger.
func (l *Life) Hush(w *Monitor) {
	switch {
	case l.Stop.Err() != nil:
		w.Close(l.Hard)
	case l.linger < 0:
		w.Close(l.Stop)
	default:
		ctx, cancel := context.WithTimeout(l.Stop, max(l.linger, lastEvents))
		defer cancel()
		w.Close(ctx)
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

func (w *Monitor) work() {
	defer close(w.done)
	for last := false; !last; {
		w.await()
		w.Mu.Lock()
		events, missed := w.Queue, w.Missed
		w.Queue, w.Missed, last = nil, 0, w.closed
		w.Mu.Unlock()
		if w.log != nil && len(events)+missed > 0 {
			w.log.add(events, missed)
		}
		for _, e := range events {
			w.speak(e)
		}
		if missed > 0 {
			w.Say.Notice("%s neither reported nor written: there were too many", say.Plural(missed, "event"))
		}
		w.sumUp(w.paced.Sums(time.Now()))
	}
	w.sumUp(w.paced.Rest())
}

// await waits for events, or for the time to sum up what was not reported.
func (w *Monitor) await() {
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

// linkError returns err in words; of a link that broke, without its addresses.
func linkError(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return say.Cause(err).Error()
	}
	return err.Error()
}
