//go:build !linux

package transport

import "net"

func kernelInQueue(net.Conn) (bytes int, ok bool) { return 0, false }
