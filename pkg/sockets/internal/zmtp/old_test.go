package zmtp

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// oldPeer is all that a peer of ZMTP 2.0 sends of itself.
func oldPeer(socketType, identity string) string {
	number := slices.Index(typeNames(), socketType)
	return signature + "\x01" + string([]byte{byte(number)}) + message(identity)
}

// C06: a ZMTP 2.0 peer of every type meets every type, sent at once and with its first
// message behind it.
func TestC06OldPeers(t *testing.T) {
	for own, legal := range legalPairs {
		for _, theirs := range typeNames() {
			c := configOf(own)
			c.Identity, c.Bound, c.Server = []byte("we"), true, true
			p := meet(t, c)
			p.send(oldPeer(theirs, "it"), message("hello"))
			if !slices.Contains(legal, theirs) {
				sent := p.fails(FailureType, "the peer is "+theirs+", this side is "+own)
				if want := greeting[:11] + oldPeer(own, "we")[11:]; sent != want {
					t.Errorf("%s to %s: sent %q, want %q", theirs, own, sent, want)
				}
				continue
			}
			p.expect(greeting[:11] + oldPeer(own, "we")[11:])
			peer, rest := p.succeeds()
			if peer.Type != theirs || string(peer.Identity) != "it" || peer.Major != 2 || peer.Minor != 0 || string(rest) != message("hello") {
				t.Errorf("%s to %s: %+v, rest %q", theirs, own, peer, rest)
			}
		}
	}
}

// RFC 37 gives the version of ZMTP 2.0 as 1 or 2; a greeting may come in any pieces.
func TestC06OldGreetings(t *testing.T) {
	for name, c := range map[string]struct{ said, identity string }{
		"version 2":       {signature + "\x02\x05\x00\x00", ""},
		"libzmq's":        {"\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01\x05\x00\x00", ""},
		"identity":        {signature + "\x01\x05\x00\x03abc", "abc"},
		"long form":       {signature + "\x01\x05\x02\x00\x00\x00\x00\x00\x00\x00\x03abc", "abc"},
		"longest":         {oldPeer("DEALER", letters[:255]), letters[:255]},
		"empty long form": {signature + "\x01\x05\x02\x00\x00\x00\x00\x00\x00\x00\x00", ""},
	} {
		for _, bound := range []bool{false, true} {
			config := configOf("ROUTER")
			config.Server, config.Bound = bound, bound
			p := meet(t, config)
			for i := range len(c.said) {
				p.send(c.said[i : i+1])
			}
			p.expect(greeting[:11] + "\x06\x00\x00")
			if peer, rest := p.succeeds(); peer.Type != "DEALER" || string(peer.Identity) != c.identity || len(rest) > 0 {
				t.Errorf("%s: %+v, rest %q", name, peer, rest)
			}
		}
	}
}

// A malformed end of a greeting is refused at its first wrong byte, before memory is
// taken for an identity of any size.
func TestC06MalformedOldGreetings(t *testing.T) {
	for name, c := range map[string]struct {
		said, text string
		kind       FailureKind
	}{
		"type 200":      {"\xc8", "the peer is number 200, this side is ROUTER", FailureType},
		"first unknown": {string([]byte{byte(len(typeNames()))}), fmt.Sprintf("the peer is number %d", len(typeNames())), FailureType},
		"MORE":          {"\x05\x01", "flags 01", FailureProtocol},
		"command":       {"\x05\x04", "flags 04", FailureProtocol},
		"reserved":      {"\x05\x80", "flags 80", FailureProtocol},
		"256 bytes":     {"\x05\x02" + long(256)[1:], "an identity of 256 bytes", FailureProtocol},
		"2^63":          {"\x05\x02" + long(1 << 63)[1:], "an identity of 9223372036854775808 bytes", FailureProtocol},
		"zero byte":     {"\x05" + message("\x00abcd"), "zero byte", FailureProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			p := meet(t, configOf("ROUTER"))
			p.send(signature, "\x01", c.said)
			if sent := p.fails(c.kind, c.text); sent != greeting[:11]+"\x06\x00\x00" {
				t.Errorf("sent %q", sent)
			}
		})
	}
}

// Who has to show who it is cannot do so in ZMTP 2.0.
func TestC06OldPeerToBeAuthorized(t *testing.T) {
	c := configOf("ROUTER")
	c.Server, c.Bound, c.Authorize = true, true, letIn
	p := meet(t, c)
	p.send(oldPeer("DEALER", ""))
	if sent := p.fails(FailureProtocol, "ZMTP 2.0, too old to be authorized"); sent != greeting[:11] {
		t.Errorf("sent %q", sent)
	}
	for side, mechanism := range map[string]Mechanism{"server": PlainServer, "client": PlainClient("joe", "secret")} {
		c := configOf("ROUTER")
		c.Server, c.Bound, c.Security = side == "server", true, mechanism
		p := meet(t, c)
		p.send(oldPeer("DEALER", ""))
		if sent := p.fails(FailureProtocol, "ZMTP 2.0, too old for PLAIN"); sent != greeting[:11] {
			t.Errorf("%s: sent %q", side, sent)
		}
	}
}

