// The inside of the package, for those who change it; go doc does not show it.
//
// The layers, from the application down to the network; no package imports one above it,
// and Socket, type and peer are one package:
//
//	Socket      Send, Recv and their batch forms; limits, Close (socket.go, close.go)
//	type        one small file a socket type with its row (push.go, req.go, type.go,
//	            traits.go), made of roundRobin, fairQueue, fanOut, interest: how messages find peers
//	peer        what outlives a connect-side connection; who reads it (reader.go), and
//	            who is fed what an XPUB keeps (lastvalue.go and its like)
//	queue       the Outbox and Inbox of a peer, and the accounts of all of them
//	topics      the tree of subscriptions, and that of what is kept
//	zmtp        handshake, framing, commands, heartbeat of one connection
//	turns       whose password or public key is worked on next, where strangers ask for
//	            more than the processors can do
//	transport   endpoints; tcp, ipc, inproc and ws as net.Conn
//	ws          WebSocket's part of it: requests, answers, and frames made from ZMTP's
//	slab        the buffers in which messages change hands
//	locks       the classes of locks, and a check of their order
//	framing     (pkg/internal) frames, messages and envelopes in wire form
//
// Messages change hands in slabs: buffers of whole messages in wire form. A
// reader goroutine for each connection fills slabs and queues them in its
// peer's inbox; the receiver takes them from there. The receiver of a REQ or REP
// may read a connection itself for a moment (lease.go), that of a PULL or SUB as long
// as it waits for each of the long messages of its only peer (direct.go). A sender
// writes to the kernel itself; only what the kernel refuses is left to a goroutine, up
// to the high-water mark.
//
// The goroutines that wait, and what wakes them. There are no others:
//
//	a sender      for a peer's outbox to have room: of any (PUSH, DEALER, REQ), of
//	              the only one (PAIR), of the one named (ROUTER with Mandatory or
//	              NoDrop, no longer than StallTimeout while others wait); else it
//	              drops. Close, the last sender, waits for all to be empty.
//	              Socket.room: an outbox is half empty, or empty, or has ended
//	a receiver    for messages of peers that it may take them from: a REP, such a
//	              ROUTER and RecvRequests take none of a peer without room for the
//	              reply, until its outbox says that there is some (fair.go).
//	              Socket.arrival: a message came, or may be taken. One that reads a
//	              connection itself waits for the kernel, and Socket.recall ends that
//	a reader      for room in its peer's inbox, for the application that is busy with
//	              its messages, for memory, for the receiver that reads in its stead,
//	              for the end of a feed, or for Close (reader.go). peer.resume: it is over
//	a feeder      for its peer's outbox to have room for more of what is kept (lastvalue_arrival.go).
//	              peer.spared: it has, or has ended
//	a writer      for the kernel (queue.Outbox); the system wakes it
//	a dialer      for the end of a pause or, where others of the process have found nobody
//	              at its endpoint either, for its turn to try (vigil.go). absence.told:
//	              one got in, or it is the one to look now
//	an observer   for peers or subscribers: WaitPeers, WaitSubscribers. Socket.news:
//	              something changed
//
// The end of a connection ends all of these waits but the observer's. A failed write
// ends writing alone: what the peer had sent is read to its end. Beside them, calls
// wait for their turn to send or to receive (Socket.acquire), and Close for the
// goroutines of its socket.
//
// Locks are taken in this order: those of a proxy, of who replies and of who reads
// events; Socket.mu; fanOut.mu; that of an Outbox; then those of a zmtp.Conn and of a
// stream in transport. fairQueue.admissions is taken with any of them held and takes none.
// The vigils of dialers have a lock that is taken with none held.
// A turn to write to a stream is taken before Socket.mu,
// and behind an Outbox's only tried. Only who replies waits with its own held. Socket.mu,
// fanOut.mu and an Outbox's are not held over a write to the kernel or a call of the
// application's: what calls for that under Socket.mu is done once it is open
// (Socket.after). So whoever takes one waits only for a few steps of another goroutine.
// Package locks has the classes, and checks this order where the tag lockorder is set.

