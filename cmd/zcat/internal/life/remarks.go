package life

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
	"github.com/zcat/zcat/cmd/zcat/internal/throttle"
	"github.com/zcat/zcat/pkg/sockets"
)

// Reports of events. Whoever can reach a bound socket can cause as many events as
// they like: so the first few of a kind are reported one by one, and the rest of a
// second or of a minute in one line.

// remark is the report of an event.
type remark struct {
	level int
	text  string
}

// kindOfLine is a kind of line with a throttle of its own: what happens at one
// endpoint does not hide what happens at another.
type kindOfLine struct {
	event    sockets.EventKind
	endpoint string
	level    int
}

// burst returns the number of lines of a kind that are written in a second: few of
// those that nobody asked for, more where the user did.
func (k kindOfLine) burst() int {
	if k.event == sockets.EventDiscarded || k.event == sockets.EventLetGo {
		return 1
	}
	if k.level <= say.LevelNotices {
		return 5
	}
	return 100
}

// things returns the name of what a sum counts, in the singular: "peer", " that
// left".
func (k kindOfLine) things() (one, suffix string) {
	switch k.event { //nolint:exhaustive // all others are ours to cause
	case sockets.EventHandshakeAuth, sockets.EventHandshakeProtocol, sockets.EventHandshakeFailed:
		return "failed handshake", ""
	case sockets.EventProtocolError:
		return "peer", " that broke the protocol"
	case sockets.EventPeerRefused:
		return "refused peer", ""
	case sockets.EventStalled, sockets.EventSentAway:
		return "closed peer", ""
	case sockets.EventAcceptFailed:
		return "failure", " to accept"
	case sockets.EventAccepted:
		return "connection", ""
	case sockets.EventHandshakeDone:
		return "finished handshake", ""
	case sockets.EventDisconnected:
		return "peer", " that left"
	case sockets.EventDiscarded:
		return "discarded message", ""
	case sockets.EventLetGo:
		return "time", " that topics were let go"
	case sockets.EventCommand:
		return "command", ""
	}
	return "event", ""
}

// speak tells the user of an event, or counts it.
func (w *Monitor) speak(e sockets.Event) {
	r, some := w.remark(e)
	if !some || !w.Say.Says(r.level) {
		return
	}
	kind := kindOfLine{e.Kind, e.Endpoint, r.level}
	if w.paced.Pass(kind, kind.burst(), time.Now()) {
		w.Say.Line(r.level, "%s", r.text)
	}
}

// verbose reports whether an event is reported with -v at most.
func (w *Monitor) verbose(e sockets.Event) bool {
	switch e.Kind { //nolint:exhaustive // all others may be news
	case sockets.EventAccepted, sockets.EventConnectDelayed, sockets.EventConnected, sockets.EventConnectRetried,
		sockets.EventHandshakeDone, sockets.EventClosed, sockets.EventListening, sockets.EventBindFailed,
		sockets.EventMonitorStopped, sockets.EventLost:
		return true
	case sockets.EventDisconnected:
		return e.Detail != sockets.DetailAsked || !w.waits
	}
	return false
}

// sumUp reports what was counted.
func (w *Monitor) sumUp(sums []throttle.Sum[kindOfLine]) {
	for _, s := range sums {
		one, suffix := s.Kind.things()
		w.Say.Line(s.Kind.level, "and %s%s at %s within %v", say.Plural(s.More, "more "+one), suffix, s.Kind.endpoint, s.Within)
	}
}

