package zmtp

import (
	"bytes"
	"testing"
)

// FuzzGreeting demands that a greeting is judged the same however it is cut: once
// refused, at the first wrong byte, it stays refused; and that one of ours yields
// the mechanism that it was made of.
func FuzzGreeting(f *testing.F) {
	f.Add([]byte(greeting))
	f.Add(plainGreeting)
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Add([]byte(signature + "\x01\x03"))
	f.Add([]byte(signature + "\x00\x03"))
	f.Add([]byte(greeting[:33] + "anything may stand in the filler"))
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:min(len(b), greetingSize)]
		refused := -1
		for n := range len(b) + 1 {
			err := checkGreeting(b[:n])
			switch {
			case err != nil && refused < 0:
				refused = n
				changed := bytes.Clone(b[:n])
				changed[n-1] = newGreeting("NULL", false)[n-1]
				if err := checkGreeting(changed); err != nil {
					t.Errorf("%q is refused for its byte %d, and %q is refused too: %v", b[:n], n-1, changed, err)
				}
			case err == nil && refused >= 0:
				t.Errorf("%q is refused, %q is not", b[:refused], b[:n])
			}
		}
		if refused >= 0 || len(b) < greetingSize {
			return
		}
		if b[0] != greetingFirst || b[greetingTail] != greetingLast || b[greetingMajor] == 0 {
			t.Errorf("accepted %q", b)
		}
		name := peerMechanism(b)
		own := newGreeting(name, b[greetingServer] == 1)
		if err := checkGreeting(own); err != nil || peerMechanism(own) != name || len(own) != greetingSize || own[greetingServer] > 1 {
			t.Errorf("the mechanism %q in our own greeting: %q, %v", name, own, err)
		}
	})
}
