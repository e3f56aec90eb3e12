// Package locks gives each lock of the sockets a class, and the classes an order: who
// holds a lock takes none of the same class and none of one before it. A program
// built with the tag lockorder checks that at each lock, for the tests' sake (make
// test), and in others a lock is a sync.Mutex and nothing more.
package locks

// The classes of locks, outermost first.
type (
	// Proxy is the class of how a proxy flows.
	Proxy struct{}
	// Reply is that of who gives a reply, and may wait with it.
	Reply struct{}
	// Watchers is that of the list of those who read events.
	Watchers struct{}
	// Reader is that of one of those.
	Reader struct{}
	// Writer is that of a write to a stream within the process, which may last. With
	// an inner lock it is tried only.
	Writer struct{}
	// Socket is that of the lock of a socket.
	Socket struct{}
	// FanOut is that of a publisher's subscriptions.
	FanOut struct{}
	// Outbox is that of the queue for a peer.
	Outbox struct{}
	// Conn is that of what a connection keeps: its keys, its heartbeat.
	Conn struct{}
	// Name is that of the names that are bound within the process.
	Name struct{}
	// Listener is that of who waits to be accepted there.
	Listener struct{}
	// Stream is that of a stream's bytes.
	Stream struct{}
	// Leaf is that of locks under which nothing else is locked.
	Leaf struct{}
)

// Class is one of the above.
type Class interface{ rank() rank }

type rank int

const (
	proxy rank = iota + 1
	reply
	watchers
	reader
	writer
	socket
	fanOut
	outbox
	conn
	name
	listener
	stream
	leaf
)

func (Proxy) rank() rank    { return proxy }
func (Reply) rank() rank    { return reply }
func (Watchers) rank() rank { return watchers }
func (Reader) rank() rank   { return reader }
func (Socket) rank() rank   { return socket }
func (FanOut) rank() rank   { return fanOut }
func (Outbox) rank() rank   { return outbox }
func (Conn) rank() rank     { return conn }
func (Writer) rank() rank   { return writer }
func (Name) rank() rank     { return name }
func (Listener) rank() rank { return listener }
func (Stream) rank() rank   { return stream }
func (Leaf) rank() rank     { return leaf }
