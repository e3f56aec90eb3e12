package zmtp

import (
	"strings"
	"testing"
)

func TestC02GreetingBytesWithoutMeaning(t *testing.T) {
	for name, g := range map[string]string{
		"padding":       "\xffabcdefgh\x7f\x03\x01" + nullName + "\x00" + filler,
		"libzmq's":      "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x01" + nullName + "\x00" + filler,
		"filler":        signature + "\x03\x01" + nullName + "\x00" + strings.Repeat("\xee", 31),
		"as-server":     signature + "\x03\x01" + nullName + "\x01" + filler,
		"as-server 255": signature + "\x03\x01" + nullName + "\xff" + filler,
	} {
		p := meet(t, configOf("REP"))
		p.send(g, ready("REQ"))
		if peer, _ := p.succeeds(); peer.Type != "REQ" {
			t.Errorf("%s: %+v", name, peer)
		}
	}
}

func TestC04Versions(t *testing.T) {
	for _, v := range [][2]int{{3, 0}, {3, 1}, {3, 7}, {4, 0}, {255, 255}} {
		p := meet(t, configOf("REP"))
		p.send(signature, string([]byte{byte(v[0]), byte(v[1])}), nullName, "\x00", filler)
		p.expect(greeting + ready("REP"))
		p.send(ready("REQ"))
		if peer, _ := p.succeeds(); peer.Major != v[0] || peer.Minor != v[1] {
			t.Errorf("%v: %+v", v, peer)
		}
	}
}

func TestC05OtherMechanism(t *testing.T) {
	for name, text := range map[string]string{
		"PLAIN": `"PLAIN", this side NULL`, "CURVE": `"CURVE"`, "null": `"null"`, "NULLX": `"NULLX"`,
		"NULL\x00x": `"NULL\x00x"`, "": `""`, "\x1b[31m": `"\x1b[31m"`, "ABCDEFGHIJKLMNOPQRST": `"ABCDEFGHIJKLMNOPQRST"`,
	} {
		p := meet(t, configOf("REP"))
		field := name + strings.Repeat("\x00", 20-len(name))
		p.send(signature, "\x03\x01", field, "\x00", filler, ready("REQ"), "\x00\x01x")
		if sent := p.fails(FailureMechanism, text); sent != greeting {
			t.Errorf("%q: sent %q", name, sent)
		}
	}
}

func TestC06OlderVersions(t *testing.T) {
	// None of these peers ever sends 64 bytes, and none would understand ours.
	for name, c := range map[string]struct{ said, text string }{
		"revision 0":         {signature + "\x00", "ZMTP 1.0"},
		"1.0, no identity":   {"\x01\x00", "ZMTP 1.0"},
		"1.0, an identity":   {"\x04\x00abc", "ZMTP 1.0"},
		"1.0, long identity": {"\xff\x00\x00\x00\x00\x00\x00\x00\x06\x00hello", "ZMTP 1.0"},
	} {
		t.Run(name, func(t *testing.T) {
			p := meet(t, configOf("REP"))
			p.send(c.said)
			if sent := p.fails(FailureProtocol, c.text); sent != greeting[:11] {
				t.Errorf("sent %q", sent)
			}
		})
	}
}

func TestC07Garbage(t *testing.T) {
	for name, c := range map[string]struct{ said, text string }{
		"HTTP":          {"GET / HTTP/1.1\r\n\r\n", "does not speak ZMTP but HTTP"},
		"one letter":    {"G", `"G"`},
		"TLS":           {"\x16\x03\x01\x02\x00\x01\x00", `"\x16\x03\x01`},
		"zeros":         {strings.Repeat("\x00", 64), `"\x00`},
		"MySQL":         {"\x4a\x00\x00\x00\x0a8.0", `"J\x00\x00`},
		"no signature":  {"\xff\x00\x00\x00\x00\x00\x00\x00\x00\x01", "ends in 01"},
		"no signature2": {strings.Repeat("\xff", 64), "ends in FF"},
	} {
		t.Run(name, func(t *testing.T) {
			p := meet(t, configOf("REP"))
			p.send(c.said)
			if sent := p.fails(FailureProtocol, c.text); sent != greeting {
				t.Errorf("sent %q", sent)
			}
		})
	}
}
