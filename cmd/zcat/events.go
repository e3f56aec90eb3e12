package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"

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

	mu       sync.Mutex
	queue    []sockets.Event
	said     map[string]bool // failures that were said
	failed   map[string]bool // connected endpoints that refused
	protocol bool            // one of them by breaking the protocol after its handshake
	peers    int             // handshakes that succeeded
	unable   error           // why the last attempt to connect failed
	origins  origins

	turnedDown int // handshakes and peers that were refused, by either side
	closed     bool

	wake chan struct{}
	done chan struct{}
}

func newWitness(c *config, say *speech, onRefused func()) (*witness, error) {
	w := &witness{
		say: say, onRefused: onRefused, said: map[string]bool{}, failed: map[string]bool{},
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
	if !w.closed {
		w.queue = append(w.queue, e)
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
	case sockets.EventProtocolError:
		w.protocol = w.protocol || w.dialed > 0
	case sockets.EventHandshakeAuth, sockets.EventHandshakeProtocol, sockets.EventPeerRefused, sockets.EventRefused:
		w.turnedDown++
	default:
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
	return w.failed[endpoint]
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
	var line []byte
	for last := false; !last; {
		<-w.wake
		w.mu.Lock()
		events := w.queue
		w.queue, last = nil, w.closed
		w.mu.Unlock()
		for _, e := range events {
			w.speak(e)
			if w.file != nil {
				line = appendEvent(line[:0], e)
				if _, err := w.file.Write(line); err != nil {
					w.say.fail("--events: %v", err)
					w.file = nil
				}
			}
		}
	}
	if w.file != nil {
		if err := w.file.Close(); err != nil {
			w.say.fail("--events: %v", err)
		}
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

// speak says what a user should hear of an event.
func (w *witness) speak(e sockets.Event) {
	peer := e.Peer
	if peer == "" {
		peer = e.Endpoint
	}
	switch e.Kind {
	case sockets.EventHandshakeAuth, sockets.EventHandshakeProtocol:
		w.say.fail("the handshake with %s failed: %v", peer, e.Err)
	case sockets.EventHandshakeFailed:
		// The second is our own end, which came before the handshake's.
		if errors.Is(e.Err, sockets.ErrLeft) || errors.Is(e.Err, net.ErrClosed) {
			w.say.event("%s: %v", peer, e.Err)
			return
		}
		w.once(peerless(e), "the handshake with %s failed: %v", peer, e.Err)
	case sockets.EventProtocolError:
		w.say.fail("%s broke the protocol and was dropped: %v", peer, e.Err)
	case sockets.EventPeerRefused:
		w.say.fail("%s was refused: %v", peer, e.Err)
	case sockets.EventRefused:
		w.say.fail("%s: %v", peer, e.Err)
	case sockets.EventAcceptFailed:
		w.once(peerless(e), "accepting on %s failed: %v", e.Endpoint, e.Err)
	case sockets.EventAccepted:
		w.say.event("%s connected to %s", peer, e.Endpoint)
	case sockets.EventConnectDelayed:
		w.say.event("connecting to %s", e.Endpoint)
	case sockets.EventConnected:
		w.say.event("connected to %s", e.Endpoint)
	case sockets.EventConnectRetried:
		w.say.event("connecting to %s again in %d ms", e.Endpoint, e.Value)
	case sockets.EventHandshakeDone:
		who := ""
		if e.User != "" {
			who = fmt.Sprintf(", the user %q", e.User)
		}
		w.say.event("%s is there, a %s%s", peer, e.Detail, who)
	case sockets.EventDisconnected:
		w.say.event("%s left%s", peer, because(e.Err))
	case sockets.EventClosed:
		w.say.event("closed %s%s", e.Endpoint, because(e.Err))
	case sockets.EventCommand:
		w.say.detail("%s sent the command %s", peer, e.Detail)
	case sockets.EventListening, sockets.EventBindFailed, sockets.EventMonitorStopped:
		// Said where they are waited for, or nothing that a user could use.
	}
}

// peerless names a failure without the peer, whose port differs each time.
func peerless(e sockets.Event) string { return fmt.Sprint(e.Kind, e.Endpoint, e.Err) }

// mostSaid bounds what is remembered of failures that were said.
const mostSaid = 1000

// once says a failure that may come again and again, as with each attempt to
// connect, the first time only; with -v each time.
func (w *witness) once(key, format string, args ...any) {
	w.mu.Lock()
	again := w.said[key] || len(w.said) > mostSaid
	if !again {
		w.said[key] = true
	}
	w.mu.Unlock()
	if again {
		w.say.event(format, args...)
		return
	}
	w.say.notice(format, args...)
}

// linkError is err in words; of a link that broke, without its addresses.
func linkError(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return cause(err).Error()
	}
	return err.Error()
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + linkError(err)
}
