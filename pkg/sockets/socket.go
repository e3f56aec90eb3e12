package sockets

import (
	"context"
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/locks"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
	"github.com/zcat/zcat/pkg/sockets/internal/transport"
)

// Socket is a ZeroMQ socket, which New makes; the zero value is a closed one. Its
// methods may be called by several goroutines; sending and receiving go on at the
// same time, while two sends, or two receives, take turns. Where a method takes a
// context, nil is context.Background.
type Socket struct {
	kind    Type
	row     typeRow
	opts    Options
	pattern pattern
	hello   []byte // Options.Hello in wire form

	sending, receiving chan struct{} // hold a token: one sender, one receiver at a time
	lone               framing.Batch // of the sender: for Send
	room, arrival      chan struct{} // wake the sender and the receiver

	closed chan struct{} // closed when Close begins

	ctx    context.Context //nolint:containedctx // the life of the socket's goroutines, ended by Close
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	mu         locks.Mutex[locks.Socket]
	closing    bool
	fair       fairQueue
	discards   discards
	lease      *lease  // nil where the type has none
	direct     *direct // the same
	peers      map[*peer]struct{}
	listeners  []transport.Listener
	dialers    map[*dialer]struct{}
	unbound    map[string]struct{} // endpoints that were unbound: a peer that is in its handshake there comes too late
	connectIDs [][]byte            // of Options.ConnectIDs, those that no Connect has used
	accepted   int                 // peers of the listeners
	greeting   greeters            // connections of the listeners that are in their handshake
	places     places              // who waits for a place that one peer alone can have
	unread     int                 // bytes of memory of what gone peers left behind
	noticed    int                 // notices of peers that wait
	untold     uint64              // peers whose notices were left out
	intake     queue.Intake        // the account of what comes in
	later      []func()            // calls that unlock makes once the lock is open
	met        atomic.Uint64       // peers so far
	born       time.Time           // with seed and kept, of Options.Unanswered
	seed       maphash.Seed        // of what tells requests apart
	kept       atomic.Int64        // requests that are kept
	online     atomic.Int64        // peers whose handshake is done; changed under the lock
	refusal    *RefusedError
	unmet      *RefusedError // of the first endpoint that was given up before it was ever connected to
	look       func()        // a call for the sender to make in its wait: it looks at the peer that it waits for (stall.go)
	onRefusal  func()        // called once there is such a refusal; nil: nobody waits for one
	givenUp    *dialer       // the dialer that refusal comes from, if it may have another chance
	news       chan struct{} // closed at the next change of peers or subscriptions

	watchers watchers

	replying locks.Mutex[locks.Reply]
	replies  []byte // of one Reply, in wire form

	marks    queue.Marks     // for what comes in
	outgoing *queue.Outgoing // nil without Options.MaxMemory
	sweeping atomic.Bool     // a sweep is due
	proxied  atomic.Bool     // a proxy sends what another socket received
	diverted atomic.Bool     // by what Divert of the proxy makes of it
	ebbing   atomic.Bool     // nothing more is read: see Ebb
	passer   *passer         // sends on what a reader has brought; nil: the receiver is woken for it
	hushed   bool            // what arrives now wakes no receiver: its reader sends it on

	sent, received, dropped, lost, unmetMessages, unroutable, refused, broken, evicted atomic.Uint64
	strayed, strayedBytes                                                              atomic.Uint64 // that a proxy could not pass on, until it counts them
}

