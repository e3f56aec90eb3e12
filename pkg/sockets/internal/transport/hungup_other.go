//go:build !linux

package transport

import "net"

// HungUp reports whether the other side of nc is known to have ended what it says,
// read or not. Of a connection of the kernel it is never known here.
func HungUp(nc net.Conn) bool {
	c, ok := nc.(*memConn)
	return ok && c.in.hasEnded()
}
