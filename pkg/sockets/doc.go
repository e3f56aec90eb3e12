// Package sockets opens ZeroMQ sockets: the eleven types of RFC 28 to 31 over
// tcp, ipc and inproc, in ZMTP 3.1 (RFC 37), interoperable with libzmq.
//
//	s, err := sockets.New(sockets.Req, func(o *sockets.Options) { o.Linger = 0 })
//	err = s.Connect("tcp://127.0.0.1:5555")
//	err = s.Send(ctx, frames.Strings("hello"))
//	reply, err := s.Recv(ctx)
//	err = s.Close()
//
// The layers, from the application down to the network:
//
//	Socket      Send, Recv and their batch forms; waits, limits, Close
//	pattern     one small file a socket type (push.go, req.go, ...), made of
//	            roundRobin, fairQueue, fanOut, interest: how messages find peers
//	peer        an outbox and an inbox, which outlive a connect-side connection
//	zmtp.Conn   handshake, framing, commands, heartbeat of one connection
//	transport   endpoints; tcp, ipc and inproc as net.Conn
//
// Messages change hands in slabs: buffers of whole messages in wire form. A
// reader goroutine for each connection fills slabs and queues them in its
// peer's inbox; the receiver takes them from there. The receiver of a REQ or REP
// may read a connection itself for a moment (lease.go). A sender writes to the
// kernel itself; only what the kernel refuses is left to a goroutine, up to the
// high-water mark.
package sockets
