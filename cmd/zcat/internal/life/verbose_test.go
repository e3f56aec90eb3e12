package life

import (
	"errors"
	"io"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/sockets"
)

// An event that nobody is told of wakes nobody, and no other is passed over.
func TestOnlyVerboseEventsArePassedOver(t *testing.T) {
	kinds := []sockets.EventKind{
		sockets.EventListening, sockets.EventBindFailed, sockets.EventAccepted, sockets.EventAcceptFailed,
		sockets.EventConnected, sockets.EventConnectDelayed, sockets.EventConnectRetried,
		sockets.EventHandshakeDone, sockets.EventHandshakeFailed, sockets.EventHandshakeProtocol,
		sockets.EventHandshakeAuth, sockets.EventDisconnected, sockets.EventClosed,
		sockets.EventMonitorStopped, sockets.EventProtocolError, sockets.EventPeerRefused,
		sockets.EventSentAway, sockets.EventRefused, sockets.EventStalled, sockets.EventCommand,
		sockets.EventDiscarded, sockets.EventLetGo, sockets.EventLost,
	}
	for _, waits := range []bool{false, true} {
		for _, kind := range kinds {
			for _, detail := range []string{"", sockets.DetailAsked} {
				w, err := NewMonitor(watch{waits: waits}, &say.Speech{W: io.Discard}, func() {})
				if err != nil {
					t.Fatal(err)
				}
				e := sockets.Event{Kind: kind, Endpoint: "tcp://127.0.0.1:1", Detail: detail, Err: errors.New("broken")}
				r, some := w.remark(e)
				told := some && r.level < say.LevelEvents
				if told && w.verbose(e) {
					t.Errorf("%v, %q: %q is not reported", kind, detail, r.text)
				}
				w.See(e)
				w.Mu.Lock()
				working := w.working
				w.Mu.Unlock()
				if told != working && kind != sockets.EventCommand && some {
					t.Errorf("%v, %q: reported %v, but work on it %v", kind, detail, told, working)
				}
				w.Close(t.Context())
			}
		}
	}
}
