package zmtp

import (
	"strings"
	"testing"
)

func TestC27PropertyNamesInAnyCase(t *testing.T) {
	for _, data := range []string{
		prop("socket-type", "DEALER") + prop("IDENTITY", "it"),
		prop("identity", "it") + prop("SOCKET-TYPE", "DEALER"),
	} {
		p := meet(t, configOf("ROUTER"))
		p.send(greeting, cmd("READY", data))
		if peer, _ := p.succeeds(); peer.Type != "DEALER" || string(peer.Identity) != "it" {
			t.Errorf("%q: %+v", data, peer)
		}
	}
}

func TestC28OtherTypeIsToldWhy(t *testing.T) {
	p := meet(t, configOf("REQ"))
	p.send(greeting)
	p.expect(greeting + cmd("READY", prop("Socket-Type", "REQ"), prop("Identity", "")))
	p.send(ready("DEALER"))
	sent := p.fails(FailureType, "the peer is DEALER, this side is REQ, which talks to REP or ROUTER")
	if want := "\x04\x20\x05ERROR\x19REQ cannot talk to DEALER"; sent != want {
		t.Errorf("sent %q\nwant %q", sent, want)
	}
}

func TestC29UnknownType(t *testing.T) {
	for value, text := range map[string]string{
		"FOO": `"FOO"`, "dealer": `"dealer"`, "": `""`, "DEALER ": `"DEALER "`, "DEALER\x00": `"DEALER\x00"`,
		"\x1b[31m": `"\x1b[31m"`, strings.Repeat("\xff", 3000): "...",
	} {
		p := meet(t, configOf("ROUTER"))
		p.send(greeting, ready(value))
		if sent := p.fails(FailureType, "the peer is "); !strings.Contains(sent, "ROUTER cannot talk to "+text) && text != "..." {
			t.Errorf("%q: sent %q", value, sent)
		}
	}
}

func TestRepeatedType(t *testing.T) {
	for data, legal := range map[string]bool{
		prop("Socket-Type", "DEALER") + prop("socket-type", "REQ"): true,
		prop("Socket-Type", "DEALER") + prop("Socket-Type", "PUB"): false,
		prop("Socket-Type", "PUB") + prop("Socket-Type", "DEALER"): false,
	} {
		p := meet(t, configOf("ROUTER"))
		p.send(greeting, cmd("READY", data))
		if !legal {
			p.fails(FailureType, "PUB")
		} else if peer, _ := p.succeeds(); peer.Type != "REQ" {
			t.Errorf("%+v", peer)
		}
	}
}

func TestMissingType(t *testing.T) {
	p := meet(t, configOf("ROUTER"))
	p.send(greeting, cmd("READY", prop("Identity", "it")))
	p.fails(FailureProtocol, "Socket-Type")
}

func TestC30OtherProperties(t *testing.T) {
	p := meet(t, configOf("ROUTER"))
	p.send(greeting, cmd("READY", prop("X-Name", "a\x00b"), prop("Resource", ""), prop("Socket-Type", "REQ"), prop("\xff\x00", "?")))
	if peer, _ := p.succeeds(); peer.Type != "REQ" {
		t.Errorf("%+v", peer)
	}
}

func TestC31MalformedMetadata(t *testing.T) {
	whole := prop("Socket-Type", "REQ")
	malformed := map[string]string{
		"stray byte":      whole + "\x00",
		"stray letter":    whole + "x",
		"length FFFFFFFF": whole + "\x01X\xff\xff\xff\xffabc",
		"length 7FFFFFFF": "\x01X\x7f\xff\xff\xff" + whole,
		"one byte more":   "\x0bSocket-Type\x00\x00\x00\x04REQ",
		"no name":         whole + "\x00\x00\x00\x00\x01x",
		"long name":       whole + "\xffX",
	}
	for cut := 1; cut < len(whole); cut++ {
		malformed[whole[:cut]] = whole[:cut]
	}
	for name, data := range malformed {
		p := meet(t, configOf("ROUTER"))
		p.send(greeting, cmd("READY", data))
		if sent := p.fails(FailureProtocol, "malformed metadata"); strings.Contains(sent, "ERROR") {
			t.Errorf("%s: sent %q", name, sent)
		}
	}
}

func TestC35Identity(t *testing.T) {
	for id, text := range map[string]string{
		"": "", "x": "", strings.Repeat("x", 255): "", "a\x00": "",
		strings.Repeat("x", 256): "256 bytes", "\x00": "zero byte", "\x00abcd": "zero byte",
	} {
		p := meet(t, configOf("ROUTER"))
		p.send(greeting, cmd("READY", prop("Socket-Type", "DEALER"), prop("Identity", id)))
		if text != "" {
			p.fails(FailureProtocol, text)
		} else if peer, _ := p.succeeds(); string(peer.Identity) != id {
			t.Errorf("%q became %q", id, peer.Identity)
		}
	}
}

func TestC35OwnIdentity(t *testing.T) {
	id := "\xff" + strings.Repeat("\x00", 254) // bytes that are no text pass unchanged
	c := configOf("DEALER")
	c.Identity = []byte(id)
	p := meet(t, c)
	p.send(greeting)
	p.expect(greeting + cmd("READY", prop("Socket-Type", "DEALER"), prop("Identity", id)))
	p.send(ready("ROUTER"))
	p.succeeds()
}
