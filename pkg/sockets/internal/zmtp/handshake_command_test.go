package zmtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/plain"
)

// long returns the header of a command in long form.
func long(size uint64) string {
	return string(binary.BigEndian.AppendUint64([]byte{6}, size))
}

func TestLongFormReady(t *testing.T) {
	p := meet(t, configOf("REP"))
	body := ready("REQ")[2:]
	p.send(greeting, long(uint64(len(body))), body)
	p.succeeds()
}

func TestC14C15Flags(t *testing.T) {
	for flags, text := range map[byte]string{
		0x0c: "reserved flags (0c)", 0x84: "reserved flags (84)", 0xff: "reserved flags (ff)",
		0x05: "MORE flag", 0x07: "MORE flag", 0x00: "message where READY was due", 0x03: "message",
	} {
		p := meet(t, configOf("REP"))
		p.send(greeting, string([]byte{flags})) // the size is not waited for
		p.fails(FailureProtocol, text)
	}
}

func TestC16ClaimedSizes(t *testing.T) {
	for _, size := range []uint64{maxHandshakeCommand + 1, 20 << 20, 1 << 40, 1 << 62, 1 << 63, 1<<64 - 1} {
		near := &scriptedConn{in: bytes.NewReader([]byte(greeting + long(size) + "abc"))}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, rest, err := Handshake(near, configOf("REP"))
		runtime.ReadMemStats(&after)
		checkFailure(t, handshakeResult{rest: rest, err: err}, FailureProtocol, "more than 4096")
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("size %d: %d bytes allocated", size, used)
		}
		if !near.closed {
			t.Errorf("size %d: not closed", size)
		}
	}
}

func TestC34HugeReady(t *testing.T) {
	p := meet(t, configOf("REP"))
	body := "\x05READY" + prop("Socket-Type", "REQ") + prop("X-Big", strings.Repeat("x", 20<<20))
	p.send(greeting, long(uint64(len(body))), body[:8<<10])
	p.fails(FailureProtocol, "command of 20971")
}

func TestLargestReady(t *testing.T) {
	rest := maxHandshakeCommand - len("\x05READY"+prop("Socket-Type", "REQ")+prop("X-Big", ""))
	p := meet(t, configOf("REP"))
	p.send(greeting, cmd("READY", prop("Socket-Type", "REQ"), prop("X-Big", strings.Repeat("x", rest))))
	p.succeeds()
}

func TestC32FirstCommand(t *testing.T) {
	for said, text := range map[string]string{
		cmd("HELLO", "\x01u\x01p"):         `command "HELLO" where READY was due`,
		cmd("PING", "\x00\x00"):            `command "PING"`,
		cmd("WHATEVER"):                    `command "WHATEVER"`,
		cmd("ready"):                       `command "ready"`,
		cmd(""):                            `command ""`,
		"\x04\x00":                         "malformed command",
		"\x04\x03\x05RE":                   "malformed command",
		"\x00\x05hello":                    "message where READY was due",
		"\x00" + ready("REQ")[1:]:          "message",
		cmd("\x1b]0;x\a"):                  `command "\x1b]0;x\a"`,
		"\x04\x05^RROR":                    "malformed command",
		cmd(strings.Repeat("LONGNAME", 9)): `"LONGNAMELONGNAMELONGNAMELONGNAME"...`,
	} {
		p := meet(t, configOf("REP"))
		p.send(greeting, said)
		if sent := p.fails(FailureProtocol, text); sent != greeting+ready("REP") {
			t.Errorf("%q: sent %q", said, sent)
		}
	}
}

func TestC33Error(t *testing.T) {
	for reason, status := range map[string]int{
		"300": 300, "400": 400, "500": 500, "200": 0, "": 0, "go away": 0, "\x1b[2J": 0, strings.Repeat("x", 255): 0,
	} {
		p := meet(t, configOf("REP"))
		p.send(greeting, string(AppendError(nil, reason)))
		got, text := checkFailure(t, <-p.done, FailureRefused, "the peer refused us")
		if got != status {
			t.Errorf("%q: status %d", reason, got)
		}
		if strings.ContainsAny(text, "\x1b") || reason == "go away" && !strings.Contains(text, reason) {
			t.Errorf("%q: told as %q", reason, text)
		}
		if sent, _ := io.ReadAll(p.Conn); string(sent) != greeting+ready("REP") {
			t.Errorf("%q: sent %q", reason, sent)
		}
	}
}

