package transport

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/locks"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
	"github.com/zcat/zcat/pkg/sockets/internal/ws"
)

// The greeting of ZMTP (RFC 37), which WebSocket does not have: that of this side stays
// here, and that of the peer is made from what HTTP agreed on. Its version is 3.0, since
// subscriptions are messages there.
const (
	greetingSize    = 64
	greetingName    = 12
	greetingOpening = "\xFF\x00\x00\x00\x00\x00\x00\x00\x00\x7F\x03\x00"
)

// Upgraded is a connection that began as another protocol.
type Upgraded interface {
	// Untyped reports whether the peer tells no socket type.
	Untyped() bool
	// Polite reports whether the peer is known to tell what it is before it refuses this
	// side, so that neither has to wait for the other.
	Polite() bool
	// Subprotocol is what the server named, which tells the version of ZeroMQ's part.
	Subprotocol() string
	// BeforeAnswer has settle called before the answer that lets a peer without a
	// mechanism take the handshake for done; an error of it ends the connection.
	BeforeAnswer(settle func() error)
	// Blame notes why this side ends the connection, for its goodbye. The first reason
	// counts.
	Blame(why Reason)
	// Open says that the handshake is done: from here on a message that the peer sends in
	// fragments may have limit bytes, 0 for any number. grow is called by whoever reads
	// before size bytes of memory are taken in all, if that is more than a little: with
	// wait it waits until it can grant them, else it may refuse. An error of it ends the
	// connection.
	Open(limit int, grow func(size int, wait bool) (may bool, err error))
	// Held returns that memory, in bytes; a little counts as none. It is for whoever reads.
	Held() int
}

// Reason is why this side ends a connection.
type Reason uint8

// The reasons.
const (
	Breach  Reason = iota // the peer broke the protocol
	TooBig                // it sent more than it may at a time
	Refusal               // it is not wanted
)

// wsConn is a connection over WebSocket. To those who read and write it is one that
// carries ZMTP with a greeting: HTTP's part comes with the first read.
type wsConn struct {
	net.Conn // tcp
	tcp      *net.TCPConn

	server *ws.Server // the rules for the peer, which connected to us; else nil
	client *ws.Client // what we asked; else nil

	// The reader's.
	head    []byte // of HTTP, as far as it has arrived
	heads   *heads // that it counts to; nil for a client
	counted int    // bytes of it that do
	settle  func() error
	spent   bool // HTTP's part failed, and that was reported
	agreed  ws.Agreed
	begun   []byte // of the greeting, what was not read yet
	dec     ws.Decoder
	fd      *fdReader  // nil where there is none
	in      *slab.Slab // what arrived and was not translated; nil while that is nothing
	next    int        // bytes of it that were
	full    bool       // the last read filled it
	direct  []byte     // where the next read goes
	grow    func(size int, wait bool) (may bool, err error)

	lend, give       func() []byte // made once: new ones for each read would be allocations
	takeBack, ignore func([]byte)

	up   atomic.Bool // HTTP's part is done
	code atomic.Int32

	// The writer's.
	writer  locks.Mutex[locks.Writer]
	try     func([]byte) (int, error)
	greeted int // bytes of our greeting that were written
	enc     ws.Encoder
	closed  bool // a close frame was sent
}

// errWebSocket says that a connection is of no use for WebSocket.
var errWebSocket = errors.New("WebSocket needs a tcp connection")

// newWSConn makes a connection of nc for one of the two sides.
func newWSConn(nc net.Conn, server *ws.Server, client *ws.Client) (*wsConn, error) {
	below, ok := tcpTransport().raw(nc).(tcpRaw)
	if !ok {
		_ = nc.Close()
		return nil, errWebSocket
	}
	c := &wsConn{Conn: nc, tcp: below.tcp, server: server, client: client}
	c.fd, c.try = newFDReader(nc), below.tryWrite()
	c.lend, c.takeBack = c.free, c.unused
	c.give, c.ignore = func() []byte { return c.direct }, func([]byte) {}
	c.code.Store(ws.CodeNormal)
	return c, nil
}

// Untyped implements Upgraded.
func (c *wsConn) Untyped() bool { return c.agreed.Plain }

// Polite implements Upgraded.
func (c *wsConn) Polite() bool { return c.agreed.Polite }

// Subprotocol implements Upgraded.
func (c *wsConn) Subprotocol() string {
	if c.client == nil {
		return ""
	}
	return c.client.Chosen
}

