package sockets

import (
	"fmt"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// mechanism is a mechanism as it is set on either side in either library.
type mechanism struct {
	serve, connect           []Option
	libzmqServes, libzmqAsks []string
}

func mechanisms(t *testing.T) map[string]mechanism {
	t.Helper()
	server, client := newKeys(t), newKeys(t)
	return map[string]mechanism{
		"NULL": {},
		"PLAIN": {
			[]Option{letsJoeIn},
			[]Option{with(PlainClient("joe", "secret"))},
			[]string{"-o", "plain_server=1", "--allow", "joe:secret"},
			[]string{"-o", "plain_username=joe", "-o", "plain_password=secret"},
		},
		"CURVE": {
			[]Option{with(CurveServer(server))},
			[]Option{with(CurveClient(server.Public, client))},
			curveFlags(server, nil), curveFlags(client, &server.Public),
		},
	}
}

// wantMismatch demands that err is a refusal that names the other's mechanism.
func wantMismatch(t *testing.T, err error, endpoint, theirs string) {
	t.Helper()
	wantRefusal(t, err, endpoint, false, fmt.Sprintf("the peer uses the security mechanism %q", theirs))
}

// C05: a libzmq that connects hangs up on another mechanism than its own. We find
// out which it uses all the same, and go on.
func TestC05MechanismsWhereLibzmqConnects(t *testing.T) {
	all := mechanisms(t)
	for ours, c := range all {
		for theirs, libzmq := range all {
			t.Run(theirs+" to "+ours, func(t *testing.T) {
				events, monitored := monitor(t)
				push := newSocket(t, Push, append([]Option{monitored}, c.serve...)...)
				endpoint := bind(t, push, anyPort)
				z := startLibzmq(t, Pull, append([]string{"--connect", endpoint}, libzmq.libzmqAsks...)...)
				if ours == theirs {
					sendParts(t, push, "hello")
					z.prints(frames.Strings("hello"))
					return
				}
				e := events.await(EventHandshakeProtocol, EventHandshakeFailed, EventHandshakeAuth, EventHandshakeDone)
				wantMismatch(t, &RefusedError{Endpoint: endpoint, Err: e.Err}, endpoint, theirs)
			})
		}
	}
}
