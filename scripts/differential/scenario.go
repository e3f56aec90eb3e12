//go:build linux

package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zcat/zcat/pkg/frames"
)

// scenario is one case to judge: a socket, and what its application and its peers
// do to it, step by step. It is kept as text, so that a case outlives changes of
// the generator.
type scenario struct {
	kind     string // of the socket under test: "REP"
	connects bool   // it connects, and each peer listens; else the reverse
	tcp      bool   // else an ipc endpoint without a file
	old      bool   // its peers speak ZMTP 2.0 (RFC 15)
	chop     uint64 // seeds the cuts between the peers' writes; 0 makes none
	echo     bool   // each request of a REP is answered with itself at once
	options  []option
	steps    []step
}

// option is a socket option by its name in libzmq, in small letters.
type option struct {
	name  string
	value []byte
}

// verb names what a step does.
type verb string

// The verbs. Each of the first four is a peer's, the others the application's.
const (
	open        verb = "open"  // the connection begins
	put         verb = "put"   // bytes are sent
	half        verb = "half"  // no more will come, once all was answered
	hangUp      verb = "close" // both directions end at once
	send        verb = "send"
	subscribe   verb = "subscribe"
	unsubscribe verb = "unsubscribe"
)

// step is one act. A frame of a message to send that is @0, @1, ... stands for
// the routing id that a ROUTER made up for the peer that it named first, second.
type step struct {
	verb   verb
	peer   int            // of a peer's step: its number
	bytes  []byte         // of put, and the prefix of a subscription
	frames frames.Message // of send
}

// raw reports whether its peers speak no ZMTP.
func (s *scenario) raw() bool { return s.kind == "STREAM" }

// numbers reports whether the socket under test makes up numbers for its peers.
func (s *scenario) numbers() bool { return s.kind == "SERVER" || s.kind == "PEER" }

// singles reports whether the messages of the socket under test are single frames.
func (s *scenario) singles() bool {
	return slices.Contains([]string{"CLIENT", "SERVER", "GATHER", "CHANNEL", "PEER"}, s.kind)
}

// greetingSize is the number of bytes that a greeting has on both sides.
func (s *scenario) greetingSize() int {
	switch {
	case s.raw():
		return 0
	case s.old:
		return oldGreetingSize
	}
	return greetingSize
}

func (v verb) ofPeer() bool { return v == open || v == put || v == half || v == hangUp }

// clone copies s; what steps hold is shared.
func (s *scenario) clone() *scenario {
	c := *s
	c.options, c.steps = slices.Clone(s.options), slices.Clone(s.steps)
	return &c
}

func (s *scenario) has(name string) bool {
	return slices.ContainsFunc(s.options, func(o option) bool { return o.name == name })
}

// stream returns all that a peer sends.
func (s *scenario) stream(peer int) []byte {
	var b []byte
	for _, st := range s.steps {
		if st.verb == put && st.peer == peer {
			b = append(b, st.bytes...)
		}
	}
	return b
}

// peers returns the highest number of a peer plus one.
func (s *scenario) peers() int {
	n := 0
	for _, st := range s.steps {
		if st.verb.ofPeer() {
			n = max(n, st.peer+1)
		}
	}
	return n
}

// String returns the case as it is kept.
func (s *scenario) String() string {
	var b strings.Builder
	role := "bind"
	if s.connects {
		role = "connect"
	}
	fmt.Fprintf(&b, "%s %s", s.kind, role)
	if s.tcp {
		b.WriteString(" tcp")
	}
	if s.old {
		b.WriteString(" old")
	}
	if s.chop != 0 {
		fmt.Fprintf(&b, " chop=%d", s.chop)
	}
	if s.echo {
		b.WriteString(" echo")
	}
	for _, o := range s.options {
		fmt.Fprintf(&b, " %s=%s", o.name, quote(o.value))
	}
	b.WriteByte('\n')
	for _, st := range s.steps {
		b.WriteString(st.String())
		b.WriteByte('\n')
	}
	return b.String()
}

func (st *step) String() string {
	words := []string{string(st.verb)}
	switch st.verb {
	case send:
		for _, f := range st.frames {
			words = append(words, quote(f))
		}
	case subscribe, unsubscribe:
		words = append(words, quote(st.bytes))
	case put:
		words = append(words, strconv.Itoa(st.peer), spellBytes(st.bytes))
	case open, half, hangUp:
		words = append(words, strconv.Itoa(st.peer))
	}
	return strings.Join(words, " ")
}

// spellBytes writes what a peer sends: the usual greeting, one whole frame with its
// flags in hex, or any bytes.
func spellBytes(b []byte) string {
	if bytes.Equal(b, greeting("NULL")) {
		return "greeting"
	}
	flags, size, header := parseHeader(b)
	if header > 0 && uint64(len(b)-header) == size {
		return fmt.Sprintf("frame %02x %s", flags, quote(b[header:]))
	}
	return "raw " + quote(b)
}

// parseScenario is the reverse of String.
func parseScenario(text string) (*scenario, error) {
	s := &scenario{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		words, err := splitWords(line)
		if err == nil && s.kind == "" {
			err = s.parseHead(words)
		} else if err == nil {
			err = s.parseStep(words)
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
	}
	if s.kind == "" {
		return nil, fmt.Errorf("no line that names the socket, such as %q", "REP bind")
	}
	return s, nil
}

func (s *scenario) parseHead(words []string) error {
	s.kind = words[0]
	for _, w := range words[1:] {
		name, value, valued := strings.Cut(w, "=")
		switch {
		case w == "bind":
		case w == "connect":
			s.connects = true
		case w == "tcp":
			s.tcp = true
		case w == "old":
			s.old = true
		case w == "echo":
			s.echo = true
		case name == "chop":
			n, err := strconv.ParseUint(value, 10, 64)
			if err != nil {
				return err
			}
			s.chop = n
		case valued:
			v, err := unquote(value)
			if err != nil {
				return err
			}
			s.options = append(s.options, option{name, v})
		default:
			return fmt.Errorf("%q is neither a role nor an option=%q", w, "value")
		}
	}
	return nil
}

func (s *scenario) parseStep(words []string) (err error) {
	st := step{verb: verb(words[0])}
	words = words[1:]
	switch st.verb {
	case open, put, half, hangUp:
		if len(words) == 0 {
			return fmt.Errorf("whose %s?", st.verb)
		}
		if st.peer, err = strconv.Atoi(words[0]); err != nil {
			return err
		}
		if st.verb == put {
			st.bytes, err = parseBytes(words[1:])
		}
	case subscribe, unsubscribe:
		if len(words) != 1 {
			return fmt.Errorf("%s takes one prefix", st.verb)
		}
		st.bytes, err = unquote(words[0])
	case send:
		for _, w := range words {
			frame, bad := unquote(w)
			if bad != nil {
				return bad
			}
			st.frames = append(st.frames, frame)
		}
	default:
		return fmt.Errorf("%q is not a step", st.verb)
	}
	s.steps = append(s.steps, st)
	return err
}
