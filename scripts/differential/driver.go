//go:build linux

package main

import (
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// maxSize is the largest frame that the sockets under test take, in bytes.
const maxSize = 1 << 20

// driver is one implementation of ZeroMQ, which makes the sockets to compare.
type driver interface {
	// open makes a socket. High-water marks, handshake timeout and reconnection
	// are off, linger is 0, the largest frame has maxSize bytes.
	open(kind string, options []option) (socket, error)
}

// socket is one socket under test. An error from it is a failure of the judge, not
// of the socket.
type socket interface {
	bind(endpoint string) (resolved string, err error)
	connect(endpoint string) error
	// drain receives all that is there, and what comes until nothing has come for
	// the time of quiet.
	drain(quiet time.Duration) ([]frames.Message, error)
	// rest returns what has come of a message without an end.
	rest() (frames.Message, error)
	// send sends without waiting, and returns "ok" or libzmq's name for the error.
	send(m frames.Message) (result string, err error)
	subscribe(prefix []byte, cancel bool) error
	close() error
}

// What a send can result in.
const (
	sentOK      = "ok"
	sentAgain   = "EAGAIN"       // no peer takes it
	sentState   = "EFSM"         // not REQ's or REP's turn
	sentNoRoute = "EHOSTUNREACH" // nobody has the routing id
	sentNever   = "ENOTSUP"      // this type does not send
)