// New makes a socket of type t, with the DefaultOptions as changed by opts. It
// fails where options do not fit together, or do not fit the type.
func New(t Type, opts ...Option) (*Socket, error) {
	row := t.row()
	if row.pattern == nil {
		return nil, fmt.Errorf("%s is no socket type", t)
	}
	o := DefaultOptions()
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	if err := o.check(t); err != nil {
		return nil, err
	}
	s := &Socket{
		kind: t, row: row, opts: o, connectIDs: o.ConnectIDs,
		sending: make(chan struct{}, 1), receiving: make(chan struct{}, 1),
		room: make(chan struct{}, 1), arrival: make(chan struct{}, 1), closed: make(chan struct{}),
		peers: map[*peer]struct{}{}, dialers: map[*dialer]struct{}{},
		marks: queue.Marks{Messages: o.RecvHWM, Bytes: o.RecvHWMBytes},
	}
	if o.Unanswered {
		s.born, s.seed = time.Now(), maphash.MakeSeed()
	}
	s.opts.Immediate = o.Immediate || o.LastValueBytes > 0
	for _, m := range o.Hello {
		s.hello = framing.AppendMessage(s.hello, m)
	}
	if row.leases && !o.Presence { // who is told of all peers listens to all
		s.lease = &lease{patience: longestPatience}
	}
	if row.direct && !o.Presence && !o.Conflate {
		s.direct = &direct{}
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.limitMemory()
	s.pattern = row.pattern(s)
	return s, nil
}

// Type is the socket's type.
func (s *Socket) Type() Type { return s.kind }

// Send sends m and waits, where it must, until a queue has room for it. What stays in a
// queue is a copy: m is the caller's again when Send returns. It fails with ctx's
// error, ErrClosed, ErrState, ErrDirection, ErrMessage, *UnroutableError or
// *RefusedError, and then m was not sent.
func (s *Socket) Send(ctx context.Context, m frames.Message) error {
	if len(m) == 0 {
		return fmt.Errorf("%w: it has no frame", ErrMessage)
	}
	ctx = orBackground(ctx)
	if err := s.acquire(ctx, s.sending); err != nil {
		return err
	}
	defer release(s.sending)
	s.lone.Reset()
	if s.sendLent(ctx, m) {
		return nil
	}
	s.lone.Append(m)
	if s.lone.Size() > batchSize {
		defer func() { s.lone = framing.Batch{} }() // one large message is no reason to keep a large buffer
	}
	return s.sendBatch(ctx, &s.lone)
}

// SendBatch sends the messages of b in order, as Send does, and takes them off
// b as they are accepted. After an error b holds what was not sent, but without
// the message that an *UnroutableError or ErrMessage is about. REQ and REP take
// a batch of exactly one message. An empty batch is sent at once.
func (s *Socket) SendBatch(ctx context.Context, b *frames.Batch) error {
	if b == nil {
		return fmt.Errorf("%w: there is no batch", ErrMessage)
	}
	ctx = orBackground(ctx)
	if err := s.acquire(ctx, s.sending); err != nil {
		return err
	}
	defer release(s.sending)
	return s.sendBatch(ctx, (*framing.Batch)(b))
}

func (s *Socket) sendBatch(ctx context.Context, b *framing.Batch) error {
	if s.row.unfit != nil {
		return s.sendFitting(func(b *framing.Batch) error { return s.sendAll(ctx, b) }, b)
	}
	return s.sendAll(ctx, b)
}

func (s *Socket) sendAll(ctx context.Context, b *framing.Batch) error {
	for {
		before := b.Len()
		err := s.pattern.send(b)
		sent := before - b.Len()
		if err != nil && sent > 0 {
			sent-- // the message that failed
		}
		s.sent.Add(uint64(sent))
		if err != nil || b.Len() == 0 {
			return err
		}
		if err := s.awaitRoom(ctx); err != nil {
			return err
		}
	}
}

// awaitRoom waits until a message may be taken.
func (s *Socket) awaitRoom(ctx context.Context) error {
	for {
		s.mu.Lock()
		ready, refusal, closing, look := s.pattern.ready(), s.refusal, s.closing, s.look
		s.look = nil
		s.unlock()
		switch {
		case closing:
			return ErrClosed
		case ready:
			return nil
		case refusal != nil:
			return refusal
		case look != nil:
			look()
			continue
		}
		select {
		case <-s.room:
		case <-s.closed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Recv waits for a message, which is the caller's own. It fails with ctx's
// error, ErrClosed, ErrState, ErrDirection or *RefusedError.
func (s *Socket) Recv(ctx context.Context) (frames.Message, error) {
	ctx = orBackground(ctx)
	if err := s.acquire(ctx, s.receiving); err != nil {
		return nil, err
	}
	defer release(s.receiving)
	var b framing.Batch
	if err := s.recvBatch(ctx, &b, takes{most: 1}); err != nil {
		return nil, err
	}
	return b.Next(), nil
}

// RecvBatch waits for messages and replaces the content of b by at least one; with
// REQ and REP it is exactly one. Each comes with its source (frames.Source): the
// peer, our endpoint, the user. The content of b is the caller's until b is passed
// to RecvBatch again. It fails as Recv does, and with ErrMessage where b is nil.
func (s *Socket) RecvBatch(ctx context.Context, b *frames.Batch) error {
	if b == nil {
		return fmt.Errorf("%w: there is no batch for it", ErrMessage)
	}
	ctx = orBackground(ctx)
	if err := s.acquire(ctx, s.receiving); err != nil {
		return err
	}
	defer release(s.receiving)
	return s.recvBatch(ctx, (*framing.Batch)(b), takes{})
}

func (s *Socket) recvBatch(ctx context.Context, b *framing.Batch, t takes) error {
	for {
		done, lent, err := s.recvWaiting(b, t)
		if done {
			return err
		}
		if s.poll() || lent && s.readDirect(ctx) {
			continue
		}
		if err := s.awaitArrival(ctx); err != nil {
			return err
		}
	}
}

// recvWaiting is recvBatch, but reports where it would have to wait, and whether a
// connection is lent to read then.
func (s *Socket) recvWaiting(b *framing.Batch, t takes) (done, lent bool, err error) {
	for {
		select {
		case <-s.arrival: // what it announced so far is looked at now
		default:
		}
		b.Reset()
		s.mu.Lock()
		err, refusal, closing := error(nil), s.refusal, s.closing
		notice, again := false, false
		if !closing {
			s.fair.admit()
			notice, again, err = s.take(b, t)
		}
		if s.lease != nil && b.Len() > 0 {
			s.lease.busy(s)
		}
		if d := s.direct; d != nil && !t.inTurn {
			d.waiting = b.Len() == 0
			lent = d.peer != nil
		}
		discarded := s.discards.take()
		s.unlock()
		switch {
		case discarded != nil:
			s.discarded(discarded)
			continue
		case closing:
			return true, false, ErrClosed
		case err != nil:
			return true, false, err
		case notice:
			return true, false, nil
		case b.Len() > 0:
			s.received.Add(uint64(b.Len()))
			return true, false, nil
		case again:
			continue
		case refusal != nil:
			return true, false, refusal
		}
		return false, lent, nil
	}
}

// awaitArrival waits until there may be something to receive, or the socket is closed.
func (s *Socket) awaitArrival(ctx context.Context) error {
	select {
	case <-s.arrival:
	case <-s.closed:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// Subscribe asks the publishers for messages whose first frame begins with prefix;
// for all messages where it is empty or nil. SUB and XSUB only, else ErrDirection.
// Subscriptions are counted: each needs its own Unsubscribe (RFC 29). An XPUB with
// Options.Manual subscribes the peer whose subscription was received last; there they are
// not counted.
func (s *Socket) Subscribe(prefix []byte) error {
	return s.withInterest(func(u subscriber) { u.subscribe(prefix) })
}

// Unsubscribe undoes one Subscribe. A prefix that was not subscribed to is ignored.
func (s *Socket) Unsubscribe(prefix []byte) error {
	return s.withInterest(func(u subscriber) { u.unsubscribe(prefix) })
}

// subscriber is a pattern that subscribes.
type subscriber interface {
	subscribe(prefix []byte)
	unsubscribe(prefix []byte)
	subscribes() bool
}

func (s *Socket) withInterest(do func(subscriber)) error {
	u, ok := s.pattern.(subscriber)
	if !ok || !u.subscribes() {
		return ErrDirection
	}
	s.mu.Lock()
	defer s.unlock()
	if s.closing {
		return ErrClosed
	}
	do(u)
	return nil
}

// dead reports whether the socket was closed, or New did not make it. The socket's
// lock is held where it may be closing.
func (s *Socket) dead() bool { return s.closing || s.pattern == nil }

// orBackground returns ctx, or context.Background for nil.
func orBackground(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}

// open returns ErrClosed where the socket cannot be used any more.
func (s *Socket) open() error {
	s.mu.Lock()
	defer s.unlock()
	if s.dead() {
		return ErrClosed
	}
	return nil
}

// attach makes p a peer, whose first message is the empty one of ProbeRouter. The
// socket's lock is held.
func (s *Socket) attach(p *peer) error {
	if err := s.pattern.attach(p); err != nil {
		return err
	}
	s.peers[p] = struct{}{}
	s.recall() // it is not the only one now
	if s.row.probes && s.opts.ProbeRouter {
		p.out.Queue(framing.AppendFrame(nil, nil, false))
	}
	return nil
}

func (s *Socket) countDropped(n int) {
	if n > 0 {
		s.dropped.Add(uint64(n))
	}
}

func (s *Socket) wakeSender()   { wake(s.room) }
func (s *Socket) wakeReceiver() { wake(s.arrival) }

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// acquire waits for a turn to send or to receive. Close never gives the sender's
// turn back.
func (s *Socket) acquire(ctx context.Context, lock chan struct{}) error {
	if lock == nil {
		return ErrClosed // New did not make the socket
	}
	select {
	case <-s.closed:
		return ErrClosed
	default:
	}
	select {
	case lock <- struct{}{}: // what can be done at once is done, even if ctx is done too
		return nil
	default:
	}
	select {
	case lock <- struct{}{}:
		return nil
	case <-s.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func release(lock chan struct{}) { <-lock }
