package show

import (
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/dissect"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// seen is something that is to be shown: an event that was found in packets, or a
// record, which is a message.
type seen struct {
	*dissect.Event
	record frames.Record // of the message; its time may be "" where that is not known
	packet bool          // it was found in packets
	kinds  kinds
}

// kinds remembers socket types by the names that they have on the wire.
type kinds map[string]sockets.Type

// writer shows what was seen.
type writer interface {
	add(s *seen) error
	// flush writes all that was added, before a wait.
	flush() error
	// end writes what comes at the end.
	end() error
}

// sides of a connection, as they stand in a record.
const fromClient, fromServer = "client", "server"

// stamps writes times as they stand in records: most of one like that of the second
// before.
type stamps struct {
	second int64
	text   []byte // of the second
}

// of returns the time as text.
func (s *stamps) of(t time.Time) string {
	const digits = len("000000000Z")
	if second := t.Unix(); s.text == nil || second != s.second {
		s.second, s.text = second, []byte(stream.Stamp(t))
		return string(s.text)
	}
	at := len(s.text) - 2
	for nanos := t.Nanosecond(); at > len(s.text)-1-digits; at-- {
		s.text[at] = '0' + byte(nanos%10)
		nanos /= 10
	}
	return string(s.text)
}

// chosen reports whether the user wants to see it.
func (c *showConfig) chosen(s *seen) bool {
	switch s.Kind {
	case dissect.Command:
		if !c.commands {
			return false
		}
	case dissect.Sealed, dissect.Lost:
		if len(c.match) > 0 {
			return false
		}
	case dissect.Message:
	}
	if c.from != "" && s.record.From != c.from {
		return false
	}
	return c.ofPeer(s) && c.matches(s.Frames)
}

// ofPeer reports whether one of the peers that were named sent or got it.
func (c *showConfig) ofPeer(s *seen) bool {
	for _, name := range c.peers {
		if !s.packet && (s.record.From == name || s.record.To == name) || isNamed(s.From.Endpoint, name) || isNamed(s.To.Endpoint, name) {
			return true
		}
	}
	return len(c.peers) == 0
}

// isNamed reports whether an endpoint, or its host or its port, has a name.
func isNamed(endpoint, name string) bool {
	_, rest, _ := strings.Cut(endpoint, "://")
	if endpoint == name || rest == name {
		return true
	}
	at := strings.LastIndexByte(rest, ':')
	return at >= 0 && (rest[at:] == name || strings.Trim(rest[:at], "[]") == strings.Trim(name, "[]"))
}

// matches reports whether a message has a frame for each pattern.
func (c *showConfig) matches(m frames.Message) bool {
	for _, p := range c.match {
		found := false
		for _, frame := range m {
			found = found || p.Matches(frame)
		}
		if !found {
			return false
		}
	}
	return true
}

// of returns the type of a party's socket, 0 where it is not known.
func (k kinds) of(p *dissect.Party) sockets.Type {
	if p.Type == "" {
		return 0
	}
	if t, known := k[p.Type]; known {
		return t
	}
	t, err := sockets.ParseType(strings.ToLower(p.Type))
	if err != nil {
		return 0
	}
	if k != nil {
		k[p.Type] = t // there are as many as there are types
	}
	return t
}
