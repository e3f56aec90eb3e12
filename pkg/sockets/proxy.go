package sockets

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/locks"
)

// Side is one side of a proxy.
type Side uint8

// The two sides of a proxy.
const (
	Front Side = iota
	Back
)

// String is "front" or "back".
func (s Side) String() string {
	switch s {
	case Front:
		return "front"
	case Back:
		return "back"
	}
	return fmt.Sprintf("Side(%d)", uint8(s))
}

// Proxy joins two sockets: what one receives the other sends, in both directions,
// whole messages unchanged and in order. A side is read only while the other has
// room, so that nothing is lost where the sockets lose nothing. Usual pairs of
// front and back are ROUTER and DEALER (a queue), XSUB and XPUB (a forwarder;
// subscriptions travel back as messages), PULL and PUSH (a streamer). No more
// messages are taken from a peer of a ROUTER that does not read its replies, as
// with Options.NoDrop.
type Proxy struct {
	sides   [2]*Socket
	capture []func(from Side, b *frames.Batch)
	divert  func(ctx context.Context, from Side, b *frames.Batch) error
	flows   [2]oneWay // by the side that messages come from

	mu      locks.Mutex[locks.Proxy]
	ctx     context.Context //nolint:containedctx // of Run: pausing and resuming end and renew a part of it
	end     context.CancelFunc
	flowing context.Context //nolint:containedctx // done while the proxy is paused
	stop    context.CancelFunc
	resumed chan struct{} // closed unless paused
}

// oneWay is one direction: whose turn it is to send on, and the counts of messages.
type oneWay struct {
	turn  chan struct{} // holds a token: either the pump or a reader sends on
	batch framing.Batch // what is to be sent on, of who has the turn
	left  bool          // a reader left some of it to the pump

	received, receivedBytes atomic.Uint64
	sent, sentBytes         atomic.Uint64
	unfit                   atomic.Uint64 // the other side's type cannot send them
}

// SideStats counts what a proxy received from and sent to one side: whole
// messages, and the bytes of their frames.
type SideStats struct {
	Received, ReceivedBytes uint64
	Sent, SentBytes         uint64
	Dropped                 uint64 // for peers too slow or gone, which may count as sent, or unknown, which do not
	Discarded               uint64 // received or sent: reported as EventDiscarded
	Refused, Broken         uint64 // connections and peers, as in Stats
	Peers                   int    // connected now
	Waiting                 int    // messages that arrived and were not received yet
	Queued                  int    // messages for peers, not yet taken by the kernel
}

// ProxyOptions are the settings of a proxy. The zero value only forwards.
type ProxyOptions struct {
	// Capture functions are called with every batch that is forwarded, before it is
	// sent on, from one goroutine a side. They must not block, nor keep or change b.
	// CaptureTo makes one.
	Capture []func(from Side, b *frames.Batch)
	// Divert, if given, is handed what comes from a side in the place of the other side:
	// it takes all of b, or fails, which ends the proxy. It is called from one goroutine a
	// side, which reads nothing more meanwhile. ctx ends with the drain of Run. What it
	// has for a side it gives to Pass. With Options.Presence the notices come to it, too.
	Divert func(ctx context.Context, from Side, b *frames.Batch) error
	// Backlog is that of Options for each side, beside what waits in the other.
	Backlog func(to Side, routingID []byte) bool
}

// NewProxy makes a proxy of two sockets, which the caller has to close. It fails
// with ErrDirection where no message can go in either direction, as between two
// PUSH, and with ErrClosed where a socket is nil or was not made by New.
func NewProxy(front, back *Socket, o ProxyOptions) (*Proxy, error) {
	for _, s := range []*Socket{front, back} {
		if s == nil || s.pattern == nil {
			return nil, ErrClosed
		}
	}
	p := &Proxy{sides: [2]*Socket{front, back}, divert: o.Divert, resumed: make(chan struct{})}
	if !p.pumps(Front) && !p.pumps(Back) {
		return nil, fmt.Errorf("%w: what a %v receives a %v cannot send, nor the reverse", ErrDirection, front.kind, back.kind)
	}
	for _, capture := range o.Capture {
		if capture != nil {
			p.capture = append(p.capture, capture)
		}
	}
	front.joinTo(back)
	back.joinTo(front)
	if o.Backlog != nil {
		front.alsoWaits(func(id []byte) bool { return o.Backlog(Front, id) })
		back.alsoWaits(func(id []byte) bool { return o.Backlog(Back, id) })
	}
	front.proxied.Store(true)
	back.proxied.Store(true)
	front.diverted.Store(o.Divert != nil)
	back.diverted.Store(o.Divert != nil)
	close(p.resumed)
	for side := range p.flows {
		p.flows[side].turn = make(chan struct{}, 1)
	}
	p.ctx, p.end = context.WithCancel(context.Background())
	p.flowing, p.stop = context.WithCancel(p.ctx)
	front.whenRefused(p.Terminate) // a side without peers for ever would go unnoticed behind one that has none yet
	back.whenRefused(p.Terminate)
	return p, nil
}