func TestC33BadReasonLength(t *testing.T) {
	for _, data := range []string{"", "\x04400", "\xff400", "\x02400", "invalid"} {
		p := meet(t, configOf("REP"))
		p.send(greeting, cmd("ERROR", data))
		p.fails(FailureProtocol, "malformed ERROR")
	}
}

func TestErrorAfterMismatch(t *testing.T) {
	// We judge the peer's READY before zmq4 does, with a better reason.
	p := meet(t, configOf("REP"))
	p.send(greeting, ready("PUB"), string(AppendError(nil, "PUB cannot talk to REP")))
	p.fails(FailureType, "the peer is PUB, this side is REP")
}

func TestC36SecondReady(t *testing.T) {
	near := &scriptedConn{in: bytes.NewReader([]byte(greeting + ready("REQ") + ready("REQ")))}
	_, rest, err := Handshake(near, configOf("REP"))
	if err != nil || string(rest) != ready("REQ") {
		t.Errorf("rest %q, %v", rest, err)
	}
}

var plainGreeting = newGreeting("PLAIN", false)

// plainConfig returns the Config of a REQ with a name and a password.
func plainConfig() *Config {
	c := configOf("REQ")
	c.Security = PlainClient("joe", "secret")
	return c
}

func TestPlainClient(t *testing.T) {
	p := meet(t, plainConfig())
	p.send(string(plainGreeting))
	p.expect(string(plainGreeting) + cmd("HELLO", "\x03joe\x06secret"))
	p.send(cmd("WELCOME"))
	p.expect(cmd("INITIATE", prop("Socket-Type", "REQ"), prop("Identity", "")))
	p.send(cmd("READY", prop("socket-type", "ROUTER"), prop("IDENTITY", "it")))
	if peer, _ := p.succeeds(); peer.Type != "ROUTER" || string(peer.Identity) != "it" {
		t.Errorf("%+v", peer)
	}
}

func TestPlainDenied(t *testing.T) {
	for _, denial := range []string{string(AppendError(nil, "400")), "\x04\x09^RROR\x03400"} {
		p := meet(t, plainConfig())
		p.send(string(plainGreeting), denial)
		if status, _ := checkFailure(t, <-p.done, FailureRefused, "authentication failed"); status != 400 {
			t.Errorf("%q: status %d", denial, status)
		}
	}
}

func TestPlainTwoClients(t *testing.T) {
	p := meet(t, plainConfig())
	p.send(string(plainGreeting), cmd("HELLO", "\x01u\x01p"))
	p.fails(FailureRole, "the peer is a client of PLAIN, as this side is")
}

// A peer whose greeting says that it is a server is no peer of a server; any other
// may be a client.
func TestPlainTwoServers(t *testing.T) {
	serving := func() *Config {
		c := configOf("REP")
		c.Server, c.Security, c.Authorize = true, PlainServer, letIn
		return c
	}
	p := meet(t, serving())
	served := bytes.Clone(plainGreeting)
	served[greetingServer] = 1
	p.send(string(served))
	if sent := p.fails(FailureRole, "the peer is a server of PLAIN, as this side is"); sent != string(served) {
		t.Errorf("sent %q", sent)
	}
	p = meet(t, serving())
	p.send(string(plainGreeting), cmd("HELLO", "\x03joe\x06secret"))
	p.expect(string(served) + cmd("WELCOME"))
	p.send(cmd("INITIATE", prop("Socket-Type", "REQ")))
	p.succeeds()
}

// A hesitant client lets its peer send first for a moment, and not at all where the
// peer's greeting says that it is the server.
func TestHesitantClient(t *testing.T) {
	hello := cmd("HELLO", "\x03joe\x06secret")
	for name, c := range map[string]struct {
		serves, hesitant bool
		want             time.Duration
	}{
		"hesitant": {false, true, greetingPatience}, "welcome": {true, true, 0}, "bold": {false, false, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			config := plainConfig()
			config.Hesitant = c.hesitant
			p := meetOn(t, config, near, far)
			theirs := bytes.Clone(plainGreeting)
			if c.serves {
				theirs[greetingServer] = 1
			}
			begun := time.Now()
			p.send(string(theirs))
			p.expect(string(plainGreeting) + hello)
			if took := time.Since(begun); took != c.want {
				t.Errorf("%s: %v", name, took)
			}
			p.send(cmd("WELCOME"))
			p.expect(cmd("INITIATE", prop("Socket-Type", "REQ"), prop("Identity", "")))
			p.send(cmd("READY", prop("Socket-Type", "REP")))
			p.succeeds()
			_ = far.Close()
		})
	}
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		config := plainConfig()
		config.Hesitant = true
		p := meetOn(t, config, near, far)
		p.send(string(plainGreeting))
		p.expect(string(plainGreeting))
		p.send(hello)
		p.fails(FailureRole, "the peer is a client of PLAIN")
	})
}

