//go:build !linux

// Package ports gives tests and measurements ports that nobody else gets.
package ports

import (
	"context"
	"net"
)

// Hold returns a port of tcp on which nobody listens. It cannot be kept here: a socket
// that is bound keeps others from listening.
func Hold() (port int, release func(), err error) {
	var listen net.ListenConfig
	l, err := listen.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, nil, err
	}
	at, _ := net.ResolveTCPAddr("tcp", l.Addr().String()) // which is one
	return at.Port, func() {}, l.Close()
}
