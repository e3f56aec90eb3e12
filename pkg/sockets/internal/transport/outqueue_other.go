//go:build !linux

package transport

import "net"

func kernelOutQueue(net.Conn) (bytes int, ok bool) { return 0, false }