// CaptureTo returns a capture function that sends a copy of everything on s, a PUB,
// PUSH, DEALER or PAIR. What s cannot send, or not at once, is not captured: it counts as
// dropped by s (Stats). The function serves any number of goroutines, and treats
// both sides alike.
func CaptureTo(s *Socket) func(from Side, b *frames.Batch) {
	var copies sync.Pool // each with the buffer that it had the last time
	return func(_ Side, b *frames.Batch) {
		if s == nil || b == nil {
			return
		}
		c, ok := copies.Get().(*framing.Batch)
		if !ok {
			c = &framing.Batch{}
		}
		c.AppendWire((*framing.Batch)(b).Wire(), b.Len())
		s.offer(c)
		c.Reset() // also where s is closed
		copies.Put(c)
	}
}

// Run forwards messages until ctx is done, Terminate is called or a socket
// fails. At the end it takes nothing more from peers and forwards what the sockets
// have received by then, until drain is done. It returns *UnsentError with the
// number of messages that it could not forward, else nil unless a socket failed. A
// proxy runs once.
func (p *Proxy) Run(ctx, drain context.Context) error {
	if p.ctx == nil {
		return ErrClosed
	}
	ctx, drain = orBackground(ctx), orBackground(drain)
	defer context.AfterFunc(ctx, p.Terminate)()
	sides := []Side{Front, Back}
	if p.sides[Front] == p.sides[Back] {
		sides = sides[:1]
	}
	var pumps sync.WaitGroup
	failures := make([]error, len(sides))
	for i, side := range sides {
		if p.pumps(side) {
			pumps.Go(func() {
				defer p.Terminate() // one direction alone is no proxy
				failures[i] = p.pump(drain, side)
			})
		}
	}
	defer context.AfterFunc(p.ctx, func() {
		for _, side := range sides {
			if p.pumps(side) {
				p.sides[side].Ebb() // also while a received batch waits to be sent on
			}
		}
	})()
	pumps.Wait()
	if whole := errors.Join(failures...); whole == nil || !errors.As(whole, new(*RefusedError)) {
		for _, side := range sides {
			if why := p.sides[side].finally(); why != nil {
				failures = append(failures, why)
				break
			}
		}
	}
	left := 0
	for i, err := range failures {
		var unsent *UnsentError
		if errors.As(err, &unsent) {
			left += unsent.Messages
			failures[i] = nil
		}
	}
	if left > 0 {
		failures = append(failures, &UnsentError{Messages: left})
	}
	return errors.Join(failures...)
}

// pumps reports whether messages of a side are sent on.
func (p *Proxy) pumps(side Side) bool {
	return p.sides[side].row.receives && p.sides[1-side].row.sends
}

// Terminate ends Run.
func (p *Proxy) Terminate() {
	if p.end != nil {
		p.end()
	}
}

// Ended is closed when the end has begun: by Terminate, by the context of Run, or
// because a socket failed. A time limit for the drain begins then.
func (p *Proxy) Ended() <-chan struct{} {
	if p.ctx == nil {
		over := make(chan struct{})
		close(over)
		return over
	}
	return p.ctx.Done()
}

// Pause stops reading from either side; peers queue up to their high-water
// marks. What was read before is still sent on.
func (p *Proxy) Pause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.flowing != nil && p.flowing.Err() == nil {
		p.resumed = make(chan struct{})
		p.stop()
	}
}

// Resume ends what Pause began.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.flowing != nil && p.flowing.Err() != nil && p.ctx.Err() == nil {
		p.flowing, p.stop = context.WithCancel(p.ctx)
		close(p.resumed)
	}
}

// joiner is a pattern that changes how it sends when a proxy joins it to another
// socket.
type joiner interface {
	// joined is called once for a socket that sends what other receives. The socket's lock is held.
	joined(other *Socket)
}

// joinTo makes s lose nothing that comes from another socket.
func (s *Socket) joinTo(other *Socket) {
	if j, ok := s.pattern.(joiner); ok {
		s.mu.Lock()
		defer s.unlock()
		j.joined(other)
	}
}

// alsoWaits adds a function to Options.Backlog.
func (s *Socket) alsoWaits(others func(routingID []byte) bool) {
	s.mu.Lock()
	defer s.unlock()
	known := s.opts.Backlog
	s.opts.Backlog = func(id []byte) bool { return known != nil && known(id) || others(id) }
}

// Stats returns the counts so far, as the front and the back saw them.
func (p *Proxy) Stats() (front, back SideStats) {
	if p.ctx == nil {
		return SideStats{}, SideStats{}
	}
	read := func(side Side) SideStats {
		in, out, socket := &p.flows[side], &p.flows[1-side], p.sides[side].Stats()
		return SideStats{
			Received: in.received.Load(), ReceivedBytes: in.receivedBytes.Load(),
			Sent: out.sent.Load(), SentBytes: out.sentBytes.Load(),
			Dropped:   socket.Dropped + socket.Lost + socket.Unroutable + out.unfit.Load(),
			Discarded: socket.Discarded, Refused: socket.Refused, Broken: socket.Broken,
			Peers: socket.Peers, Waiting: p.sides[side].waiting(), Queued: socket.Queued,
		}
	}
	return read(Front), read(Back)
}

