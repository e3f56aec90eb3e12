package frames_test

import (
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name           string
		message        frames.Message
		envelope, body frames.Message
		ok             bool
	}{
		{"of a REQ", frames.Strings("", "x"), frames.Strings(""), frames.Strings("x"), true},
		{"one id", frames.Strings("id", "", "x"), frames.Strings("id", ""), frames.Strings("x"), true},
		{"two ids", frames.Strings("a", "b", "", "x", "y"), frames.Strings("a", "b", ""), frames.Strings("x", "y"), true},
		{"C46: at the first empty frame", frames.Strings("", "", "x"), frames.Strings(""), frames.Strings("", "x"), true},
		{"an empty body", frames.Strings("id", "", ""), frames.Strings("id", ""), frames.Strings(""), true},
		{"C45: no delimiter", frames.Strings("body"), nil, nil, false},
		{"C45: no delimiter in two", frames.Strings("a", "b"), nil, nil, false},
		{"C45: nothing but a delimiter", frames.Strings(""), nil, nil, false},
		{"C45: nothing behind it", frames.Strings("id", ""), nil, nil, false},
	} {
		envelope, body, ok := frames.Split(c.message)
		if ok != c.ok || !equal(envelope, c.envelope) || !equal(body, c.body) {
			t.Errorf("%s: got %q, %q, %v", c.name, envelope, body, ok)
		}
		wire := frames.AppendMessage(nil, c.message)
		envelopeWire, bodyWire, ok := frames.SplitWire(wire)
		if ok != c.ok {
			t.Errorf("%s: on the wire %v", c.name, ok)
		}
		if !ok {
			continue
		}
		if got := frames.ParseMessage(nil, bodyWire); !equal(got, c.body) {
			t.Errorf("%s: body on the wire %q", c.name, got)
		}
		reply := append(envelopeWire, frames.AppendMessage(nil, frames.Strings("reply"))...)
		if got := frames.ParseMessage(nil, reply); !equal(got, frames.Join(c.envelope, frames.Strings("reply"))) {
			t.Errorf("%s: reply on the wire %q", c.name, got)
		}
		if !equal(frames.ParseMessage(nil, wire), c.message) {
			t.Errorf("%s: the reply was written into the request", c.name)
		}
	}
}

func TestSplitRouted(t *testing.T) {
	for _, c := range []struct{ message, envelope, body frames.Message }{
		{frames.Strings("id", "", "x", "y"), frames.Strings("id", ""), frames.Strings("x", "y")},
		{frames.Strings("id", "hop", "", "x"), frames.Strings("id", "hop", ""), frames.Strings("x")},
		{frames.Strings("id", "x", "y"), frames.Strings("id"), frames.Strings("x", "y")},
		{frames.Strings("id", ""), frames.Strings("id", ""), nil},
		{frames.Strings("id"), frames.Strings("id"), nil},
	} {
		if envelope, body := frames.SplitRouted(c.message); !equal(envelope, c.envelope) || !equal(body, c.body) {
			t.Errorf("%q: got %q, %q", c.message, envelope, body)
		}
	}
}

func TestJoinSharesNoList(t *testing.T) {
	m := frames.Strings("id", "", "request")
	envelope, _, _ := frames.Split(m)
	reply := frames.Join(envelope, frames.Strings("reply"))
	if !equal(reply, frames.Strings("id", "", "reply")) || !equal(m, frames.Strings("id", "", "request")) {
		t.Errorf("got %q and %q", reply, m)
	}
}

// SplitRoutedWire parts a message as SplitRouted does.
func TestSplitRoutedWire(t *testing.T) {
	for _, m := range []frames.Message{
		frames.Strings("id", "", "body"), frames.Strings("id", "body"), frames.Strings("id", ""), frames.Strings("id"),
		frames.Strings("id", "hop", "", "a", "", "b"), frames.Strings("", "a"), frames.Strings("id", "a", "b"),
	} {
		wantEnvelope, wantBody := frames.SplitRouted(m)
		envelope, body := frames.SplitRoutedWire(frames.AppendMessage(nil, m))
		n := 0
		for rest := envelope; len(rest) > 0; n++ {
			var frame []byte
			frame, _, rest = frames.CutFrame(rest)
			if n >= len(wantEnvelope) || string(frame) != string(wantEnvelope[n]) {
				t.Errorf("%q: frame %d of the envelope is %q", m, n, frame)
			}
		}
		if n != len(wantEnvelope) {
			t.Errorf("%q: %d frames of envelope, want %d", m, n, len(wantEnvelope))
		}
		if string(body) != string(frames.AppendMessage(nil, wantBody)) {
			t.Errorf("%q: body %x, want %q", m, body, wantBody)
		}
	}
}
