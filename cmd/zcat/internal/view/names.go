package view

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"github.com/zcat/zcat/pkg/frames"
)

// Names are short names of peers, for a person who answers them at a prompt: @1 is the
// first that sent a message to the ROUTER, and so on. It serves any number of goroutines.
type Names struct {
	mu    sync.Mutex
	byID  map[string]int
	peers []frames.Message // the envelope of the last message of each
}

const (
	// maxNames is the most peers that have a name: a person can answer no more.
	maxNames = 1000
	// maxEnvelope is the largest envelope that is remembered, in bytes.
	maxEnvelope = 4096
)

// Note remembers the envelope of a message that a ROUTER received, and returns the name
// of its peer, "" where it has none.
func (n *Names) Note(m frames.Message) string {
	envelope, _ := frames.SplitRouted(m)
	if len(envelope) == 0 {
		return ""
	}
	if envelope.Size() > maxEnvelope {
		envelope = envelope[:1]
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	at, known := n.byID[string(envelope[0])]
	switch {
	case known:
	case len(n.peers) == maxNames || envelope.Size() > maxEnvelope:
		return ""
	default:
		if n.byID == nil {
			n.byID = map[string]int{}
		}
		at = len(n.peers)
		n.byID[string(envelope[0])] = at
		n.peers = append(n.peers, nil)
	}
	n.peers[at] = envelope.Clone()
	return "@" + strconv.Itoa(at+1)
}

// Envelope returns the envelope of the last message of a peer, which is named as @1, or
// by its routing id; nil where no such peer has sent one.
func (n *Names) Envelope(name string) frames.Message {
	n.mu.Lock()
	defer n.mu.Unlock()
	if number, ok := strings.CutPrefix(name, "@"); ok {
		if at, err := strconv.Atoi(number); err == nil && at > 0 && at <= len(n.peers) {
			return n.peers[at-1]
		}
	}
	id, err := frames.ParseBytes(name)
	if err != nil {
		return nil
	}
	if at, known := n.byID[string(id)]; known {
		return n.peers[at]
	}
	return nil
}

// Line reads what a person typed at the prompt of a ROUTER: a name, a blank and the body
// of a reply, which gets the envelope that the peer's last message had; or, with TABs
// between them, the frames of a message, of which the first may be a name or hex:00ff.
// problem says what is wrong with it.
func (n *Names) Line(line []byte) (m frames.Message, problem string) {
	first, _, tabbed := bytes.Cut(line, []byte{'\t'})
	if !tabbed {
		name, body, found := bytes.Cut(line, []byte{' '})
		envelope := n.Envelope(string(name))
		switch {
		case !found:
			return nil, "expected a peer, a blank and a reply, such as @1 hello, or frames with TABs between them"
		case envelope == nil:
			id, err := frames.ParseBytes(string(name))
			if err != nil {
				return nil, err.Error()
			}
			return nil, "no peer " + frames.FormatBytes(id[:min(len(id), maxLook)]) + " has sent anything yet: expected a name, such as @1, or an id, as they are shown"
		}
		return frames.Join(envelope, frames.Message{body}), ""
	}
	m = bytes.Split(line, []byte{'\t'})
	if envelope := n.Envelope(string(first)); envelope != nil && first[0] == '@' {
		m[0] = envelope[0]
	} else if id, err := frames.ParseBytes(string(first)); err != nil {
		return nil, err.Error()
	} else {
		m[0] = id
	}
	return m, ""
}
