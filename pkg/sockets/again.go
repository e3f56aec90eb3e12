package sockets

import (
	"context"
	"errors"

	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// What ends a connected endpoint for good, and what does not.

// refusalOf tells a refusal, which is final, from a link that was lost.
func refusalOf(endpoint string, err error) *RefusedError {
	var failed *zmtp.HandshakeError
	if !errors.As(err, &failed) || !failed.Fatal() {
		return nil
	}
	return &RefusedError{Endpoint: endpoint, Protocol: failed.Kind == zmtp.FailureProtocol, Err: err}
}

// forgive reports whether err, the end of a connection, is no reason to give up:
// what does not speak ZMTP now did so before, or is not all that there is. Another
// program on a port for a moment is no refusal.
func (d *dialer) forgive(err error) bool {
	s := d.socket
	refused := refusalOf(d.text, err)
	s.mu.Lock()
	defer s.unlock()
	d.again = refused != nil && refused.Protocol && (d.spoke || len(s.dialers)+len(s.listeners) > 1)
	return d.again
}

// giveUp ends the dialer of an endpoint that refused. When it was the last hope
// of its socket, whoever waits on the socket is told.
func (d *dialer) giveUp(why *RefusedError) {
	s := d.socket
	s.mu.Lock()
	defer s.unlock()
	d.forget()
	if d.leaving {
		return // nobody waits for it
	}
	if len(s.dialers) == 0 && len(s.listeners) == 0 {
		s.refusal = why
		if why.Protocol {
			s.forsaken = d
		}
		s.wakeSender()
		s.wakeReceiver()
	}
}

// giveAnotherChance connects again to the endpoint that was given up because it
// was the only one, which it is no longer; other than to newcomer, which is being
// connected to. The socket's lock is held.
func (s *Socket) giveAnotherChance(newcomer string) {
	d := s.forsaken
	s.forsaken = nil
	if d == nil || d.text == newcomer || s.closing {
		return
	}
	s.refusal = nil
	if !s.opts.Immediate && d.attach() != nil {
		return
	}
	d.ctx, d.cancel = context.WithCancel(s.ctx)
	s.dialers[d] = struct{}{}
	s.tasks.Go(d.run)
}
