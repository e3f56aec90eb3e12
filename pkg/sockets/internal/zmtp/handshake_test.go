package zmtp

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// legalPairs is the table of RFC 37, "The Socket-Type Property".
var legalPairs = map[string][]string{
	"REQ": {"REP", "ROUTER"}, "REP": {"REQ", "DEALER"},
	"DEALER": {"REP", "DEALER", "ROUTER"}, "ROUTER": {"REQ", "DEALER", "ROUTER"},
	"PUB": {"SUB", "XSUB"}, "XPUB": {"SUB", "XSUB"}, "SUB": {"PUB", "XPUB"}, "XSUB": {"PUB", "XPUB"},
	"PUSH": {"PULL"}, "PULL": {"PUSH"}, "PAIR": {"PAIR"},
}

// configOf returns a socket type's usual Config, without a Timeout: a handshake
// that ends, ends because of the peer.
func configOf(socketType string) *Config {
	return &Config{
		Type:     socketType,
		Announce: socketType == "REQ" || socketType == "DEALER" || socketType == "ROUTER",
		Types:    typeNames,
		Accepts:  func(peer string) bool { return slices.Contains(legalPairs[socketType], peer) },
	}
}

type handshakeResult struct {
	peer Peer
	rest []byte
	err  error
}

// rawPeer is the far end of a handshake, controlled by a test.
type rawPeer struct {
	net.Conn
	t    *testing.T
	near net.Conn
	done chan handshakeResult
}

// watchdog ends a test that would hang; no test passes because of it.
const watchdog = 60 * time.Second

// tcpPair returns both ends of a loopback connection.
func tcpPair(t *testing.T) (near, far net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	far, err = net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = far.Close() })
	near, err = ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = near.Close() })
	return near, far
}

// meet starts Handshake on one end of a connection and returns the other.
func meet(t *testing.T, c *Config) *rawPeer {
	t.Helper()
	near, far := tcpPair(t)
	if err := far.SetDeadline(time.Now().Add(watchdog)); err != nil {
		t.Fatal(err)
	}
	return meetOn(t, c, near, far)
}

func meetOn(t *testing.T, c *Config, near, far net.Conn) *rawPeer {
	t.Helper()
	p := &rawPeer{far, t, near, make(chan handshakeResult, 1)}
	go func() {
		peer, rest, err := Handshake(near, c)
		p.done <- handshakeResult{peer, rest, err}
	}()
	return p
}

// send writes; the other side may have closed already.
func (p *rawPeer) send(parts ...string) {
	_, _ = io.WriteString(p.Conn, strings.Join(parts, ""))
}

// expect reads exactly want.
func (p *rawPeer) expect(want string) {
	p.t.Helper()
	got := make([]byte, len(want))
	n, err := io.ReadFull(p.Conn, got)
	if err != nil || string(got) != want {
		p.t.Fatalf("got %q, %v\nwant %q", got[:n], err, want)
	}
}

// succeeds waits for the handshake to end well.
func (p *rawPeer) succeeds() (Peer, []byte) {
	p.t.Helper()
	r := <-p.done
	if r.err != nil {
		p.t.Fatal(r.err)
	}
	return r.peer, r.rest
}

// fails waits for the handshake to fail as kind, its reason holding text, and for
// the connection to be closed. It returns what was sent to the peer and not read.
func (p *rawPeer) fails(kind FailureKind, text string) (sent string) {
	p.t.Helper()
	var b []byte
	read := make(chan error, 1)
	go func() {
		var err error
		b, err = io.ReadAll(p.Conn)
		if late := net.Error(nil); errors.As(err, &late) && late.Timeout() {
			_ = p.Close()
		}
		read <- err
	}()
	r := <-p.done
	if r.err == nil {
		_ = p.near.Close() // it would stay open
	}
	var late net.Error
	if err := <-read; errors.As(err, &late) && late.Timeout() {
		p.t.Error("connection still open")
	}
	checkFailure(p.t, r, kind, text)
	if _, err := p.near.Write([]byte{0}); !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.ErrClosedPipe) {
		p.t.Errorf("connection not closed: %v", err)
	}
	return string(b)
}

