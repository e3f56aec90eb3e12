// Package zmtp implements one connection in ZMTP 3.1 (RFC 37), or 2.0 (RFC 15) with a
// peer that knows no more: its handshake, which zmq4 does behind a guard, its frames and commands, and its heartbeat. It knows
// neither sockets nor queues: a Conn gives its owner slabs of whole messages, and
// writes wire form for its owner.
package zmtp

import (
	"errors"
	"math"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/locks"
	"github.com/zcat/zcat/pkg/sockets/internal/transport"
)

// Limits bound what a peer can make this side hold. 0 sets no limit.
type Limits struct {
	MaxSize int // bytes in the frames of one message
	// Enveloped says that what stands in front of a message, up to and with its first
	// empty frame, does not count to MaxSize, as far as it has no more than maxEnvelope
	// bytes: brokers that the message passed wrote it, and not its sender.
	Enveloped bool
	MaxFrames int // frames in one message
	MaxPrefix int // bytes in a subscription that comes as a command
}

// Heartbeat sets how this side probes a silent peer (RFC 37, "Heartbeating").
type Heartbeat struct {
	Interval time.Duration // between two PINGs; 0: none are sent
	Timeout  time.Duration // from a PING to the end of a peer that stays silent
	TTL      time.Duration // sent to the peer in the PING, in steps of 100 ms
}

// Conn is one ZMTP connection after its handshake. One goroutine may read and
// one may write at a time; Close may be called by any.
type Conn struct {
	Peer Peer

	nc        net.Conn
	limits    Limits
	publisher bool              // SUBSCRIBE and CANCEL mean something, or JOIN and LEAVE
	groups    bool              // it is JOIN and LEAVE
	control   func(wire []byte) // queues a command for the peer, in wire form
	commanded func(name string) // called with the name of each command received

	try    func([]byte) (int, error) // does not wait
	filled bool                      // by the last read, all that it had room in
	traits transport.Traits

	upgraded transport.Upgraded // set for a connection that began as another protocol; else nil

	local    transport.Counter // set within the process and in clear; else nil
	allowing bool              // its peer writes no more messages than Taken allows

	goodbye atomic.Bool   // CloseWrite was called
	broken  chan struct{} // closed once nothing more is written
	breaks  sync.Once

	reader  *transport.Reader
	in      input
	grow    func(size int, wait bool) (may bool, err error)
	yields  yields        // of the receiver that polls
	granted int           // bytes of memory for a message that is not whole
	get     func() []byte // of in: made once, new ones for each read would be allocations
	put     func([]byte)

	received, sent atomic.Int64 // bytes

	raw    *rawWriter // of a connection without ZMTP; else nil
	sealer *sealer    // of CURVE, nil in clear
	opener *opener

	beat beat
}

// Setup is what a Conn needs besides its connection.
type Setup struct {
	Raw       bool // the connection carries bytes, and no ZMTP
	Publisher bool
	Groups    bool // subscriptions are to groups (RFC 48): JOIN and LEAVE
	Limits    Limits
	Heartbeat Heartbeat
	Control   func(wire []byte) // queues a command for the peer; it must not block
	Commanded func(name string) // may be nil
	// Grow is called before a message that is not whole takes size bytes of memory
	// in all, if that is more than a little. With wait it waits until it can grant
	// them, else it may refuse. An error ends the connection. Nil grants
	// everything.
	Grow func(size int, wait bool) (may bool, err error)
}

// NewConn takes over nc after the handshake that returned p; rest is what arrived
// after the handshake.
func NewConn(nc net.Conn, p Peer, rest []byte, s Setup) *Conn {
	c := &Conn{
		Peer: p, nc: nc, limits: s.Limits, publisher: s.Publisher, groups: s.Groups,
		control: s.Control, commanded: s.Commanded,
		traits: transport.TraitsOf(nc), broken: make(chan struct{}),
		reader: transport.NewReader(nc), grow: s.Grow,
	}
	c.try = c.counting(transport.TryWrite(nc))
	if up, ok := nc.(transport.Upgraded); ok {
		c.upgraded = up
		up.Open(largestFrame(s.Limits.MaxSize, p.secrets != nil), c.growBelow)
	}
	switch {
	case s.Raw:
		c.raw, c.get, c.put = &rawWriter{}, c.getRaw, c.putRaw
	case p.secrets != nil:
		c.seal(p.secrets, rest)
	default:
		if counter, ok := nc.(transport.Counter); ok {
			c.local = counter
			counter.Count()
		}
		c.get, c.put = c.in.get, c.in.put
		c.in.begin(rest)
	}
	if c.publisher {
		c.get = bites(c.get)
	}
	if p.old() || s.Raw {
		s.Heartbeat = Heartbeat{} // it knows no PING
	}
	c.beat.begin(c, s.Heartbeat)
	return c
}

