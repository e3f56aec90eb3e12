package zmtp

import (
	"bytes"
	"errors"
	"fmt"
)

// The greeting of RFC 37: signature FF, 8 bytes of padding, 7F; version; 20 bytes
// of mechanism; as-server; 31 bytes of filler.
const (
	greetingSize      = 64
	greetingFirst     = 0xFF
	greetingTail      = 9 // where the signature ends, with greetingLast
	greetingLast      = 0x7F
	greetingMajor     = 10
	greetingMinor     = 11
	greetingMechanism = 12
	greetingServer    = 32
)

// majorVersion and minorVersion are our version: ZMTP 3.1.
const (
	majorVersion = 3
	minorVersion = 1
)

// checkGreeting judges the bytes of a peer's greeting that have arrived, so that a
// peer that speaks neither ZMTP 3 nor 2 is refused at its first wrong byte: it may never
// send 64 of them. Padding, filler and as-server carry no meaning.
func checkGreeting(b []byte) error {
	switch {
	case isHTTP(b):
		return errHTTP
	case len(b) > 0 && b[0] != greetingFirst:
		return fmt.Errorf("the peer does not speak ZMTP: it began with %s", printable(string(b)))
	case len(b) > greetingTail && b[greetingTail]&1 == 0:
		return errFirst
	case len(b) > greetingTail && b[greetingTail] != greetingLast:
		return fmt.Errorf("the peer does not speak ZMTP: its signature ends in %02X, not 7F", b[greetingTail])
	case len(b) > greetingMajor && b[greetingMajor] == 0:
		return errFirst
	}
	return nil
}

// isHTTP reports whether b begins as what a browser or a WebSocket sends, or answers.
func isHTTP(b []byte) bool {
	return len(b) >= 4 && (string(b[:4]) == "GET " || string(b[:4]) == "HTTP")
}

// errHTTP is the error of such a peer.
var errHTTP = errors.New("the peer does not speak ZMTP but HTTP: for WebSocket both ends need ws://")

// errFirst is the error of a peer of the first version, which knows no greeting.
var errFirst = errors.New("the peer speaks ZMTP 1.0, too old: it needs 2.0 (libzmq 3) or newer")

// newGreeting returns our own greeting.
func newGreeting(mechanism string, asServer bool) []byte {
	b := make([]byte, greetingSize)
	b[0] = greetingFirst
	b[greetingTail] = greetingLast
	b[greetingMajor] = majorVersion
	b[greetingMinor] = minorVersion
	copy(b[greetingMechanism:greetingServer], mechanism)
	if asServer {
		b[greetingServer] = 1
	}
	return b
}

// peerMechanism returns the mechanism's name in a whole greeting, without its
// padding. Zero bytes that are no padding remain, so that it equals no other name.
func peerMechanism(greeting []byte) string {
	return string(bytes.TrimRight(greeting[greetingMechanism:greetingServer], "\x00"))
}
