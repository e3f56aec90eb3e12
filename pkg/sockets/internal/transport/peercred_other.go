//go:build !linux

package transport

import "net"

// Address is what is known of the far end of nc: on tcp its IP address.
func Address(nc net.Conn) string { return ipAddress(nc) }
