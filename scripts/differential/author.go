//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// author is the far end of a connection of a socket under test: it sends what the
// case says, notes what arrives, and finds out when the socket has acted on it.
type author struct {
	nc      net.Conn
	link    link
	chop    *rand.Rand // cuts what is written; nil does not
	own     tracker
	mute    bool // it did not answer in time
	greeted bool // the handshake is no longer awaited
	over    bool // the author has ended its half
	news    bool // something was sent since it was last waited for
	pings   uint64
	met     func() // is called once the handshake is done, before anything else is sent

	mu     sync.Mutex
	in     []byte // that is not a whole frame yet
	told   []byte // its greeting
	heard  []wireFrame
	closed bool
	change chan struct{} // closed at the next of these
}

// wireFrame is one frame that a socket sent.
type wireFrame struct {
	flags byte
	body  []byte
}

func newAuthor(nc net.Conn, l link, chop *rand.Rand) *author {
	a := &author{nc: nc, link: l, chop: chop, change: make(chan struct{}), own: tracker{hello: l.hello}, news: true}
	go a.listen()
	return a
}

// listen takes in what the socket sends until the connection ends.
func (a *author) listen() {
	b := make([]byte, 64<<10)
	for {
		n, err := a.nc.Read(b)
		a.mu.Lock()
		a.in = append(a.in, b[:n]...)
		a.parse()
		a.closed = err != nil
		close(a.change)
		a.change = make(chan struct{})
		a.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (a *author) parse() {
	if a.link.raw {
		return
	}
	if n := min(a.link.hello-len(a.told), len(a.in)); n > 0 {
		a.told, a.in = append(a.told, a.in[:n]...), a.in[n:]
	}
	for {
		flags, size, header := parseHeader(a.in)
		if header == 0 || uint64(len(a.in)-header) < size {
			return
		}
		end := header + int(size)
		a.heard = append(a.heard, wireFrame{flags, bytes.Clone(a.in[header:end])})
		a.in = a.in[end:]
	}
}

// await waits until is() is true for what was received, or the connection ends.
func (a *author) await(patience time.Duration, is func() bool) bool {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		a.mu.Lock()
		done, change := is() || a.closed, a.change
		a.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-change:
		case <-deadline.C:
			return false
		}
	}
}

// ended reports whether the socket closed the connection.
func (a *author) ended() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closed
}

// write sends b. What comes behind the handshake waits for the socket's part of
// it: libzmq takes what comes earlier for a breach of the protocol.
func (a *author) write(b []byte) {
	a.news = true
	if a.link.raw {
		a.flush(b)
		return
	}
	var ready []byte
	for len(b) > 0 {
		if a.own.between() && !a.greeted && a.due() > 0 {
			a.flush(ready)
			ready = nil
			a.awaitTurn()
		}
		n := a.own.follow(b)
		ready, b = append(ready, b[:n]...), b[n:]
	}
	a.flush(ready)
}

// link is the part of an author that knows the handshake.
type link struct {
	hello    int  // the bytes of a greeting
	old, raw bool // it speaks ZMTP 2.0, or none
	unbeaten bool // a PING ends the connection
	server   bool // it plays the part of the server in PLAIN
	turns    int  // commands that each side sends in it
	patience time.Duration
	quiet    time.Duration
}

// due returns the number of commands that the socket has to send before the
// author's next frame.
func (a *author) due() int {
	n := a.own.frames
	if a.link.server {
		n++
	}
	return min(n, a.link.turns)
}

// awaitTurn waits for them.
func (a *author) awaitTurn() {
	due := a.due()
	heard := func() bool { return len(a.heard) >= due }
	if !a.await(a.link.patience, heard) {
		a.greeted, a.mute = true, true
		return
	}
	if a.own.frames >= a.link.turns {
		a.greeted = true
		a.met()
	}
}

func (a *author) flush(b []byte) {
	for len(b) > 0 {
		n := len(b)
		if a.chop != nil {
			n = min(n, 1+a.chop.IntN(1+a.chop.IntN(100)))
		}
		_ = a.nc.SetWriteDeadline(time.Now().Add(a.link.patience)) // the write tells of a closed one
		if _, err := a.nc.Write(b[:n]); err != nil {
			a.mute = true // the socket has closed, or does not read
			return
		}
		b = b[n:]
	}
}

// settle waits until the socket has acted on all that was sent, as far as there is
// a way to know: a PONG shows that it has read the PING. The PONG for a second PING
// shows that what came before the first went to the application.
func (a *author) settle() {
	if a.over || a.ended() {
		return
	}
	news := a.news
	a.news = false
	if !a.mute && !a.link.raw && a.own.between() && a.own.frames >= a.link.turns && !a.greeted {
		a.awaitTurn()
	}
	if !a.answers() {
		if news {
			a.await(a.link.quiet, func() bool { return false })
		}
		return
	}
	for range 2 {
		a.pings++
		context := binary.BigEndian.AppendUint64([]byte(syncMark), a.pings)
		ping := command("PING", append([]byte{0, 0}, context...))
		a.flush(ping)
		a.own.follow(ping)
		pong := append([]byte("\x04PONG"), context...)
		a.own.frames-- // of the case's own
		if !a.await(a.link.patience, func() bool { return a.heardCommand(pong) }) {
			a.mute = true
			return
		}
	}
}

// answers reports whether a PING would be answered, as far as the author knows.
func (a *author) answers() bool {
	return !a.mute && !a.link.old && !a.link.unbeaten && !a.link.raw && a.own.between() && a.own.frames >= a.link.turns
}

// linger gives the socket a last chance to hang up on what it cannot answer.
func (a *author) linger() {
	if !a.over && !a.answers() {
		a.await(8*a.link.quiet, func() bool { return false })
	}
}

// syncMark begins the contexts of settle's PINGs.
const syncMark = "settled?"

func (a *author) heardCommand(body []byte) bool {
	for i := len(a.heard) - 1; i >= 0; i-- {
		if f := a.heard[i]; f.flags&flagCommand != 0 && bytes.Equal(f.body, body) {
			return true
		}
	}
	return false
}

// endInput ends the author's half, and waits for the socket to hang up.
func (a *author) endInput() (hungUp bool) {
	a.over = true
	if half, ok := a.nc.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // it may be closed
	}
	return a.await(a.link.patience, func() bool { return false })
}

// hangUp closes the connection once the socket's kernel has all that was written: tcp
// resets one that closes with a PONG unread, and what is still on its way is lost or
// not, by chance.
func (a *author) hangUp() {
	a.over = true
	for end := time.Now().Add(a.link.patience); a.onItsWay() && time.Now().Before(end) && !a.ended(); {
		a.await(time.Millisecond, func() bool { return false })
	}
	_ = a.nc.Close() // it may be closed
}

// onItsWay reports whether tcp has something that the other side has not confirmed.
func (a *author) onItsWay() bool {
	tcp, ok := a.nc.(*net.TCPConn)
	if !ok {
		return false
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return false
	}
	bytes := 0
	_ = raw.Control(func(fd uintptr) { bytes, _ = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) }) // of a closed one there is none
	return bytes > 0
}