// remark returns what to report of an event, if anything.
func (w *Monitor) remark(e sockets.Event) (r remark, some bool) {
	peer := e.Peer
	if peer == "" {
		peer = e.Endpoint
	}
	voice := func(level int, format string, args ...any) (remark, bool) {
		return remark{level, fmt.Sprintf(format, args...)}, true
	}
	switch e.Kind {
	case sockets.EventHandshakeAuth, sockets.EventHandshakeProtocol:
		if e.Again {
			return voice(w.once(e), "the handshake with %s failed: %v; trying again", peer, e.Err)
		}
		return voice(say.LevelErrors, "the handshake with %s failed: %v%s", peer, e.Err, cure(e.Err))
	case sockets.EventHandshakeFailed:
		// The second means that we ended before the handshake did.
		if errors.Is(e.Err, sockets.ErrLeft) || errors.Is(e.Err, net.ErrClosed) {
			return voice(say.LevelEvents, "%s: %v", peer, e.Err)
		}
		return voice(w.once(e), "the handshake with %s failed: %v", peer, e.Err)
	case sockets.EventProtocolError:
		if e.Again {
			return voice(w.once(e), "%s broke the protocol and was dropped: %v; trying again", peer, e.Err)
		}
		return voice(say.LevelErrors, "%s broke the protocol and was dropped: %v", peer, e.Err)
	case sockets.EventPeerRefused:
		return voice(say.LevelErrors, "%s was refused: %v", peer, e.Err)
	case sockets.EventStalled, sockets.EventSentAway:
		return voice(say.LevelErrors, "%s was closed: %v", peer, e.Err)
	case sockets.EventRefused:
		return voice(say.LevelErrors, "%s: %v", peer, e.Err)
	case sockets.EventAcceptFailed:
		return voice(w.once(e), "accepting on %s failed: %v", e.Endpoint, e.Err)
	case sockets.EventAccepted:
		return voice(say.LevelEvents, "%s connected to %s", peer, e.Endpoint)
	case sockets.EventConnectDelayed:
		return voice(say.LevelEvents, "connecting to %s", e.Endpoint)
	case sockets.EventConnected:
		return voice(say.LevelEvents, "connected to %s", e.Endpoint)
	case sockets.EventConnectRetried:
		return voice(say.LevelEvents, "connecting to %s again in %d ms", e.Endpoint, e.Value)
	case sockets.EventHandshakeDone:
		who := ""
		if e.User != "" {
			who = fmt.Sprintf(", the user %q", e.User)
		}
		if e.Detail == "" {
			return voice(say.LevelEvents, "%s is there", peer)
		}
		return voice(say.LevelEvents, "%s is there, a %s%s", peer, e.Detail, who)
	case sockets.EventDiscarded:
		if e.Peer == "" {
			return voice(say.LevelNotices, "a message that was sent is of no use: %v", e.Err)
		}
		return voice(say.LevelNotices, "a message from %s was discarded: %v", e.Peer, e.Err)
	case sockets.EventLetGo:
		return voice(say.LevelNotices, "the last values of %s were let go: there is no room for more (--hwm-bytes)", say.Plural(int(e.Value), "topic"))
	case sockets.EventDisconnected:
		if e.Detail == sockets.DetailAsked && w.waits {
			return voice(say.LevelNotices, "%s left%s before it replied: its reply is still waited for (--timeout limits that)", peer, because(e.Err))
		}
		return voice(say.LevelEvents, "%s left%s", peer, because(e.Err))
	case sockets.EventClosed:
		if errors.Is(e.Err, context.Canceled) {
			return voice(say.LevelEvents, "closed %s", e.Endpoint) // our own end
		}
		return voice(say.LevelEvents, "closed %s%s", e.Endpoint, strings.TrimPrefix(because(e.Err), ": "+e.Endpoint))
	case sockets.EventCommand:
		return voice(say.LevelCommands, "%s sent the command %s", peer, e.Detail)
	case sockets.EventListening, sockets.EventBindFailed, sockets.EventMonitorStopped, sockets.EventLost:
		// Reported where they are waited for, or of no use to the user.
	}
	return remark{}, false
}

// cure names the flags that help, where flags do.
func cure(err error) string {
	if errors.Is(err, sockets.ErrSameRole) {
		return " (--plain-server or --curve-server at one of them only)"
	}
	const most = 256 // bytes of an origin, which may be as long as a host's name: a stranger's may be longer
	if origin, refused := sockets.RefusedOrigin(err); refused && len(origin) <= most && sockets.CheckOrigin(origin) == nil {
		return " (--allow-origin " + shell.Quoted(origin) + " would let it in)"
	}
	return ""
}

// mostSaid bounds the failures that are remembered as reported.
const mostSaid = 1000

// once returns the level of a failure that may come again and again, as with each
// attempt to connect: a notice the first time, with -v each time. The peer is not
// part of the key, because its port differs each time.
func (w *Monitor) once(e sockets.Event) int {
	key := fmt.Sprint(e.Kind, e.Endpoint, e.Err)
	if w.said[key] {
		return say.LevelEvents
	}
	if len(w.said) < mostSaid {
		w.said[key] = true
	}
	return say.LevelNotices
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + linkError(err)
}