func checkFailure(t *testing.T, r handshakeResult, kind FailureKind, text string) (status int, reason string) {
	t.Helper()
	var failed *HandshakeError
	if !errors.As(r.err, &failed) {
		t.Fatalf("error is %v", r.err)
	}
	if failed.Kind != kind || !strings.Contains(failed.Error(), text) {
		t.Errorf("failure of kind %d, %q\nwant %d, %q", failed.Kind, failed, kind, text)
	}
	if retry := kind == FailureLost || kind == FailureTimeout; failed.Fatal() == retry {
		t.Errorf("kind %d: Fatal is %v", kind, failed.Fatal())
	}
	if r.rest != nil || r.peer.Type != "" {
		t.Errorf("a failed handshake returned %+v", r)
	}
	return failed.Status, failed.Error()
}

const (
	signature = "\xff\x00\x00\x00\x00\x00\x00\x00\x00\x7f"
	nullName  = "NULL\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
)

var (
	filler   = strings.Repeat("\x00", 31)
	greeting = signature + "\x03\x01" + nullName + "\x00" + filler // as ours under NULL
)

// prop returns a property in the form of RFC 37.
func prop(name, value string) string {
	return string(appendProperty(nil, property{name, value}))
}

// cmd returns a command as a frame.
func cmd(name string, data ...string) string {
	return string(handshakeFrame(name, []byte(strings.Join(data, ""))))
}

func ready(socketType string) string { return cmd("READY", prop("Socket-Type", socketType)) }

func TestC01Greeting(t *testing.T) {
	p := meet(t, configOf("REP"))
	p.expect(greeting)
	p.send("x")
	if sent := p.fails(FailureProtocol, "does not speak ZMTP"); sent != "" {
		t.Errorf("sent %q behind the greeting", sent)
	}
}

func TestC03Dribble(t *testing.T) {
	p := meet(t, configOf("REP"))
	for _, b := range []byte(greeting + ready("REQ")) {
		p.send(string([]byte{b}))
	}
	if peer, rest := p.succeeds(); peer.Type != "REQ" || len(rest) > 0 {
		t.Errorf("%+v, rest %q", peer, rest)
	}
}

func TestC03OneSegment(t *testing.T) {
	// The bytes after READY are kept as they are.
	following := "\x01\x00\x00\x05hello" + strings.Repeat("x", 300)
	near := &scriptedConn{in: bytes.NewReader([]byte(greeting + ready("REQ") + following))}
	peer, rest, err := Handshake(near, configOf("REP"))
	if err != nil || peer.Type != "REQ" {
		t.Fatalf("%+v, %v", peer, err)
	}
	left, _ := io.ReadAll(near.in)
	if got := string(rest) + string(left); got != following {
		t.Errorf("rest %q\nwant %q", got, following)
	}
}

func TestC24Ready(t *testing.T) {
	for socketType, peers := range legalPairs {
		c := configOf(socketType)
		c.Identity = []byte("me")
		want := ready(socketType)
		if c.Announce {
			want = cmd("READY", prop("Socket-Type", socketType), prop("Identity", "me"))
		}
		p := meet(t, c)
		p.send(greeting)
		p.expect(greeting + want)
		p.send(ready(peers[0]))
		p.succeeds()
	}
}

func TestC24ReadyOfAnonymousDealer(t *testing.T) {
	p := meet(t, configOf("DEALER"))
	p.send(greeting)
	p.expect(greeting + "\x04\x29\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER\x08Identity\x00\x00\x00\x00")
	p.send(ready("ROUTER"))
	p.succeeds()
}

func TestC26NothingWaits(t *testing.T) {
	// All of the greeting comes without the peer's first byte, if late, and READY
	// before its READY; the rest of the greeting goes out in one write, and so does
	// READY.
	near, far := tcpPair(t)
	counted := &countedConn{Conn: near}
	p := meetOn(t, configOf("PUSH"), counted, far)
	p.expect(greeting)
	p.send(greeting)
	p.expect(ready("PUSH"))
	p.send(ready("PULL"))
	p.succeeds()
	if counted.writes != 3 {
		t.Errorf("%d writes", counted.writes)
	}
}

type countedConn struct {
	net.Conn
	writes int
}

func (c *countedConn) Write(b []byte) (int, error) {
	c.writes++
	return c.Conn.Write(b)
}

