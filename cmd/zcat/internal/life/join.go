package life

import (
	"fmt"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/pkg/sockets"
)

// Join binds and connects a socket, in order, and returns what it was bound to. Where
// the command does that a second time, before is what it was bound to the first time,
// and is bound to again. hint makes a command line that would work of an endpoint.
func (l *Life) Join(socket *sockets.Socket, endpoints []line.Attachment, before []string, hint func(taken, endpoint string) string) (bound []string, err error) {
	for _, a := range endpoints {
		if !a.Bind {
			if err := socket.Connect(a.Endpoint); err != nil {
				return bound, fmt.Errorf("connect: %w", err)
			}
			continue
		}
		endpoint := a.Endpoint
		if n := len(bound); n < len(before) {
			endpoint = before[n]
		}
		resolved, err := socket.Bind(l.Stop, endpoint)
		if err != nil {
			if l.Stop.Err() != nil {
				return bound, outcome.ErrHalted
			}
			return bound, line.BindFailed(a.Endpoint, err, func(endpoint string) string { return hint(a.Endpoint, endpoint) })
		}
		if bound = append(bound, resolved); before == nil {
			l.Say.Announce(a.Endpoint, resolved)
		}
	}
	return bound, nil
}