// The time of the handshake limits this one as well, whatever is missing.
func TestC08OldPeerThatStops(t *testing.T) {
	whole := oldPeer("DEALER", "it")
	for n := 10; n < len(whole); n++ {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			c := configOf("ROUTER")
			c.Timeout = time.Minute
			begun := time.Now()
			p := meetOn(t, c, near, far)
			go p.send(whole[:n])
			p.fails(FailureTimeout, "in the greeting")
			if took := time.Since(begun); took != c.Timeout {
				t.Errorf("%d bytes: %v", n, took)
			}
		})
	}
}

// Between the signature and the version of a peer may lie any time: only the version
// tells what it understands.
func TestC06OldPeerThatIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		p := meetOn(t, configOf("ROUTER"), near, far)
		p.send(signature)
		p.expect(greeting[:11])
		<-time.After(time.Hour)
		p.send(oldPeer("DEALER", "")[10:11])
		p.expect("\x06\x00\x00")
		<-time.After(time.Hour)
		p.send(oldPeer("DEALER", "")[11:])
		p.succeeds()
		_ = far.Close()
	})
}

// One that shows nothing at all for a while has got too much; a patient side lets it
// come first, and so does one that is bound, as there may be no second connection.
func TestC06OldPeerThatIsSilent(t *testing.T) {
	for _, set := range []func(*Config){
		func(*Config) {}, func(c *Config) { c.Patient = true }, func(c *Config) { c.Bound = true },
	} {
		c := configOf("ROUTER")
		set(c)
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			p := meetOn(t, c, near, far)
			if c.Patient || c.Bound {
				p.expect(greeting[:11])
				<-time.After(time.Hour)
				p.send(signature[:5])
				<-time.After(time.Hour)
				p.send(oldPeer("DEALER", "")[5:])
				p.expect("\x06\x00\x00")
				p.succeeds()
				_ = far.Close()
				return
			}
			p.expect(greeting)
			p.send(signature, "\x01")
			r := <-p.done
			checkFailure(t, r, FailureLost, "the peer speaks ZMTP 2.0")
			var failed *HandshakeError
			if !errors.As(r.err, &failed) || !failed.Hasty {
				t.Errorf("%+v", r.err)
			}
			_ = far.Close()
		})
	}
}

// A command is none in ZMTP 2.0, where its bit is reserved.
func TestC14CommandOfAnOldPeer(t *testing.T) {
	old := Peer{Type: "SUB", Major: 2}
	for _, publisher := range []bool{false, true} {
		for _, said := range []string{cmd("PING", "\x00\x00"), cmd("SUBSCRIBE", "A"), mistaken("SUBSCRIBE", letters[:246])} {
			got := hearAs(t, old, Setup{Publisher: publisher}, "", message("\x01A"), said, message("b"))
			checkOutcome(t, said, got, outcome{messages: []string{message("\x01A")}, err: "a command, which ZMTP 2.0 does not have"})
		}
	}
}

// No PING and no ERROR goes to a peer that knows no commands.
func TestOldPeerGetsNoCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		queued := false
		c := NewConn(near, Peer{Major: 2}, nil, Setup{
			Heartbeat: Heartbeat{Interval: time.Second, Timeout: time.Second},
			Control:   func([]byte) { queued = true },
		})
		<-time.After(time.Hour)
		synctest.Wait()
		if queued || c.beat.silent() {
			t.Error("it was sent a PING")
		}
		if got := c.AppendRefusal(nil, "no"); len(got) > 0 {
			t.Errorf("%q", got)
		}
		c.Close()
		_ = far.Close()
	})
	newer := &Conn{Peer: Peer{Major: 3}}
	if got := string(newer.AppendRefusal(nil, "no")); got != string(AppendError(nil, "no")) {
		t.Errorf("%q", got)
	}
}

// FuzzOldGreeting demands that the end of a ZMTP 2.0 greeting is judged the same
// however it is cut, and takes no more memory than it may.
func FuzzOldGreeting(f *testing.F) {
	f.Add([]byte("\x05\x00\x00"), 1)
	f.Add([]byte(oldPeer("REQ", "it")[11:]+message("hello")), 2)
	f.Add([]byte("\x05\x02"+long(1 << 40)[1:]+"abc"), 3)
	f.Fuzz(func(t *testing.T, said []byte, size int) {
		var results []string
		for _, step := range []int{1 + len(said), 1 + int(uint(size)%20)} {
			conn := &pieces{left: []string{signature + "\x01"}}
			for part := range slices.Chunk(said, step) {
				conn.left = append(conn.left, string(part))
			}
			var peer Peer
			var rest []byte
			var err error
			if used := allocated(func() { peer, rest, err = Handshake(&deaf{conn}, configOf("ROUTER")) }); used > 1<<20 {
				t.Errorf("%d bytes allocated for %d", used, len(said))
			}
			behind := string(rest) + strings.Join(conn.left, "")
			if err == nil && !strings.HasSuffix(string(said), behind) {
				t.Errorf("rest %q of %q", behind, said)
			}
			if err != nil {
				behind = err.Error()
			}
			results = append(results, fmt.Sprintf("%q %q %q", peer.Type, peer.Identity, behind))
		}
		if results[0] != results[1] {
			t.Errorf("%s\nin pieces: %s", results[0], results[1])
		}
	})
}

// deaf is a peer that takes all that we send.
type deaf struct{ *pieces }

func (*deaf) SetDeadline(time.Time) error      { return nil }
func (*deaf) SetReadDeadline(time.Time) error  { return nil }
func (*deaf) SetWriteDeadline(time.Time) error { return nil }