func TestC06OlderVersionUnderPlain(t *testing.T) {
	p := meet(t, plainConfig())
	p.send(signature, "\x01\x03\x00\x00")
	if sent := p.fails(FailureProtocol, "ZMTP 2.0, too old for PLAIN"); sent != string(plainGreeting[:11]) {
		t.Errorf("sent %q", sent)
	}
}

// refusingServer is a PLAIN server that turns everyone away.
type refusingServer struct{ zmq4.Security }

func (refusingServer) Handshake(conn *zmq4.Conn, _ bool) error {
	if _, err := conn.RecvCmd(); err != nil {
		return err
	}
	return &HandshakeError{Kind: FailureAuth, Status: 400, Err: errors.New("unknown user"), reason: "400"}
}

func TestServerRefusesCredentials(t *testing.T) {
	c := configOf("REP")
	c.Server = true
	c.Security = func() zmq4.Security { return refusingServer{plain.Security("", "")} }
	p := meet(t, c)
	p.expect(string(newGreeting("PLAIN", true)))
	p.send(string(plainGreeting), cmd("HELLO", "\x01u\x01p"))
	if sent := p.fails(FailureAuth, "unknown user"); sent != "\x04\x0a\x05ERROR\x03400" {
		t.Errorf("sent %q", sent)
	}
}

// envelope is a mechanism whose metadata only it can read: reversed.
type envelope struct {
	nullMechanism
	metadata []byte
}

func (*envelope) seals() {}

func (*envelope) Type() zmq4.SecurityType { return zmq4.CurveSecurity }

func (m *envelope) Handshake(conn *zmq4.Conn, _ bool) error {
	for _, due := range []string{"HELLO", "INITIATE"} {
		cmd, err := conn.RecvCmd()
		if err != nil || cmd.Name != due {
			return errors.New("no " + due)
		}
		m.metadata = cmd.Body
	}
	for i, j := 0, len(m.metadata)-1; i < j; i, j = i+1, j-1 {
		m.metadata[i], m.metadata[j] = m.metadata[j], m.metadata[i]
	}
	if failed := m.guard.config.judge(&m.guard.peer, m.metadata); failed != nil {
		return failed
	}
	return conn.SendCmd("READY", nil)
}

func (*envelope) Encrypt(w io.Writer, b []byte) (int, error) { return w.Write(b) }
func (*envelope) Decrypt(w io.Writer, b []byte) (int, error) { return w.Write(b) }

func TestSealedMetadata(t *testing.T) {
	reverse := func(s string) string {
		b := []byte(s)
		for i := range b {
			b[i] = s[len(s)-1-i]
		}
		return string(b)
	}
	c := configOf("REP")
	c.Server = true
	c.Security = func() zmq4.Security { return new(envelope) }
	for said, kind := range map[string]FailureKind{
		prop("Socket-Type", "REQ"): 0, prop("Socket-Type", "PUB"): FailureType, "\x05": FailureProtocol, "": FailureProtocol,
	} {
		p := meet(t, c)
		p.send(string(newGreeting("CURVE", false)), cmd("HELLO"), cmd("INITIATE", reverse(said)))
		if kind != 0 {
			p.fails(kind, "")
		} else if peer, _ := p.succeeds(); peer.Type != "REQ" {
			t.Errorf("%+v", peer)
		}
	}
}

// broken is a mechanism that panics, as the library does on truncated metadata.
type broken struct{ nullMechanism }

func (broken) Type() zmq4.SecurityType { return zmq4.NullSecurity }

func (broken) Handshake(*zmq4.Conn, bool) error {
	return new(zmq4.Metadata).UnmarshalZMTP([]byte{1, 200})
}

func TestPanicIsAFailure(t *testing.T) {
	c := configOf("REP")
	c.Security = func() zmq4.Security { return broken{} }
	p := meet(t, c)
	p.send(greeting)
	p.fails(FailureProtocol, "not understood")
}
