package sockets

import (
	"bytes"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/topics"
)

// interest is the set of subscriptions of a SUB or XSUB. Each of them is sent to
// every publisher when it is made, as libzmq does: a publisher counts a peer's
// prefix once, but may show each subscription (Options.Verbose), also through
// forwarders. The cancellation is sent once the last subscription to a prefix has
// ended. A publisher that comes online gets each prefix once. The socket's lock
// guards it.
type interest struct {
	tree  topics.Tree[struct{}]
	self  *topics.Holder[struct{}] // holds all of it
	peers map[*peer]*upstream
}

// upstream holds the repeated subscriptions for a publisher that was connected to
// and has never been online.
type upstream struct {
	met   bool
	again [][]byte // prefixes that were subscribed to again since
	bytes int      // of them
}

// The limits of an upstream: libzmq's queue for a peer has as many places by
// default. Through a forwarder, strangers subscribe.
const (
	mostAgain      = 1000
	mostAgainBytes = 1 << 20
)

func newInterest() interest {
	return interest{self: &topics.Holder[struct{}]{}, peers: map[*peer]*upstream{}}
}

func (in *interest) add(p *peer)    { in.peers[p] = &upstream{} }
func (in *interest) remove(p *peer) { delete(in.peers, p) }

// replay sends a publisher that came online all prefixes, in order. The first time,
// it also sends those that were subscribed to again since the Connect.
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

func (*interest) subscribes() bool { return true }

func (in *interest) subscribe(prefix []byte) {
	in.note(prefix)
	in.tell(prefix, false)
}

// note counts a subscription; the caller sends it to the publishers that are
// online.
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

// everything reports whether the empty prefix is subscribed to.
func (in *interest) everything() bool {
	holds, _ := in.tree.All()
	return len(holds) > 0
}
