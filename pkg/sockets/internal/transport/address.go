package transport

import "net"

// ipAddress is the IP address of the far end of nc, empty where it has none.
func ipAddress(nc net.Conn) string {
	if tcp, ok := nc.RemoteAddr().(*net.TCPAddr); ok {
		address := tcp.AddrPort().Addr().Unmap()
		return address.String()
	}
	return ""
}