// pump forwards what comes from one side, but for what its readers send on themselves.
func (p *Proxy) pump(drain context.Context, side Side) error {
	f := &p.flows[side]
	f.turn <- struct{}{}
	defer release(f.turn)
	defer p.readersPassOn(side)()
	b := &f.batch
	for {
		err := p.receive(side, b)
		switch {
		case err != nil:
		case f.left:
			f.left = false
			err = p.pass(drain, side, b, b.Payload())
		default:
			err = p.forward(drain, side, b)
		}
		switch {
		case p.ctx.Err() != nil:
			return p.drain(drain, side, b)
		case errors.Is(err, ErrClosed):
			return nil
		case err != nil:
			return err
		}
	}
}

// receive takes the next messages of a side, once the proxy is not paused and
// the other side has room for them.
func (p *Proxy) receive(side Side, b *framing.Batch) error {
	for {
		p.mu.Lock()
		flowing, resumed := p.flowing, p.resumed
		p.mu.Unlock()
		select {
		case <-resumed:
		case <-p.ctx.Done():
			return p.ctx.Err()
		}
		var err error
		if p.divert == nil { // else it is not known where a message goes
			err = p.sides[1-side].waitRoom(flowing)
		}
		if err == nil && flowing.Err() == nil {
			err = p.sides[side].recvInTurn(flowing, b, &p.flows[side])
		}
		if flowing.Err() == nil || err == nil || p.ctx.Err() != nil || !errors.Is(err, flowing.Err()) {
			return err
		}
	}
}

// forward captures a batch and sends it on.
func (p *Proxy) forward(ctx context.Context, side Side, b *framing.Batch) error {
	if source := b.Source(); source != nil && source.Notice != 0 {
		if p.divert == nil {
			return nil
		}
		return p.divert(ctx, side, (*frames.Batch)(b))
	}
	f, size := &p.flows[side], b.Payload()
	f.received.Add(uint64(b.Len()))
	f.receivedBytes.Add(uint64(size))
	for _, capture := range p.capture {
		capture(side, (*frames.Batch)(b))
	}
	if p.divert != nil {
		return p.divert(ctx, side, (*frames.Batch)(b))
	}
	return p.pass(ctx, side, b, size)
}

// Pass sends messages to a side, and counts them as what was sent on. It fails as
// SendBatch does, and takes what it sent off b: for a routing id that no peer has, only
// with Options.Mandatory. A message that the other side cannot send counts as dropped; with
// Divert it fails with *UnfitError, which has it.
func (p *Proxy) Pass(ctx context.Context, to Side, b *frames.Batch) error {
	if p.ctx == nil || to > Back {
		return ErrClosed
	}
	if b == nil {
		return ErrMessage
	}
	size := b.Payload()
	for {
		err := p.passSome(orBackground(ctx), 1-to, (*framing.Batch)(b), &size)
		var unfit *UnfitError
		if !errors.Is(err, ErrMessage) || errors.As(err, &unfit) {
			return err
		}
	}
}

// pass sends a batch on, whose frames are size bytes. A peer decides what a message looks like, so that one
// which the other side cannot send, such as a reply without a routing id, is
// dropped and counted: it must not end the proxy for all.
func (p *Proxy) pass(ctx context.Context, side Side, b *framing.Batch, size int) error {
	for b.Len() > 0 {
		err := p.passSome(ctx, side, b, &size)
		var unroutable *UnroutableError
		switch {
		case errors.Is(err, ErrMessage), errors.As(err, &unroutable): // it is counted
		case err != nil:
			return err
		}
	}
	return nil
}

// passSome is pass up to the first message that cannot be sent. It leaves in size what
// the rest is, since to count that takes a while.
func (p *Proxy) passSome(ctx context.Context, side Side, b *framing.Batch, size *int) error {
	f := &p.flows[side]
	count, before := b.Len(), *size
	to := p.sides[1-side]
	err := to.SendBatch(ctx, (*frames.Batch)(b))
	strayed, bytes := to.strayed.Swap(0), to.strayedBytes.Swap(0) // we alone send there
	f.sent.Add(uint64(count-b.Len()) - strayed)
	*size = b.Payload()
	f.sentBytes.Add(uint64(before-*size) - bytes)
	if errors.Is(err, ErrMessage) {
		f.unfit.Add(1)
	}
	return err
}

// drain forwards what had been received when the proxy was told to end, and takes
// nothing new: it stays with the peers.
func (p *Proxy) drain(ctx context.Context, side Side, b *framing.Batch) error {
	from := p.sides[side]
	from.Ebb()
	err := p.pass(ctx, side, b, b.Payload())
	for err == nil && from.tryRecv(b) {
		err = p.forward(ctx, side, b)
	}
	left := b.Len()
	if !from.row.Publishes { // unforwarded subscriptions are no loss
		left += from.waiting()
	}
	if left > 0 {
		return &UnsentError{Messages: left}
	}
	return nil
}
