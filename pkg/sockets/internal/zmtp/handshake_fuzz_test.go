package zmtp

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

// scriptedConn is a peer that has sent everything already, and takes all that we
// send.
type scriptedConn struct {
	net.Conn
	in      *bytes.Reader
	largest int // buffer that was offered to Read
	closed  bool
}

func (c *scriptedConn) Read(b []byte) (int, error) {
	c.largest = max(c.largest, len(b))
	return c.in.Read(b)
}

func (c *scriptedConn) Write(b []byte) (int, error)      { return len(b), nil }
func (c *scriptedConn) Close() error                     { c.closed = true; return nil }
func (c *scriptedConn) SetDeadline(time.Time) error      { return nil }
func (c *scriptedConn) SetWriteDeadline(time.Time) error { return nil }
func (c *scriptedConn) SetReadDeadline(time.Time) error  { return nil }

// FuzzHandshake gives Handshake a peer that sends anything at all.
func FuzzHandshake(f *testing.F) {
	for _, said := range []string{
		"", "GET / HTTP/1.1\r\n\r\n", greeting, greeting + ready("DEALER") + "\x01\x00\x00\x05hello", greeting + ready("FOO"),
		greeting + cmd("READY", prop("SOCKET-TYPE", "REQ"), prop("Identity", "it"), prop("X-A", "b")), greeting + cmd("ERROR", "\x03400"),
		signature + "\x01\x05\x00\x02id\x00\x05hello", signature + "\x02\x03\x02\x00\x00\x00\x00\x00\x00\x00\x00", signature + "\x01\x05\x02" + long(1 << 62)[1:],
		greeting + long(1<<62), greeting + long(300) + "\x05READY", signature + "\x01\x03",
	} {
		f.Add([]byte(said), false)
	}
	for _, said := range []string{
		cmd("WELCOME") + cmd("READY", prop("Socket-Type", "DEALER")), cmd("WELCOME") + cmd("WELCOME"), "\x04\x09^RROR\x03400", cmd("HELLO"),
	} {
		f.Add(append(bytes.Clone(plainGreeting), said...), true)
	}
	f.Fuzz(func(t *testing.T, said []byte, inPlain bool) {
		c := configOf("ROUTER")
		if inPlain {
			c.Security = plainConfig().Security
		}
		conn := &scriptedConn{in: bytes.NewReader(said)}
		peer, rest, err := Handshake(conn, c)
		if conn.largest > 4*maxHandshakeCommand {
			t.Errorf("a buffer of %d bytes", conn.largest)
		}
		if err != nil {
			var failed *HandshakeError
			if !errors.As(err, &failed) || failed.Kind == 0 || !conn.closed || rest != nil {
				t.Errorf("closed %v, rest %q, %v", conn.closed, rest, err)
			}
			return
		}
		if conn.closed || !c.Accepts(peer.Type) || len(peer.Identity) > 255 || peer.Major < 2 || peer.Major == 2 && inPlain {
			t.Errorf("closed %v, %+v", conn.closed, peer)
		}
		unread, _ := io.ReadAll(conn.in)
		if !bytes.HasSuffix(said, append(bytes.Clone(rest), unread...)) {
			t.Errorf("rest %q is not the end of what was said", rest)
		}
	})
}

// FuzzMetadata demands that metadata that parses is written the same again.
func FuzzMetadata(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte(prop("Socket-Type", "REQ") + prop("Identity", "")))
	f.Add([]byte(prop("X", "y") + "\x01X\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		ps, err := parseMetadata(b)
		if err != nil {
			return
		}
		var again []byte
		md := zmq4.Metadata{}
		for _, p := range ps {
			again = appendProperty(again, p)
			md[p.name] = p.value
		}
		if !bytes.Equal(again, b) {
			t.Errorf("%q became %q", b, again)
		}
		own, err := parseMetadata(ownMetadata(md))
		if err != nil || len(own) == 0 || own[0].value != md[socketTypeProperty] {
			t.Errorf("%q: %q, %v", b, own, err)
		}
	})
}
