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
	}
}

func TestSplitRouted(t *testing.T) {
	for _, c := range []struct{ message, envelope, body frames.Message }{
		{frames.Strings("id", "", "x", "y"), frames.Strings("id", ""), frames.Strings("x", "y")},
		{frames.Strings("id", "hop", "", "x"), frames.Strings("id", "hop", ""), frames.Strings("x")},
		{frames.Strings("id", "x", "y"), frames.Strings("id"), frames.Strings("x", "y")},
		{frames.Strings("id", ""), frames.Strings("id", ""), nil},
		{frames.Strings("id"), frames.Strings("id"), nil},
		{nil, nil, nil},
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
