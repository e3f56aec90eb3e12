package transport

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// dialSocks connects to host and port through a SOCKS5 proxy (RFC 1928) that asks for no
// password. The proxy looks up the host's name.
func dialSocks(ctx context.Context, d *net.Dialer, proxy, host string, port uint16) (net.Conn, error) {
	if len(host) > maxHost {
		return nil, fmt.Errorf("a host's name of %d bytes, more than %d", len(host), maxHost)
	}
	nc, err := d.DialContext(ctx, "tcp", proxy)
	if errors.Is(err, syscall.ECONNREFUSED) {
		// That is no word of whether somebody listens behind it.
		return nil, &reason{fmt.Sprintf("the SOCKS proxy %s: nobody listens there", proxy), nil}
	}
	if err != nil {
		return nil, ofSocks(proxy, err)
	}
	// A deadline in the past ends the conversation with ctx.
	stop := context.AfterFunc(ctx, func() { _ = nc.SetDeadline(time.Unix(1, 0)) })
	err = askSocks(nc, host, port)
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		_ = nc.Close()
		return nil, ofSocks(proxy, err)
	}
	return nc, nil
}

// ofSocks says that err comes from the proxy, not from the endpoint.
func ofSocks(proxy string, err error) error {
	return &reason{fmt.Sprintf("the SOCKS proxy %s: %v", proxy, cause(err)), err}
}

// The parts of the conversation: version 5, no authentication, CONNECT, a name.
const (
	socksVersion = 5
	socksConnect = 1
	socksIPv4    = 1
	socksName    = 3
	socksIPv6    = 4
)

func askSocks(nc net.Conn, host string, port uint16) error {
	if _, err := nc.Write([]byte{socksVersion, 1, 0}); err != nil {
		return err
	}
	var b [4]byte
	if _, err := io.ReadFull(nc, b[:2]); err != nil {
		return err
	}
	switch {
	case b[0] != socksVersion:
		return fmt.Errorf("it does not speak SOCKS5")
	case b[1] != 0:
		return fmt.Errorf("it wants a password, which is not supported")
	}
	request := append([]byte{socksVersion, socksConnect, 0, socksName, byte(len(host))}, host...)
	if _, err := nc.Write(binary.BigEndian.AppendUint16(request, port)); err != nil {
		return err
	}
	if _, err := io.ReadFull(nc, b[:]); err != nil {
		return err
	}
	if b[1] != 0 {
		return socksError(b[1])
	}
	size := 0
	switch b[3] {
	case socksIPv4:
		size = net.IPv4len
	case socksIPv6:
		size = net.IPv6len
	case socksName:
		if _, err := io.ReadFull(nc, b[:1]); err != nil {
			return err
		}
		size = int(b[0])
	default:
		return fmt.Errorf("its answer is malformed")
	}
	_, err := io.CopyN(io.Discard, nc, int64(size)+2) // where it connected from means nothing here
	return err
}

// socksError is what a proxy answered instead of a connection.
func socksError(code byte) error {
	const refused = 5
	if code == refused {
		return syscall.ECONNREFUSED // by the endpoint
	}
	texts := []string{
		1: "it failed", 2: "it does not allow this connection", 3: "network unreachable", 4: "host unreachable",
		6: "it took too long", 7: "it cannot connect", 8: "it knows no such address",
	}
	if int(code) < len(texts) && texts[code] != "" {
		return fmt.Errorf("%s", texts[code])
	}
	return fmt.Errorf("it failed with code %d", code)
}
