package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/board"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
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

	over     chan struct{} // closed once it is not to connect again
	strayed  atomic.Uint64 // messages that came back since nobody has the routing id
	followed atomic.Bool   // there were as many subscribers as --wait-subs asks for

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
		o.Unanswered = p.hub.asked.told.Top
		o.HoldsUp = len(h.parts) > 1
		o.Backlog = func(id []byte) bool { return h.board.OthersWait(p.name, id) }
	})
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	h.Opens(socket)
	h.Tally.Watch(socket, &p.asked.Options)
	for _, prefix := range p.asked.Subscribe {
		if err := socket.Subscribe(prefix); err != nil {
			return fmt.Errorf("%s: subscribing: %w", p.name, err)
		}
	}
	for _, group := range p.asked.Groups {
		if err := socket.Join(group); err != nil {
			return fmt.Errorf("%s: joining: %w", p.name, err)
		}
	}
	p.mu.Lock()
	p.socket = socket
	p.mu.Unlock()
	bound, err := h.Join(socket, p.asked.Endpoints, p.bound, p.elsewhere)
	if p.bound == nil {
		p.bound = bound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}

// elsewhere, for the refusal of an endpoint that is taken, is the command line of the hub with this socket bound to another endpoint in
// the place of one.
func (p *part) elsewhere(taken, endpoint string) string {
	h := p.hub
	return h.asked.whole(h.config, func(_ int, arg string) string {
		name, text, _ := strings.Cut(arg, "=")
		words, err := shell.Split(text)
		if name != p.name || err != nil {
			return arg
		}
		for i, word := range words {
			flag, value, joined := strings.Cut(word, "=")
			if !joined {
				flag, value = "", word
			} else {
				flag += "="
			}
			if sockets.Canonical(value) == sockets.Canonical(taken) {
				words[i] = flag + endpoint
			}
		}
		return name + "=" + line.Join(words)
	})
}

// now is the socket.
func (p *part) now() *sockets.Socket {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.socket
}

// reopen gives up the socket with all that is queued, which it counts, and takes a fresh
// one.
func (p *part) reopen() (left int, err error) {
	gone, cancel := context.WithCancel(p.hub.Hard)
	cancel()
	var unsent *sockets.UnsentError
	if err := p.now().CloseContext(gone); errors.As(err, &unsent) {
		left = unsent.Messages
	} else if err != nil {
		return 0, err
	}
	return left, p.open()
}

// port is the socket as the board sees it.
func (p *part) port() board.Port {
	o, kind := p.asked.Options, p.asked.Command
	has := kind.Traits()
	port := board.Port{
		Name: p.name, Least: has.LeastFrames, Most: has.MostFrames, Frames: line.FramesOf(has), Check: line.CheckFirst(has),
		Messages: o.SendHWM, Bytes: o.SendHWMBytes, Patience: p.patience(), Answers: o.Manual,
		MaxSize: o.MaxSize, MaxFrames: o.MaxFrames,
	}
	switch {
	case !kind.Sends():
	case kind.Traits().Asks:
		port.Send, port.Single = p.ask, true
	case kind.Traits().Answers:
		port.Send, port.Single = p.answer, true
	default:
		port.Send = p.send
	}
	return port
}

// send sends the messages of b. One for a peer that is not there comes back.
func (p *part) send(ctx context.Context, b *frames.Batch) error {
	if p.awaitsSubscribers() {
		want := p.asked.WaitSubs
		if err := p.now().WaitSubscribers(ctx, want.N, want.Prefix); err != nil {
			return err
		}
		p.followed.Store(true)
	}
	return p.returned(p.now().SendBatch(ctx, b), b)
}

// awaitsSubscribers reports whether nothing is sent before those of --wait-subs have come.
func (p *part) awaitsSubscribers() bool { return p.asked.WaitSubs.N > 0 && !p.followed.Load() }

// returned is an error of the socket, which has not sent the messages of b, as the board
// knows it.
func (p *part) returned(err error, b *frames.Batch) error {
	var refused *sockets.RefusedError
	switch {
	case b.Len() == 0:
	case errors.Is(err, sockets.ErrNotAgain):
		return &board.ReturnedError{Message: b.Next().Clone(), Reason: sockets.ErrNotAgain.Error(), Gone: true}
	case errors.As(err, &refused):
		return &board.ReturnedError{Message: b.Next().Clone(), Reason: refused.Error(), Gone: true}
	}
	var unroutable *sockets.UnroutableError
	if errors.As(err, &unroutable) {
		p.strayed.Add(1)
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
	return p.returned(err, b)
}

// ask sends a request, takes it off b, and waits for its reply, which the socket's reader
// passes on. At the end it does so only where more requests wait behind it: what nobody
// waits for need not come.
func (p *part) ask(ctx context.Context, b *frames.Batch) error {
	var message frames.Message
	for m := range b.Messages() {
		message = m.Clone()
		break
	}
	for try := 0; ; try++ {
		sent, err := p.trip(ctx, message)
		if ctx.Err() != nil && !sent {
			return ctx.Err()
		}
		if err != nil && errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			left, failed := p.reopen()
			if failed != nil {
				return failed
			}
			if try < p.asked.Retries {
				continue
			}
			p.hub.Tally.Lose(left) // the request, if no peer took it
			p.hub.board.NoteTimeout(p.name, message)
			err = nil
		}
		var refused *sockets.RefusedError
		if errors.Is(err, sockets.ErrNotAgain) || errors.As(err, &refused) {
			return p.returned(err, b)
		}
		b.Next()
		return err
	}
}

// gotReply tells who waits for a reply that one has come.
func (p *part) gotReply() {
	select {
	case p.answered <- struct{}{}:
	default: // too late
	}
}

// trip is one request and its reply, each step within --timeout. It reports whether the
// request was sent. While the socket is not read, since the command paused it or another socket is
// full, that time stands still: the reply may be there.
func (p *part) trip(ctx context.Context, message frames.Message) (sent bool, err error) {
	select { // of an earlier request, which was given up
	case <-p.answered:
	default:
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	late, cancel := life.Limited(ctx, p.asked.Timeout)
	defer cancel()
	if err := p.now().Send(late, message); err != nil {
		return false, err
	}
	left := p.asked.Timeout
	ending := p.hub.ending.Done()
	for {
		// At the end the gate is shut, and replies are taken all the same: readLate.
		var shut <-chan struct{}
		if open, err := p.hub.board.Await(ctx, p.name); err == nil {
			shut = open.Done()
		}
		begin := time.Now()
		late, cancel := life.Limited(ctx, left)
		select {
		case <-p.answered:
			cancel()
			return true, nil
		case <-p.over:
			return true, sockets.ErrNotAgain
		case <-late.Done():
			cancel()
			return true, late.Err()
		case <-shut:
		case <-ending:
			if !p.hub.board.Waits(p.name) {
				cancel()
				return true, nil
			}
			ending = nil
		}
		cancel()
		if p.asked.Timeout > 0 {
			left = max(lastCall, left-time.Since(begin)) // a reply that is there is still to be read
		}
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
