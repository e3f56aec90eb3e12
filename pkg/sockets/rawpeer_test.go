package sockets

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// rawPeer is the far end of a connection of a socket, written by hand.
type rawPeer struct {
	net.Conn
	t  testing.TB
	in *bufio.Reader
}

func newRawPeer(tb testing.TB, nc net.Conn) *rawPeer {
	tb.Helper()
	tb.Cleanup(func() { _ = nc.Close() })
	p := &rawPeer{nc, tb, bufio.NewReader(nc)}
	p.patient()
	try(tb, nc.SetWriteDeadline(time.Now().Add(watchdog)))
	return p
}

// patient gives what is read next the time of the watchdog. A closed connection
// fails when it is read.
func (p *rawPeer) patient() { _ = p.SetReadDeadline(time.Now().Add(watchdog)) }

// dialRaw connects to a bound tcp or ipc endpoint; nothing is sent yet.
func dialRaw(tb testing.TB, endpoint string) *rawPeer {
	tb.Helper()
	network, address := netAddress(endpoint)
	nc, err := net.DialTimeout(network, address, watchdog)
	try(tb, err)
	return newRawPeer(tb, nc)
}

// netAddress returns the network and address of package net for an endpoint.
func netAddress(endpoint string) (network, address string) {
	if path, ok := strings.CutPrefix(endpoint, "ipc://"); ok {
		return "unix", path
	}
	if rest, ok := strings.CutPrefix(endpoint, "ws://"); ok {
		address, _, _ = strings.Cut(rest, "/")
		return "tcp", address
	}
	return "tcp", strings.TrimPrefix(endpoint, "tcp://")
}

// meet connects to a bound endpoint and does the handshake as a 3.1 peer of the
// given type: "REQ". props are further properties, from prop.
func meet(tb testing.TB, endpoint, peerType string, props ...string) *rawPeer {
	tb.Helper()
	p := dialRaw(tb, endpoint)
	p.greet(1)
	p.ready(peerType, props...)
	return p
}

// rawListener is an endpoint that sockets under test connect to.
type rawListener struct {
	net.Listener
	t        testing.TB
	endpoint string
}

// listenRaw listens on an endpoint, or any port for anyPort.
func listenRaw(tb testing.TB, endpoint string) *rawListener {
	tb.Helper()
	network, address := netAddress(strings.Replace(endpoint, ":*", ":0", 1))
	l, err := net.Listen(network, address)
	try(tb, err)
	tb.Cleanup(func() { _ = l.Close() })
	if network == "tcp" {
		endpoint = "tcp://" + l.Addr().String()
	}
	return &rawListener{l, tb, endpoint}
}

// accept waits for a connection; nothing is sent on it yet.
func (l *rawListener) accept() *rawPeer {
	l.t.Helper()
	if d, ok := l.Listener.(interface{ SetDeadline(t time.Time) error }); ok {
		try(l.t, d.SetDeadline(time.Now().Add(watchdog)))
	}
	nc, err := l.Accept()
	try(l.t, err)
	return newRawPeer(l.t, nc)
}

// meet waits for a connection and does the handshake as a 3.1 peer.
func (l *rawListener) meet(peerType string, props ...string) *rawPeer {
	l.t.Helper()
	p := l.accept()
	p.greet(1)
	p.ready(peerType, props...)
	return p
}

const nullName = "NULL\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// greeting returns that of a ZMTP 3 peer with the mechanism NULL.
func greeting(minor int) string {
	return "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03" + string([]byte{byte(minor)}) + nullName + strings.Repeat("\x00", 32)
}

// prop returns a property of READY.
func prop(name, value string) string {
	b := append([]byte{byte(len(name))}, name...)
	return string(append(binary.BigEndian.AppendUint32(b, uint32(len(value))), value...))
}

// ready returns a READY command as a frame.
func ready(peerType string, props ...string) string {
	return command("READY", prop("Socket-Type", peerType)+strings.Join(props, ""))
}

// frame returns a frame with the given flags, in the short form if possible, else
// with LONG.
func frame(flags byte, body string) string {
	return string(framing.AppendHeader(nil, flags, len(body))) + body
}

// longFrame returns a frame in the long form whatever its size.
func longFrame(flags byte, body string) string {
	return header(flags, uint64(len(body))) + body
}

// header returns that of a frame in the long form, of any size.
func header(flags byte, size uint64) string {
	return string(binary.BigEndian.AppendUint64([]byte{flags | framing.FlagLong}, size))
}

// message returns a message as frames.
func message(parts ...string) string {
	return string(framing.AppendMessage(nil, frames.Strings(parts...)))
}

// command returns a command as a frame.
func command(name, data string) string {
	return frame(framing.FlagCommand, string([]byte{byte(len(name))})+name+data)
}

// greet sends a greeting as ZMTP 3.minor and reads the socket's.
func (p *rawPeer) greet(minor int) {
	p.t.Helper()
	p.send(greeting(minor))
	p.readGreeting()
}