// Package sockets opens ZeroMQ sockets: the eleven types of RFC 28 to 31, STREAM, and the
// eight drafts of RFC 41, 48, 49, 51 and 52, over tcp, ipc, inproc and ws, in ZMTP 3.1
// (RFC 37), interoperable with libzmq. Peers that know
// no more than ZMTP 2.0 (RFC 15: libzmq 3, JeroMQ up to 0.4) are served too, unless
// Security or Authorize asks who they are.
//
//	s, err := sockets.New(sockets.Req, func(o *sockets.Options) { o.Linger = 0 })
//	err = s.Connect("tcp://127.0.0.1:5555")
//	err = s.Send(ctx, frames.Strings("hello"))
//	reply, err := s.Recv(ctx)
//	err = s.Close()
//
// Either side may bind, either may come first, and a message may be sent before
// there is a peer. ZMQ4.md compares these sockets with go-zeromq/zmq4's.
//
// # Types
//
// Which types talk to each other, and which peer gets a message:
//
//	REQ    <-> REP      ask, answer, in turns       REQ: each peer in turn; REP: the asker
//	DEALER <-> ROUTER   the same without turns      DEALER: in turn; ROUTER: by routing id
//	PUB     -> SUB      one to many, by prefix      all who subscribed; XPUB and XSUB show it
//	PUSH    -> PULL     work to be shared           each peer in turn
//	PAIR   <-> PAIR     exactly two                 the other one
//	STREAM <-> any TCP  bytes, without ZMTP         by routing id
//
// And those that are drafts of ZeroMQ (Traits.Draft), of single frames:
//
//	CLIENT  <-> SERVER  as DEALER and ROUTER        SERVER: by routing id, [id, body]
//	SCATTER  -> GATHER  as PUSH and PULL            each peer in turn
//	RADIO    -> DISH    one to many, [group, body]  all who joined exactly this group
//	PEER    <-> PEER    any to any, [id, body]      by routing id
//	CHANNEL <-> CHANNEL as PAIR                     the other one
//
// A SERVER and a PEER number their peers: the routing id is four bytes, libzmq's uint32
// with the most significant byte first. It is theirs alone, and never on the wire.
//
// The frames of a request on its way through a queue (NewProxy):
//
//	REQ         ROUTER              DEALER      REP
//	["hello"] > [id, "", "hello"] > the same  > ["hello"]
//	["world"] < [id, "", "world"] < the same  < ["world"]
//
// A REQ puts an empty frame, the delimiter, in front of its message; a ROUTER puts
// the routing id of the peer in front of what it receives, and takes it off what
// it sends; a REP takes off everything up to the delimiter, and puts it in front of
// the reply. A REP looks for the delimiter behind any number of frames
// (framing.Split), a REQ wants it in front of a reply.
//
// # Endpoints
//
// tcp://HOST:PORT with a name, an IPv4 or a bracketed IPv6 address, and to bind
// also * for every interface and * or 0 for any free port; ipc://PATH; ipc://@NAME,
// a name in Linux's abstract namespace; inproc://NAME, within this process;
// ws://HOST:PORT/PATH, WebSocket (RFC 45), where the path is / if not given; to bind also
// fd://N, a descriptor that listens already, and fd://NAME of systemd's. Short
// forms are HOST:PORT, :PORT (loopback), *:PORT, @NAME, /PATH and ./PATH. Canonical
// returns the long form, in which events, errors and sources name an endpoint.
//
// # Waiting, and who owns what
//
// A call waits as long as its context allows; what can be done at once is done even
// if the context is done. Send waits while no queue has room: each peer has one of
// Options.SendHWM messages and SendHWMBytes bytes, and one for the other direction.
// The type of a socket decides whether it waits for room, tries the next peer or
// drops the message, as in libzmq; Stats counts what is dropped or lost.
//
// Frames that are sent are copied, and are the caller's again when the call
// returns. What Recv returns is the caller's own. What RecvBatch puts into a batch
// is the caller's until the batch is passed to RecvBatch again.
//
// # Errors
//
// Errors are values that errors.Is finds (ErrClosed, ErrState, ErrDirection,
// ErrMessage, ErrNoEndpoint, the context's), or types with fields that errors.As
// finds: *EndpointError of a call with an endpoint, *RefusedError once every
// endpoint has refused us, *UnroutableError of a ROUTER's message, *UnsentError at
// the end. A peer that leaves is no error but an Event; a connection that is lost
// is made again.
//
// # Strangers
//
// Whoever can connect can send: MaxSize, MaxFrames, MaxPeers, MaxMemory,
// MaxSubscriptions, MaxPrefix and HandshakeTimeout limit the cost, before memory is
// allocated for it. Security and Authorize decide which peers are let in at all, and
// AllowOrigins which web pages.
package sockets