func TestC28AllPairs(t *testing.T) {
	// Both ends are ours, on a pipe that makes each write wait for its reader.
	for near := range legalPairs {
		for far := range legalPairs {
			synctest.Test(t, func(t *testing.T) {
				a, b := net.Pipe()
				defer func() { _ = a.Close() }()
				p := meetOn(t, configOf(near), a, b)
				q := meetOn(t, configOf(far), b, a)
				atNear, atFar := <-p.done, <-q.done
				if !slices.Contains(legalPairs[near], far) {
					checkFailure(t, atNear, FailureType, "the peer is "+far+", this side is "+near)
					checkFailure(t, atFar, FailureType, "the peer is "+near+", this side is "+far)
				} else if atNear.err != nil || atFar.err != nil || atNear.peer.Type != far || atFar.peer.Type != near {
					t.Errorf("%s and %s: %+v, %+v", near, far, atNear, atFar)
				}
			})
		}
	}
}

// Which types may talk to each other is for Config to say, also of types that zmq4
// does not know.
func TestTypesUnknownToZMQ4(t *testing.T) {
	ours, theirs := configOf("CLIENT"), configOf("SERVER")
	ours.Accepts = func(peer string) bool { return peer == "SERVER" }
	theirs.Accepts = func(peer string) bool { return peer == "CLIENT" }
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		defer func() { _ = a.Close() }()
		p, q := meetOn(t, ours, a, b), meetOn(t, theirs, b, a)
		client, server := <-p.done, <-q.done
		if client.err != nil || server.err != nil || client.peer.Type != "SERVER" || server.peer.Type != "CLIENT" {
			t.Errorf("%+v, %+v", client, server)
		}
	})
}

func TestC08Silence(t *testing.T) {
	for name, said := range map[string]string{
		"nothing": "", "half a greeting": greeting[:31], "no READY": greeting, "half a READY": greeting + ready("REQ")[:9],
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				defer func() { _ = far.Close() }()
				c := configOf("REP")
				c.Timeout = 30 * time.Second
				start := time.Now()
				p := meetOn(t, c, near, far)
				p.send(said)
				_, reason := checkFailure(t, <-p.done, FailureTimeout, "timed out")
				if strings.Contains(reason, "i/o") || strings.Contains(reason, "deadline") {
					t.Errorf("in the system's words: %s", reason)
				}
				if took := time.Since(start); took != c.Timeout {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestDeadlineEndsWithHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer func() { _ = near.Close() }()
		c := configOf("REP")
		c.Timeout = time.Second
		p := meetOn(t, c, near, far)
		p.expect(greeting)
		p.send(greeting)
		p.expect(ready("REP"))
		p.send(ready("REQ"))
		p.succeeds()
		go func() {
			<-time.After(2 * c.Timeout)
			p.send("later")
		}()
		b := make([]byte, 5)
		if _, err := io.ReadFull(near, b); err != nil {
			t.Error(err)
		}
	})
}

func TestRefusedPeerThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer func() { _ = far.Close() }()
		start := time.Now()
		p := meetOn(t, configOf("REP"), near, far)
		p.send("GET / HTTP/1.1\r\n")
		checkFailure(t, <-p.done, FailureProtocol, "does not speak ZMTP but HTTP")
		if took := time.Since(start); took != refusalTimeout {
			t.Errorf("took %v", took)
		}
	})
}

func TestC09PeerCloses(t *testing.T) {
	whole := greeting + ready("REQ")
	for _, n := range []int{0, 1, 10, 11, 63, 64, 65, len(whole) - 1} {
		p := meet(t, configOf("REP"))
		p.send(whole[:n])
		_ = p.Conn.(*net.TCPConn).CloseWrite()
		hint := ""
		if n >= 10 && n < 32 {
			hint = "another security mechanism?"
		}
		p.fails(FailureLost, hint)
	}
}

func TestClosedFromOutside(t *testing.T) {
	p := meet(t, configOf("REP"))
	p.expect(greeting)
	_ = p.near.Close()
	p.fails(FailureLost, "closed")
}

func TestConnectionClosedBefore(t *testing.T) {
	near, far := tcpPair(t)
	_ = near.Close()
	c := configOf("REP")
	c.Timeout = time.Minute
	p := meetOn(t, c, near, far)
	p.fails(FailureLost, "closed")
}

// typeNames returns the names of the socket types by their numbers in ZMTP 2.0.
func typeNames() []string {
	return []string{"PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB"}
}
