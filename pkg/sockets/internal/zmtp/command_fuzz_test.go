package zmtp

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"
)

// FuzzCommand gives a connection the body of a command after its handshake. It is
// ignored, acted on or refused: a subscription has the prefix of its command, a
// PONG the context of its PING, and no reason can control a terminal.
func FuzzCommand(f *testing.F) {
	for _, body := range []string{
		"", "\x04PING\x00\x00", "\x04PING\x00\x030123456789abcdefg", "\x04PING\x01", "\x04PONG", "\x09SUBSCRIBEnews", "\x06CANCEL",
		"\x05ERROR\x03400", "\x05ERROR\x09\x1b[31m\x9b\u202e", "\x05ERROR", "\x05READY\x0bSocket-Type", "\xffX", "\x07MESSAGE\x00", "\x00", "\x03FOO",
	} {
		f.Add([]byte(body), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, publisher bool) {
		var answers []string
		c := NewConn(&pieces{}, Peer{Major: 3, Minor: 1}, nil, Setup{
			Publisher: publisher, Control: func(wire []byte) { answers = append(answers, string(wire)) },
		})
		defer c.Close()
		name, data, ok := cutName(body)
		if again := append(append([]byte{byte(len(name))}, name...), data...); ok && !bytes.Equal(again, body) {
			t.Errorf("%q was cut to %q and %q", body, name, data)
		}
		first, prefix, subscription := c.command(body)
		var broke *HandshakeError
		if err := c.in.refusal; err != nil && (!errors.As(err, &broke) || !broke.Fatal() || len(err.Error()) > 2000 || strings.ContainsFunc(err.Error(), unprintable)) {
			t.Errorf("%q: %q", body, err)
		}
		if want := publisher && (string(name) == "SUBSCRIBE" || string(name) == "CANCEL"); subscription != want || want && (first > 1 || !bytes.Equal(prefix, data)) {
			t.Errorf("%q: subscription %v, %d %q", body, subscription, first, prefix)
		}
		if want := string(name) == "PING"; (len(answers) == 1) != want || len(answers) > 1 {
			t.Fatalf("%q was answered with %q", body, answers)
		}
		if len(answers) == 1 && answers[0] != frame(4, "\x04PONG"+string(data[min(len(data), 2):min(len(data), 2+maxPingContext)])) {
			t.Errorf("%q was answered with %q", body, answers[0])
		}
	})
}

func unprintable(r rune) bool { return !strconv.IsPrint(r) }