// BeforeAnswer implements Upgraded.
func (c *wsConn) BeforeAnswer(settle func() error) { c.settle = settle }

// Blame implements Upgraded.
func (c *wsConn) Blame(why Reason) {
	c.blame([...]uint16{Breach: ws.CodeProtocol, TooBig: ws.CodeTooBig, Refusal: ws.CodePolicy}[why])
}

func (c *wsConn) blame(code uint16) { c.code.CompareAndSwap(ws.CodeNormal, int32(code)) }

// Open implements Upgraded.
func (c *wsConn) Open(limit int, grow func(size int, wait bool) (may bool, err error)) {
	c.grow = grow
	c.dec.Open(limit, func(size int) error {
		_, err := grow(c.wide()+size, true)
		return err
	})
}

// Held implements Upgraded.
func (c *wsConn) Held() int { return c.wide() + c.dec.Held() }

// wsWide is the size of the buffer in which what arrives waits to be translated, where a
// peer fills small ones: with messages of 1 KiB that passes a third more.
const wsWide = 64 << 10

// wide returns the memory of a buffer that is not small.
func (c *wsConn) wide() int {
	if c.in == nil || cap(c.in.Wire) <= slab.Small {
		return 0
	}
	return cap(c.in.Wire)
}

// upgrade does HTTP's part: it reads the peer's request and answers it, or reads the
// answer to ours.
func (c *wsConn) upgrade() error {
	defer c.dropHead()
	for {
		size, err := c.judge()
		switch {
		case err != nil:
			c.spent = true
			return err
		case c.spent, size > 0:
			c.agree(size)
			return nil
		}
		if len(c.head) == cap(c.head) {
			if err := c.growHead(); err != nil {
				return err
			}
		}
		n, readErr := c.tcp.Read(c.head[len(c.head):cap(c.head)])
		c.head = c.head[:len(c.head)+n]
		if n == 0 && readErr != nil {
			return c.cutOff(readErr)
		}
	}
}

// Unanswered is the error of a server that hung up on our request, as libzmq does where
// it uses another mechanism.
type Unanswered struct{ Err error }

func (e *Unanswered) Error() string { return e.Err.Error() }

// Unwrap returns the end of the connection.
func (e *Unanswered) Unwrap() error { return e.Err }

// Unasked is the error of a client that hung up, or fell silent, before its request was whole.
type Unasked struct{ Err error }

func (e *Unasked) Error() string { return e.Err.Error() }

// Unwrap returns the end of the connection.
func (e *Unasked) Unwrap() error { return e.Err }

func (c *wsConn) cutOff(err error) error {
	if c.server != nil {
		return &Unasked{err}
	}
	if len(c.head) == 0 && c.client.Mechanism != "" {
		return &Unanswered{err}
	}
	return err
}

// judge judges what has arrived of HTTP's part, and answers a request.
func (c *wsConn) judge() (size int, err error) {
	var failed *ws.Error
	if c.client != nil {
		size, c.agreed, failed = c.client.Judge(c.head)
		c.spent = size > 0 && c.client.Mechanism != "" && c.agreed.Mechanism != c.client.Mechanism
	} else {
		var answer []byte
		size, answer, c.agreed, failed = c.server.Answer(c.head)
		c.spent = size > 0 && c.agreed.Mechanism != c.server.Mechanism
		if failed == nil && c.agreed.Plain && c.settle != nil {
			if err := c.settle(); err != nil {
				return 0, err
			}
		}
		if answer != nil {
			// The kernel of a connection that is new takes it whole.
			if _, err := c.tcp.Write(answer); err != nil && failed == nil {
				return 0, err
			}
		}
	}
	if failed != nil {
		return size, failed
	}
	return size, nil
}

// agree begins what comes behind size bytes of HTTP.
func (c *wsConn) agree(size int) {
	rest := c.head[min(size, len(c.head)):]
	c.begun = append(make([]byte, 0, greetingSize), greetingOpening...)
	c.begun = append(c.begun, c.agreed.Mechanism...)
	c.begun = c.begun[:greetingSize]
	c.head = nil
	if c.spent {
		return
	}
	c.dec = ws.NewDecoder(c.server != nil, c.agreed)
	if len(rest) > 0 {
		c.in = slab.New(max(len(rest), slab.Small))
		c.in.Wire = append(c.in.Wire, rest...)
	}
	c.writer.Lock()
	defer c.writer.Unlock()
	c.enc = ws.NewEncoder(c.client != nil, c.agreed.Plain)
	c.up.Store(true)
}