// readGreeting reads the socket's 64 bytes.
func (p *rawPeer) readGreeting() string {
	p.t.Helper()
	p.patient()
	b := make([]byte, 64)
	if n, err := io.ReadFull(p.in, b); err != nil {
		p.t.Fatalf("greeting: %q, %v", b[:n], err)
	}
	return string(b)
}

// ready sends READY and reads the socket's, whose metadata it returns.
func (p *rawPeer) ready(peerType string, props ...string) (metadata string) {
	p.t.Helper()
	p.send(ready(peerType, props...))
	return p.expectCommand("READY")
}

// send writes; the socket may have closed already.
func (p *rawPeer) send(parts ...string) {
	_ = p.SetWriteDeadline(time.Now().Add(watchdog))
	_, _ = io.WriteString(p.Conn, strings.Join(parts, ""))
}

// readFrame reads a frame of at most 64 MiB.
func (p *rawPeer) readFrame() (flags byte, body string) {
	p.t.Helper()
	flags, body, err := p.tryReadFrame()
	if err != nil {
		p.t.Fatalf("waiting for a frame: %v", err)
	}
	return flags, body
}

func (p *rawPeer) tryReadFrame() (flags byte, body string, err error) {
	p.patient()
	h := make([]byte, 2, framing.MaxHeader)
	if _, err := io.ReadFull(p.in, h); err != nil {
		return 0, "", err
	}
	if h[0]&framing.FlagLong != 0 {
		h = h[:framing.MaxHeader]
		if _, err := io.ReadFull(p.in, h[2:]); err != nil {
			return 0, "", err
		}
	}
	flags, size, _ := framing.ParseHeader(h)
	if size > 64<<20 {
		return 0, "", errors.New("a frame out of all proportion")
	}
	b := make([]byte, size)
	_, err = io.ReadFull(p.in, b)
	return flags, string(b), err
}

// expectFrame reads a frame and compares it; flags include LONG.
func (p *rawPeer) expectFrame(flags byte, body string) {
	p.t.Helper()
	gotFlags, got := p.readFrame()
	if gotFlags != flags || got != body {
		p.t.Fatalf("frame %02x %s, want %02x %s", gotFlags, cutShort(got), flags, cutShort(body))
	}
}

// expectCommand reads a command of the given name and returns its data.
func (p *rawPeer) expectCommand(name string) (data string) {
	p.t.Helper()
	flags, body := p.readFrame()
	data, ok := strings.CutPrefix(body, string([]byte{byte(len(name))})+name)
	if flags&^framing.FlagLong != framing.FlagCommand || !ok {
		p.t.Fatalf("frame %02x %s, want the command %s", flags, cutShort(body), name)
	}
	return data
}

// expectMessage reads a message and compares it.
func (p *rawPeer) expectMessage(parts ...string) {
	p.t.Helper()
	if got := p.readMessage(); !slices.EqualFunc(got, frames.Strings(parts...), bytes.Equal) {
		p.t.Fatalf("message %s, want %s", spell(got), spell(frames.Strings(parts...)))
	}
}

// readMessage reads a message.
func (p *rawPeer) readMessage() frames.Message {
	p.t.Helper()
	var m frames.Message
	for more := true; more; {
		flags, body := p.readFrame()
		if flags&framing.FlagCommand != 0 {
			p.t.Fatalf("command %s inside a message or before it", cutShort(body))
		}
		more = flags&framing.FlagMore != 0
		m = append(m, []byte(body))
	}
	return m
}

// expectClosed waits for the socket to close the connection and returns what it
// sent until then.
func (p *rawPeer) expectClosed() (sent string) {
	p.t.Helper()
	p.patient()
	b, err := io.ReadAll(p.in)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		p.t.Fatalf("connection still open; it sent %q", b)
	}
	return string(b)
}

// expectOpen proves with a PING that the socket still serves the connection.
func (p *rawPeer) expectOpen() {
	p.t.Helper()
	p.send(command("PING", "\x00\x00still there?"))
	if got := p.expectCommand("PONG"); got != "still there?" {
		p.t.Fatalf("PONG with %q", got)
	}
}

// endInput ends the peer's writing; it can still read.
func (p *rawPeer) endInput() {
	p.t.Helper()
	half, ok := p.Conn.(interface{ CloseWrite() error })
	if !ok {
		p.t.Fatalf("%T has no half to close", p.Conn)
	}
	try(p.t, half.CloseWrite())
}

// hangUp closes the connection with all that was sent still on its way.
func (p *rawPeer) hangUp() { _ = p.Close() }

// waitsForPeers reports whether a send without a peer waits for one.
func waitsForPeers(kind Type) bool {
	return slices.Contains([]Type{Req, Push, Dealer, Pair, Client, Scatter, Channel}, kind)
}

// stableTypes returns those of them that every libzmq has.
func stableTypes() []Type {
	return slices.DeleteFunc(zmtpTypes(), func(t Type) bool { return t.Traits().Draft })
}

// zmtpTypes returns the types whose peers speak ZMTP.
func zmtpTypes() []Type {
	return slices.DeleteFunc(Types(), Type.Raw)
}
