package zmtp

import (
	"errors"
	"strings"
	"testing"
)

// C37, C38, C42: the context comes back, its first 16 bytes if it is longer, and
// each PING has its own PONG, in order.
func TestC37Pong(t *testing.T) {
	var said, want []string
	for _, n := range []int{0, 1, 15, 16, 17, 100, 4000, 10_000} {
		said = append(said, cmd("PING", "\x00\x00", strings.Repeat("c", n)))
		want = append(want, cmd("PONG", strings.Repeat("c", min(n, 16))))
	}
	got := hear(t, Setup{}, "", strings.Join(said, ""))
	checkOutcome(t, "", got, outcome{control: want, commands: many(len(said), "PING")})
}

// C21, C22, C36, C42: ignored, with what follows intact.
func TestC21IgnoredCommands(t *testing.T) {
	for _, said := range []string{
		cmd("WHAT", "ever"), cmd("READY", prop("Socket-Type", "REQ")), cmd("HELLO"), cmd("PONG", strings.Repeat("x", 100)), cmd("MESSAGE", "x"),
		cmd(""), cmd("ping", "\x00\x00"), cmd("PINGS", "\x00\x00"), "\x04\x00", "\x04\x01\x01", "\x04\x05\x05PING", longFrame(4, "\xffPING"),
		cmd("WHAT", strings.Repeat("x", 10<<10)), cmd("READY", strings.Repeat("x", 1<<20)), cmd(strings.Repeat("N", 255), strings.Repeat("x", 1<<20)),
		cmd("\x1b[2J"), cmd(strings.Repeat("N", 255), "x"), cmd("WHAT", strings.Repeat("x", maxCommand-5)),
	} {
		for _, publisher := range []bool{false, true} {
			got := hear(t, Setup{Publisher: publisher}, "", message("a")+said+message("b"))
			checkOutcome(t, said, got, outcome{messages: []string{message("a"), message("b")}, commands: got.commands})
		}
	}
}

// An ERROR after the handshake is the reason of an end that follows it at once.
func TestC33ErrorDuringTraffic(t *testing.T) {
	for data, text := range map[string]string{
		"\x07go away": `refused: "go away"`, "": `refused: ""`, "\x00": `refused: ""`, "\xffabc": `refused: "\xffabc"`, "\x04\x1b[2J": `refused: "\x1b[2J"`,
	} {
		c := NewConn(&pieces{left: []string{message("a") + cmd("ERROR", data)}}, Peer{}, nil, Setup{})
		slab, err := c.Read()
		if err != nil || string(slab.Wire) != message("a") {
			t.Fatal(err)
		}
		_, err = c.Read()
		var refused *HandshakeError
		if !errors.As(err, &refused) || refused.Kind != FailureRefused || !refused.Fatal() || !strings.HasSuffix(err.Error(), text) {
			t.Errorf("%q: %v", data, err)
		}
	}
}

// C33: the ERROR of a peer that goes on after it is ignored.
func TestC33ErrorAndTraffic(t *testing.T) {
	for _, then := range []string{message("b"), cmd("PONG"), cmd("WHAT"), "\x04\x00" + message("b"), cmd("SUBSCRIBE", "x"), cmd("WHAT", strings.Repeat("x", 5000))} {
		for _, publisher := range []bool{false, true} {
			got := hear(t, Setup{Publisher: publisher}, "", message("a")+cmd("ERROR", "\x07go away")+then)
			if len(got.messages) == 0 || got.messages[0] != message("a") || got.err != "" {
				t.Errorf("%.20q: %s", then, got)
			}
		}
	}
}
