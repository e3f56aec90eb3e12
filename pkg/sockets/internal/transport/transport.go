package transport

import (
	"context"
	"net"
	"strings"
	"sync"
	"time"
)

// transport holds everything that is particular to one way to connect. Each has a
// file of its own; no other code asks which one it deals with.
type transport struct {
	scheme string
	// parse reads the part after the scheme; text is the whole, for an error.
	parse func(text, rest string) (Endpoint, error)
	// short reports whether a text without a scheme is meant for one of its endpoints.
	short func(text string) bool
	// format returns the part after the scheme in the canonical form.
	format func(e Endpoint) string
	// checkBind and checkConnect return the reason why e cannot be used for that,
	// or nil.
	checkBind, checkConnect func(e Endpoint) error
	listen                  func(ctx context.Context, e Endpoint) (Listener, error)
	dial                    func(ctx context.Context, e Endpoint) (net.Conn, error)
	// dialWithin is dial with a limit that does not count the whole time; where it
	// is nil, dial is used with a limit that does.
	dialWithin func(ctx context.Context, e Endpoint, limit time.Duration) (net.Conn, error)
	// awaitBind reports when e is bound next; nil where that is not known.
	awaitBind func(e Endpoint) (bind <-chan struct{}, forget func())
	// near reports whether e is on this machine, where nothing but the listener can
	// refuse and an attempt costs next to nothing; where it is nil, none is.
	near func(e Endpoint) bool
	// raw returns the operations on a connection beyond those of net.Conn; nil
	// where nc is of another transport.
	raw func(nc net.Conn) raw
}

// table has all transports. It is made once: a short command would make it a dozen times.
var table struct { //nolint:gochecknoglobals // it never changes
	once sync.Once
	all  []transport
}

// transports lists all transports.
func transports() []transport {
	table.once.Do(func() {
		table.all = []transport{tcpTransport(), ipcTransport(), inprocTransport(), wsTransport(), fdTransport()}
	})
	return table.all
}

// transportOf finds a transport by its scheme.
func transportOf(scheme string) (t transport, known bool) {
	for _, t := range transports() {
		if t.scheme == scheme {
			return t, true
		}
	}
	return transport{}, false
}

// Schemes lists the schemes of all transports.
func Schemes() []string {
	var names []string
	for _, t := range transports() {
		names = append(names, t.scheme)
	}
	return names
}

// schemes lists them for people.
func schemes() string {
	names := Schemes()
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// Traits are the properties of a transport that a connection's owner has to know.
type Traits struct {
	// MaxWrite is the largest size of one write, in bytes.
	MaxWrite int
	// LongWrite is the same for what lies within one long message.
	LongWrite int
	// Queues says that a kernel holds what was written: see OutQueue.
	Queues bool
	// Abrupt says that closing the connection may cost the peer what it has not
	// read: after a hang-up on ipc, a libzmq that has stopped reading drops it.
	Abrupt bool
}

// otherWrite is Traits.MaxWrite where no other value is known to be better.
const otherWrite = 256 << 10

// TraitsOf returns the traits of nc.
func TraitsOf(nc net.Conn) Traits { return rawOf(nc).traits() }

// raw holds the operations on a connection beyond those of net.Conn.
type raw interface {
	traits() Traits
	// tryWrite is TryWrite, writeSteps is WriteSteps.
	tryWrite() func(p []byte) (n int, err error)
	writeSteps(step func(write func(p []byte) (n int, err error)) (done bool)) error
	// reads returns the ways in which a Reader waits and reads.
	reads() reads
	// inQueue is InQueue, outQueue is OutQueue, hungUp is HungUp.
	inQueue() (bytes int, ok bool)
	outQueue() (bytes int, ok bool)
	hungUp() bool
	// address is Address, peer is Peer, setOptions is SetOptions.
	address() string
	peer(endpoint string) string
	setOptions(o TCPOptions) error
}

// reads holds the ways in which a Reader waits and reads; nil ones are not
// possible.
type reads struct {
	fd       *fdReader
	awaitAny func() error // waits until a read would not
	awaitEnd func() error
}

// rawOf returns nc as its transport knows it, or as a connection from elsewhere.
func rawOf(nc net.Conn) raw {
	for _, t := range transports() {
		if r := t.raw(nc); r != nil {
			return r
		}
	}
	return kernel{nc}
}

// kernel is a connection that may have a descriptor, of no transport in particular.
type kernel struct{ net.Conn }

func (kernel) traits() Traits { return Traits{MaxWrite: otherWrite, LongWrite: otherWrite} }

func (k kernel) tryWrite() func([]byte) (int, error) {
	if write := tryWriteFD(k.Conn); write != nil {
		return write
	}
	return func([]byte) (int, error) { return 0, nil }
}

func (k kernel) writeSteps(step func(write func(p []byte) (n int, err error)) (done bool)) error {
	if steps := writeStepsFD(k.Conn); steps != nil {
		return steps(step)
	}
	for !step(k.Write) {
	}
	return nil
}

func (k kernel) reads() reads {
	if fd := newFDReader(k.Conn); fd != nil {
		return reads{fd: fd, awaitEnd: fd.awaitEnd}
	}
	return reads{}
}

func (k kernel) inQueue() (bytes int, ok bool)  { return kernelInQueue(k.Conn) }
func (k kernel) outQueue() (bytes int, ok bool) { return kernelOutQueue(k.Conn) }
func (k kernel) hungUp() bool                   { return kernelHungUp(k.Conn) }
func (kernel) address() string                  { return "" }
func (kernel) peer(endpoint string) string      { return endpoint }
func (kernel) setOptions(TCPOptions) error      { return nil }

// HungUp reports whether the other side of nc is known to have ended its writing,
// whether or not everything is read. It costs a system call and takes nothing off
// what arrived. For connections of the kernel it is known only on Linux.
func HungUp(nc net.Conn) bool { return rawOf(nc).hungUp() }

// InQueue returns the number of bytes that have arrived on nc and are unread. ok is
// false where that is not known: on other systems than Linux, except within the
// process, and on a closed connection.
func InQueue(nc net.Conn) (bytes int, ok bool) { return rawOf(nc).inQueue() }

// OutQueue returns the amount of what was written to nc that is still on its way:
// on tcp the bytes that the peer's kernel has not acknowledged, on ipc the memory
// that holds what the peer has not read. ok is false where that is not known: on
// other systems than Linux, on inproc, and on a closed connection.
func OutQueue(nc net.Conn) (bytes int, ok bool) { return rawOf(nc).outQueue() }

// Address identifies the far end of nc: on tcp by its IP address; on ipc, on Linux,
// by localhost:UID:GID:PID of the process that opened it; else it is empty.
func Address(nc net.Conn) string { return rawOf(nc).address() }

// Peer returns the other side of nc as an endpoint: "tcp://127.0.0.1:53412". The
// far end of ipc and inproc has no name of its own, so there it is endpoint, the
// text that was bound or connected to.
func Peer(nc net.Conn, endpoint string) string { return rawOf(nc).peer(endpoint) }