// largestFrame is the size of the largest frame below CURVE, if that is there; 0 is no limit.
func largestFrame(maxSize int, sealed bool) int {
	if maxSize == 0 || !sealed {
		return maxSize
	}
	return min(maxSize, math.MaxInt-sealedSize) + sealedSize
}

// counting makes write also count what goes out.
func (c *Conn) counting(write func([]byte) (int, error)) func([]byte) (int, error) {
	return func(wire []byte) (int, error) {
		if c.local == nil {
			locks.Free("the kernel is written to")
		}
		n, err := write(wire)
		c.sent.Add(int64(n))
		return n, err
	}
}

// TryWrite writes as much of wire as the kernel takes without waiting.
func (c *Conn) TryWrite(wire []byte) (n int, err error) { return c.writeWith(wire, c.try) }

// writeWith passes wire to write, piece by piece, until write takes less than a
// whole piece.
func (c *Conn) writeWith(wire []byte, write func([]byte) (int, error)) (n int, err error) {
	if c.sealer != nil {
		return c.sealer.write(wire, c.traits.MaxWrite, write)
	}
	if c.raw != nil {
		return c.raw.write(wire, c.traits.MaxWrite, write)
	}
	return writeParts(wire, c.traits.MaxWrite, write)
}

// shortRest is the size, in bytes, up to which the rest of a write goes out with the piece
// before it. By itself it is a call, a packet and a wake-up more: 65,520 bytes as a write of
// 65,483 and one of 37 cost both kernels a third more than as one (to 100 tcp connections).
const shortRest = 4 << 10

// writeParts is writeWith in pieces of size bytes.
func writeParts(wire []byte, size int, write func([]byte) (int, error)) (n int, err error) {
	for n < len(wire) {
		part := wire[n:]
		if len(part) > size+shortRest {
			part = part[:size]
		}
		k, err := write(part)
		n += k
		if err != nil || k < len(part) {
			return n, err
		}
	}
	return n, nil
}

// WriteSteps calls step until it reports that it is done, and waits before each
// further call until the kernel may have room. write is TryWrite, so that step
// knows at each moment what has left. It must not run beside TryWrite.
func (c *Conn) WriteSteps(step func(write func(wire []byte) (int, error)) (done bool)) error {
	if c.sealer != nil {
		c.sealer.kept = true
		defer func() {
			c.sealer.kept = false
			c.sealer.takeBack()
		}()
	}
	return transport.WriteSteps(c.nc, func(write func([]byte) (int, error)) bool {
		counted := c.counting(write)
		return step(func(wire []byte) (int, error) { return c.writeWith(wire, counted) })
	})
}

// Lends reports whether WriteWithin works: on connections of the kernel in clear.
func (c *Conn) Lends() bool {
	return c.local == nil && c.upgraded == nil && c.raw == nil && c.sealer == nil && c.reader.CanTry()
}

// WriteWithin is WriteSteps for a long message that waits no longer than limit in all. It
// reports whether step did that it is done.
func (c *Conn) WriteWithin(limit time.Duration, step func(write func(wire []byte) (int, error)) (done bool)) (done bool, err error) {
	if err := c.nc.SetWriteDeadline(time.Now().Add(limit)); err != nil {
		return false, err
	}
	err = transport.WriteSteps(c.nc, func(write func([]byte) (int, error)) bool {
		counted := c.counting(write)
		done = step(func(wire []byte) (int, error) { return writeParts(wire, c.traits.LongWrite, counted) })
		return done
	})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil
	}
	return done, errors.Join(err, c.nc.SetWriteDeadline(time.Time{}))
}

// Local reports whether the peer is in this process: no kernel holds what was
// written, which has left once the peer may look at it.
func (c *Conn) Local() bool { return c.local != nil }

// Allow lets a peer in this process write most messages, 0 for any number, beyond
// those that Taken reports. held is the number of them that are there already.
// Other peers are held up by the kernel's buffers.
func (c *Conn) Allow(most, held int) {
	if c.allowing = c.local != nil && most > 0; c.local != nil {
		c.local.Allow(most, held)
	}
}

// Taken notes that the application took n messages.
func (c *Conn) Taken(n int) {
	if c.allowing {
		c.local.Taken(n)
	}
}

// Rethink says that step's next write is not the rest of its last one: frames of
// that one that are sealed and have not begun to leave are sealed anew later.
func (c *Conn) Rethink() {
	if c.sealer != nil {
		c.sealer.takeBack()
	}
}

