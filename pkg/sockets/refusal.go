package sockets

import (
	"context"
	"errors"

	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// Which failures end a connected endpoint for good, and which do not.

// refusalOf returns the error of a refusal, which is final, and nil for a
// connection that was lost.
func refusalOf(endpoint string, err error) *RefusedError {
	var failed *zmtp.HandshakeError
	if !errors.As(err, &failed) || !failed.Fatal() {
		return nil
	}
	broke := BrokeProtocol(err)
	return &RefusedError{Endpoint: endpoint, Protocol: broke, Err: err, foreign: broke || failed.Kind == zmtp.FailureDeclined}
}

// forgive reports whether err, which ended a connection, is no reason to give up:
// the endpoint does not speak ZMTP now, but did so before, or is not the only
// endpoint. Another program on a port for a moment is no refusal.
func (d *dialer) forgive(err error) bool {
	s := d.socket
	refused := refusalOf(d.text, err)
	s.mu.Lock()
	defer s.unlock()
	d.again = refused != nil && refused.foreign && (d.spoke || len(s.dialers)+len(s.listeners) > 1)
	return d.again
}

// giveUp ends the dialer of an endpoint that refused. When it was the last endpoint
// of its socket, all calls that wait on the socket are woken.
func (d *dialer) giveUp(why *RefusedError) {
	s := d.socket
	s.mu.Lock()
	defer s.unlock()
	d.forget()
	if d.leaving {
		return // nobody waits for it
	}
	if !why.Ended && s.unmet == nil && errors.Is(why.Err, ErrNotAgain) {
		s.unmet = why
	}
	s.giveUpAsLast(d, why)
}

// giveUpAsLast wakes all calls that wait on a socket without any other endpoint than one
// that is given up. The socket's lock is held.
func (s *Socket) giveUpAsLast(d *dialer, why *RefusedError) {
	if len(s.dialers) == 0 && len(s.listeners) == 0 {
		if s.refusal = why; why.Ended && s.unmet != nil {
			s.refusal = s.unmet
		}
		if why.foreign {
			s.givenUp = d
		}
		s.wakeSender()
		s.wakeReceiver()
		s.recall()
		if s.onRefusal != nil {
			s.after(s.onRefusal)
		}
	}
}

// whenRefused has f called once the last endpoint of the socket refused it, at once where
// it has done so by now.
func (s *Socket) whenRefused(f func()) {
	s.mu.Lock()
	defer s.unlock()
	if s.onRefusal = f; s.refusal != nil {
		s.after(f)
	}
}

// finally returns the refusal of the socket's last endpoint, or nil.
func (s *Socket) finally() error {
	s.mu.Lock()
	defer s.unlock()
	if s.refusal == nil {
		return nil
	}
	return s.refusal
}

// giveAnotherChance connects again to the endpoint that was given up because it was
// the only one, now that it no longer is; unless it is newcomer, which is being
// connected to anyway. The socket's lock is held.
func (s *Socket) giveAnotherChance(newcomer string) {
	d := s.givenUp
	s.givenUp = nil
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
