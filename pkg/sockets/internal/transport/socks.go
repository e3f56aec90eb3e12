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
		return nil, ofSocks(proxy, inTalk(err))
	}
	return nc, nil
}

// ErrUselessProxy is in the error of a proxy that would answer no other attempt otherwise:
// it is not SOCKS5, or wants a password.
var ErrUselessProxy = errors.New("the proxy cannot be used")

// ofSocks says that err comes from the proxy, not from the endpoint.
func ofSocks(proxy string, err error) error {
	err = cause(err)
	return &reason{fmt.Sprintf("the SOCKS proxy %s: %v", proxy, err), err}
}

// inTalk returns what ended the conversation with a proxy, which was reached.
func inTalk(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return &reason{"it hangs up", cause(err)}
	case errors.Is(err, context.DeadlineExceeded):
		return &reason{"it does not answer", err}
	}
	return err
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
		return &reason{"it does not speak SOCKS5", ErrUselessProxy}
	case b[1] != 0:
		return &reason{"it wants a password, which is not supported", ErrUselessProxy}
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
		1: "it failed to connect", 2: "it does not allow this connection", 3: "network unreachable", 4: "host unreachable",
		6: "it took too long to connect", 7: "it makes no connections", 8: "it takes no host names",
	}
	if int(code) < len(texts) && texts[code] != "" {
		return fmt.Errorf("%s", texts[code])
	}
	return fmt.Errorf("it failed with code %d", code)
}