// Read returns the peer's greeting and its frames as ZMTP has them.
func (c *wsConn) Read(p []byte) (n int, err error) {
	if err := c.begin(); err != nil {
		return 0, err
	}
	if len(c.begun) > 0 {
		n = copy(p, c.begun)
		c.begun = c.begun[n:]
		return n, nil
	}
	if c.spent { // nothing means anything any more
		return c.tcp.Read(p)
	}
	for n < len(p) {
		written, consumed, err := c.dec.Read(p[n:], c.waiting())
		n += written
		c.used(consumed)
		if c.dec.Plain() != c.agreed.Plain {
			c.simplify()
		}
		switch {
		case err != nil:
			return n, c.failed(n, err)
		case n == len(p), n > 0 && !c.full:
			return n, nil
		}
		k := 0
		if b := p[n:]; len(c.waiting()) == 0 && c.fd != nil && min(c.dec.Direct(), len(b)) >= slab.Small {
			k, err = c.readDirect(b[:min(c.dec.Direct(), len(b))], n == 0)
			n += k
		} else {
			k, err = c.refill(n == 0)
		}
		if k == 0 || err != nil {
			if n > 0 {
				err = nil // it comes again
			}
			return n, err
		}
	}
	return n, nil
}

// simplify notes that the peer has no mechanism, whatever HTTP agreed on.
func (c *wsConn) simplify() {
	c.agreed.Plain = true
	c.writer.Lock()
	defer c.writer.Unlock()
	c.enc.Simplify()
}

// begin does HTTP's part, once.
func (c *wsConn) begin() error {
	if c.up.Load() || c.spent {
		return nil
	}
	return c.upgrade()
}

// failed is the error of a read that got n bytes before it.
func (c *wsConn) failed(n int, err error) error {
	if n > 0 {
		return nil // the decoder will say it again
	}
	c.blame(ws.CodeOf(err))
	if errors.Is(err, io.EOF) {
		return err
	}
	return &BrokenError{err}
}

// BrokenError is the breach of WebSocket's rules by a peer.
type BrokenError struct{ Err error }

func (e *BrokenError) Error() string { return e.Err.Error() }

// Unwrap returns the breach.
func (e *BrokenError) Unwrap() error { return e.Err }

// waiting returns what arrived and was not translated.
func (c *wsConn) waiting() []byte {
	if c.in == nil {
		return nil
	}
	return c.in.Wire[c.next:]
}

// used takes n bytes off it.
func (c *wsConn) used(n int) {
	if c.next += n; c.in != nil && c.next == len(c.in.Wire) {
		c.in.Recycle()
		c.in, c.next = nil, 0
	}
}

// refill reads more of what is to be translated. With wait it waits for some, else n is 0
// where there is none.
func (c *wsConn) refill(wait bool) (n int, err error) {
	if c.next > 0 {
		c.in.Wire = c.in.Wire[:copy(c.in.Wire, c.in.Wire[c.next:])]
		c.next = 0
	}
	if wait && c.dec.Restless() {
		// As with commands without end: its reader would keep a processor busy.
		rest := time.NewTimer(time.Millisecond)
		<-rest.C
	}
	if c.fd == nil {
		if !wait {
			return 0, nil
		}
		b := c.free()
		n, err = c.tcp.Read(b)
		if n == 0 {
			c.unused(nil)
			return 0, err
		}
		c.arrived(n)
		return n, nil
	}
	if wait {
		_, n, err = c.fd.read(c.lend, c.takeBack)
	} else {
		_, n, err = c.fd.tryRead(c.lend, c.takeBack)
	}
	c.arrived(n)
	return n, err
}

// free lends the room for what arrives.
func (c *wsConn) free() []byte {
	if c.in == nil {
		size := slab.Small
		if c.full && c.grow != nil {
			if may, err := c.grow(2*wsWide+c.dec.Held(), false); may && err == nil { // a slab may be larger than it has to be
				size = wsWide
			}
		}
		c.in = slab.Within(size, 2*size)
	}
	return c.in.Wire[len(c.in.Wire):cap(c.in.Wire)]
}

// unused takes it back.
func (c *wsConn) unused([]byte) {
	if len(c.in.Wire) == 0 {
		c.in.Recycle()
		c.in = nil
	}
}

func (c *wsConn) arrived(n int) {
	if n == 0 {
		return
	}
	end := len(c.in.Wire) + n
	c.full = end == cap(c.in.Wire)
	c.in.Wire = c.in.Wire[:end]
}