// EndWriting notes that a write has failed: nothing more is written, and the peer
// learns of that. What it sent before can still be read, to its end.
func (c *Conn) EndWriting() {
	c.breaks.Do(func() {
		close(c.broken)
		c.CloseWrite()
	})
}

// Broken returns a channel that is closed by EndWriting.
func (c *Conn) Broken() <-chan struct{} { return c.broken }

// HungUp reports whether the peer is known to have hung up, whatever of what it sent
// is unread, or the connection is closed. Other systems than Linux do not tell.
func (c *Conn) HungUp() bool { return transport.HungUp(c.nc) }

// AwaitEnd waits until the peer has hung up, whatever of what it sent is unread
// and without reading it, and returns nil; or an error once Interrupt is called,
// the connection is closed, or at once where the system does not tell.
func (c *Conn) AwaitEnd() error { return c.reader.AwaitEnd() }

// Interrupt ends an AwaitEnd. Reads fail until Listen is called.
func (c *Conn) Interrupt() { _ = c.nc.SetReadDeadline(time.Unix(1, 0)) }

// Listen lets reads work again after Interrupt.
func (c *Conn) Listen() { _ = c.nc.SetReadDeadline(time.Time{}) }

// CloseWrite tells the peer that nothing more will come; reading goes on.
func (c *Conn) CloseWrite() {
	if half, ok := c.nc.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // a connection that is gone already needs no goodbye
		c.goodbye.Store(true)
	}
}

// Delivered reports whether the connection can be closed without a loss: on tcp
// once the peer's kernel has everything that was written, on ipc once the peer has
// read it. Where the system does not tell, it is never true.
func (c *Conn) Delivered() bool {
	if !c.traits.Queues {
		return true
	}
	most := 0
	if c.goodbye.Load() {
		most = 1 // tcp counts the end of the stream as a byte, which nobody needs to have
	}
	left, known := transport.OutQueue(c.nc)
	return known && left <= most
}

// Abrupt reports whether closing the connection may cost the peer what it has
// not read.
func (c *Conn) Abrupt() bool { return c.traits.Abrupt }

// Received returns the number of bytes that came after the handshake.
func (c *Conn) Received() int64 { return c.received.Load() }

// Sent returns the number of bytes that went out after the handshake.
func (c *Conn) Sent() int64 { return c.sent.Load() }

// blame has the goodbye say what ends the connection, if the peer is to blame.
func (c *Conn) blame(err error) {
	var failed *HandshakeError
	switch {
	case c.upgraded == nil || !errors.As(err, &failed) || failed.Kind != FailureProtocol:
	case failed.tooBig:
		c.upgraded.Blame(transport.TooBig)
	default:
		c.upgraded.Blame(transport.Breach)
	}
}

// Refuse ends the connection of a peer that is not wanted.
func (c *Conn) Refuse() {
	if c.upgraded != nil {
		c.upgraded.Blame(transport.Refusal)
	}
	c.Close()
}

// Close ends the connection and every call that waits on it.
func (c *Conn) Close() {
	c.beat.end()
	_ = c.nc.Close() // the error of a closed socket tells nothing
	if c.sealer != nil {
		c.sealer.close()
		c.opener.close()
	}
}

// AppendSubscribe appends a subscription to prefix, or its cancellation, in the
// form that the peer's version asks for: a command from 3.1 on, a message
// before (RFC 37, and RFC 23 and 15). A group is joined and left by a command in every
// version (RFC 48), as libzmq does it.
func (c *Conn) AppendSubscribe(dst, prefix []byte, cancel bool) []byte {
	name, first := "\x09SUBSCRIBE", byte(1)
	if cancel {
		name, first = "\x06CANCEL", 0
	}
	if c.groups {
		name = joinName
		if cancel {
			name = leaveName
		}
	}
	if !c.groups && (c.Peer.old() || c.Peer.Major == 3 && c.Peer.Minor == 0) {
		dst = append(framing.AppendHeader(dst, 0, 1+len(prefix)), first)
	} else {
		dst = append(framing.AppendHeader(dst, framing.FlagCommand, len(name)+len(prefix)), name...)
	}
	return append(dst, prefix...)
}

// AppendError appends an ERROR command with a reason of at most 255 bytes.
func AppendError(dst []byte, reason string) []byte {
	reason = reason[:min(len(reason), 255)]
	dst = append(framing.AppendHeader(dst, framing.FlagCommand, 7+len(reason)), "\x05ERROR"...)
	return append(append(dst, byte(len(reason))), reason...)
}
