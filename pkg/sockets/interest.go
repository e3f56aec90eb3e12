package sockets

import (
	"bytes"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/topics"
)

// interest is what a SUB or XSUB subscribed to. Each publisher is told of every
// subscription as it is made, as libzmq tells it: a publisher counts a peer's
// prefix once, but may show each (Options.Verbose), also through forwarders. The
// end is told once the last of a prefix is cancelled. A publisher that comes
// online is told of each prefix once. The socket's lock guards it.
type interest struct {
	tree  topics.Tree[struct{}]
	self  *topics.Holder[struct{}] // holds all of it
	peers map[*peer]*upstream
}

// upstream is what a publisher is owed that was connected to and never online.
type upstream struct {
	met   bool
	again [][]byte // prefixes that were subscribed to again since
	bytes int      // of them
}

// These bound it: libzmq's queue for a peer has as many places by default. Behind
// a forwarder it is strangers who subscribe.
const (
	mostAgain      = 1000
	mostAgainBytes = 1 << 20
)

func newInterest() interest {
	return interest{self: &topics.Holder[struct{}]{}, peers: map[*peer]*upstream{}}
}

func (in *interest) add(p *peer)    { in.peers[p] = &upstream{} }
func (in *interest) remove(p *peer) { delete(in.peers, p) }

// replay tells a publisher that came online of everything, in order. The first
// time it hears too what was subscribed to again since it was connected to.
func (in *interest) replay(p *peer) {
	var wire []byte
	in.tree.Each(func(prefix []byte) { wire = p.conn.AppendSubscribe(wire, prefix, false) })
	if u := in.peers[p]; u != nil {
		for _, prefix := range u.again {
			if in.tree.Held(prefix) {
				wire = p.conn.AppendSubscribe(wire, prefix, false)
			}
		}
		*u = upstream{met: true}
	}
	p.out.Begin(wire)
}

func (in *interest) subscribe(prefix []byte) {
	in.note(prefix)
	in.tell(prefix, false)
}

// note counts a subscription, of which those online are told by the caller.
func (in *interest) note(prefix []byte) {
	if isNew, _ := in.tree.Add(prefix, in.self); isNew {
		return
	}
	for p, u := range in.peers {
		if p.conn == nil && !u.met && len(u.again) < mostAgain && u.bytes+len(prefix) <= mostAgainBytes {
			u.again, u.bytes = append(u.again, bytes.Clone(prefix)), u.bytes+len(prefix)
		}
	}
}

// unsubscribe ends one subscription to prefix; one that is not held is ignored.
func (in *interest) unsubscribe(prefix []byte) {
	if in.forget(prefix) {
		in.tell(prefix, true)
	}
}

// forget ends one subscription and reports whether it was the last to prefix.
func (in *interest) forget(prefix []byte) (last bool) {
	return in.tree.Release(prefix, in.self)
}

func (in *interest) tell(prefix []byte, cancel bool) {
	for p := range in.peers {
		if p.conn != nil {
			p.out.Command(p.conn.AppendSubscribe(nil, prefix, cancel), false)
			p.socket.after(p.out.Flush)
		}
	}
}

// wants reports whether a subscription matches a message.
func (in *interest) wants(message []byte) bool {
	topic, _, _ := framing.CutFrame(message)
	found := false
	in.tree.Match(topic, func([]topics.Hold[struct{}]) { found = true })
	return found
}

// everything reports whether every message is wanted.
func (in *interest) everything() bool {
	holds, _ := in.tree.All()
	return len(holds) > 0
}