// readDirect reads the body of a large frame to where it is wanted.
func (c *wsConn) readDirect(b []byte, wait bool) (n int, err error) {
	c.direct = b
	if wait {
		_, n, err = c.fd.read(c.give, c.ignore)
	} else {
		_, n, err = c.fd.tryRead(c.give, c.ignore)
	}
	c.direct = nil
	c.full = n == len(b)
	c.dec.Unmask(b[:n])
	return n, err
}

// awaitAny waits until a read would not.
func (c *wsConn) awaitAny() error {
	if err := c.begin(); err != nil {
		return err
	}
	for len(c.begun) == 0 && !c.spent && !c.dec.Ready(c.waiting()) {
		_, consumed, err := c.dec.Read(nil, c.waiting())
		c.used(consumed)
		if err != nil {
			return c.failed(0, err)
		}
		if c.dec.Ready(c.waiting()) {
			break
		}
		if _, err := c.refill(true); err != nil {
			return err
		}
	}
	return nil
}

// Write returns when all of p has gone, translated.
func (c *wsConn) Write(p []byte) (int, error) {
	c.writer.Lock()
	defer c.writer.Unlock()
	return c.translate(p, c.tcp.Write)
}

// tryWrite writes what the kernel takes of p, translated.
func (c *wsConn) tryWrite(p []byte) (int, error) {
	if !c.writer.TryLock() {
		return 0, nil
	}
	defer c.writer.Unlock()
	return c.translate(p, c.try)
}

// wsBuffer is the size of the buffer in which frames are translated, in bytes: what one
// write takes.
const wsBuffer = tcpWrite

// translate passes p to put, translated. Of our greeting nothing goes out, nor does
// anything before HTTP's part is done.
func (c *wsConn) translate(p []byte, put func([]byte) (int, error)) (n int, err error) {
	if c.greeted < greetingSize {
		n = min(len(p), greetingSize-c.greeted)
		c.greeted += n
	}
	switch {
	case n == len(p):
		return n, nil
	case c.closed:
		return n, net.ErrClosed
	case !c.up.Load():
		return len(p), nil // HTTP's part has failed
	}
	buffer := slab.New(min(wsBuffer, 2*len(p)+slab.Small))
	defer buffer.Recycle()
	k, err := c.enc.Write(p[n:], buffer.Wire[:0:min(cap(buffer.Wire), wsBuffer)], put)
	return n + k, err
}

// CloseWrite says goodbye; reading goes on.
func (c *wsConn) CloseWrite() error {
	c.farewell()
	return c.tcp.CloseWrite()
}

// Close says goodbye and ends the connection.
func (c *wsConn) Close() error {
	c.farewell()
	return c.tcp.Close()
}

// farewell sends a close frame, if the kernel takes it at once and nobody is writing.
func (c *wsConn) farewell() {
	if !c.writer.TryLock() {
		return
	}
	defer c.writer.Unlock()
	if !c.up.Load() || c.closed || !c.enc.Between() {
		return
	}
	c.closed = true
	_, _ = c.try(c.enc.AppendClose(nil, uint16(c.code.Load()))) // the end of the connection says as much
}

// wsRaw is a connection over WebSocket: that of tcp, with frames of its own.
type wsRaw struct {
	tcpRaw
	ws *wsConn
}

// wsWrite is the largest size of what is translated at a time, in bytes: several writes,
// since a short one at the end of each would cost as much as a long one.
const wsWrite = 256 << 10

func (wsRaw) traits() Traits { return Traits{MaxWrite: wsWrite, LongWrite: wsWrite, Queues: true} }

func (r wsRaw) tryWrite() func([]byte) (int, error) { return r.ws.tryWrite }

func (r wsRaw) writeSteps(step func(write func(p []byte) (n int, err error)) (done bool)) error {
	c := r.ws
	c.writer.Lock()
	defer c.writer.Unlock()
	return r.tcpRaw.writeSteps(func(write func([]byte) (int, error)) bool {
		return step(func(p []byte) (int, error) { return c.translate(p, write) })
	})
}

func (r wsRaw) reads() reads {
	all := reads{awaitAny: r.ws.awaitAny}
	if r.ws.fd != nil {
		all.awaitEnd = newFDReader(r.ws.tcp).awaitEnd
	}
	return all
}

func (r wsRaw) peer(endpoint string) string {
	if a, ok := r.ws.tcp.RemoteAddr().(*net.TCPAddr); ok && a != nil {
		return schemeWS + "://" + a.String()
	}
	return endpoint
}
