package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/board"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// part is a socket of a hub.
type part struct {
	hub     *hub
	name    string
	asked   *line.Config
	granted *access.Access
	bound   []string

	mu       sync.Mutex
	socket   *sockets.Socket // replaced where a REQ asks again
	answered chan struct{}   // of a REQ: told once the reply to its request has come
}

// open makes the socket and attaches it. Done a second time, it binds to the very
// endpoints of the first.
func (p *part) open() error {
	h := p.hub
	socket, err := sockets.New(p.asked.Command.Kind, func(o *sockets.Options) {
		*o = p.asked.Options
		if p.patience() > 0 {
			o.StallTimeout = 0 // the message comes back, and the peer stays
		}
		p.granted.Secure(o, true)
		o.Monitor = h.monitor.See
		o.Presence = true
		o.Backlog = func(id []byte) bool { return h.board.OthersWait(p.name, id) }
	})
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	h.Opens(socket)
	h.Tally.Watch(socket)
	for _, prefix := range p.asked.Subscribe {
		if err := socket.Subscribe(prefix); err != nil {
			return fmt.Errorf("%s: subscribing: %w", p.name, err)
		}
	}
	p.mu.Lock()
	p.socket = socket
	p.mu.Unlock()
	bound, err := h.Join(socket, p.asked.Endpoints, p.bound, func(endpoint string) string {
		return fmt.Sprintf("%s hub %s='%s --bind %s' --filter cat", p.asked.Command.Program, p.name, p.asked.Command.Name, endpoint)
	})
	if p.bound == nil {
		p.bound = bound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}

// now is the socket.
func (p *part) now() *sockets.Socket {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.socket
}

// reopen gives up the socket with all that is queued, and takes a fresh one.
func (p *part) reopen() error {
	gone, cancel := context.WithCancel(p.hub.Hard)
	cancel()
	var unsent *sockets.UnsentError
	if err := p.now().CloseContext(gone); err != nil && !errors.As(err, &unsent) {
		return err
	}
	return p.open()
}

// port is the socket as the board sees it.
func (p *part) port() board.Port {
	o, kind := p.asked.Options, p.asked.Command
	port := board.Port{Name: p.name, Addressed: kind.Traits.Addressed, Messages: o.SendHWM, Bytes: o.SendHWMBytes, Patience: p.patience()}
	switch {
	case !kind.Sends():
	case kind.Traits.Asks:
		port.Send, port.Single = p.ask, true
	case kind.Traits.Answers:
		port.Send, port.Single = p.answer, true
	default:
		port.Send = p.send
	}
	return port
}

// send sends the messages of b. One for a peer that is not there comes back.
func (p *part) send(ctx context.Context, b *frames.Batch) error {
	return returned(p.now().SendBatch(ctx, b))
}

// returned is an error of the socket as the board knows it.
func returned(err error) error {
	var unroutable *sockets.UnroutableError
	if errors.As(err, &unroutable) {
		return &board.ReturnedError{Message: unroutable.Message, Reason: unroutable.Error(), Gone: true}
	}
	return err
}

// answer sends a reply to the request in hand.
func (p *part) answer(ctx context.Context, b *frames.Batch) error {
	err := p.now().SendBatch(ctx, b)
	if errors.Is(err, sockets.ErrState) {
		return &board.ReturnedError{Message: b.Next().Clone(), Reason: "no request is in hand"}
	}
	return returned(err)
}

// ask sends a request and waits for its reply, which the socket's reader passes on.
func (p *part) ask(ctx context.Context, b *frames.Batch) error {
	h, c := p.hub, p.asked
	message := b.Next().Clone()
	for try := 0; ; try++ {
		late, cancel := life.Limited(h.asking, c.Timeout)
		err := p.trip(ctx, late, message)
		cancel()
		switch {
		case err == nil:
			return nil
		case h.asking.Err() != nil || ctx.Err() != nil:
			return nil // nobody would hear the reply
		case !errors.Is(err, context.DeadlineExceeded):
			return err
		}
		if err := p.reopen(); err != nil {
			return err
		}
		if try == c.Retries {
			h.board.NoteEvent("timeout", p.name)
			return nil
		}
	}
}

// trip is one request and its reply.
func (p *part) trip(ctx, late context.Context, message frames.Message) error {
	select { // of an earlier request, which was given up
	case <-p.answered:
	default:
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := p.now().Send(late, message); err != nil {
		return err
	}
	select {
	case <-p.answered:
		return nil
	case <-late.Done():
		return late.Err()
	}
}

// patience returns the time that a message waits for room: --option sndtimeo, where it is given.
func (p *part) patience() time.Duration {
	for _, text := range slices.Backward(p.asked.Given("option")) {
		name, _, _ := strings.Cut(strings.ToLower(text), "=")
		if strings.TrimPrefix(name, "zmq_") == "sndtimeo" {
			return p.asked.Options.StallTimeout
		}
	}
	return 0
}
