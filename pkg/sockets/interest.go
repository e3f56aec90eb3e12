package sockets

import "github.com/zcat/zcat/pkg/frames"

// interest is what a SUB or XSUB subscribed to. Each publisher is told of every
// subscription as it is made, as libzmq tells it: a publisher counts a peer's
// prefix once, but may show each (Options.Verbose), also through forwarders. The
// end is told once the last of a prefix is cancelled. A publisher that comes
// online is told of each prefix once. The socket's lock guards it.
type interest struct {
	tree  topicTree
	self  *peer // holds all of it
	peers map[*peer]struct{}
}

func newInterest() interest {
	return interest{self: &peer{}, peers: map[*peer]struct{}{}}
}

func (in *interest) add(p *peer)    { in.peers[p] = struct{}{} }
func (in *interest) remove(p *peer) { delete(in.peers, p) }

// replay tells a publisher that came online of everything, in order.
func (in *interest) replay(p *peer) {
	var wire, prefix []byte
	in.tree.each(func(n *topicNode) {
		prefix = n.appendPrefix(prefix[:0])
		wire = p.conn.AppendSubscribe(wire, prefix, false)
	})
	p.out.begin(wire)
}

func (in *interest) subscribe(prefix []byte) {
	in.tree.add(prefix, in.self)
	in.tell(prefix, false)
}

// unsubscribe ends one subscription to prefix; one that is not held is ignored.
func (in *interest) unsubscribe(prefix []byte) {
	if in.forget(prefix) {
		in.tell(prefix, true)
	}
}

// forget ends one subscription and reports whether it was the last to prefix.
func (in *interest) forget(prefix []byte) (last bool) {
	n := in.tree.node(prefix)
	if n == nil || len(n.holds) == 0 {
		return false
	}
	if h := &n.holds[0]; h.times > 1 {
		h.times--
		return false
	}
	return in.tree.let(n, 0, len(prefix))
}

func (in *interest) tell(prefix []byte, cancel bool) {
	for p := range in.peers {
		if p.conn != nil {
			p.out.command(p.conn.AppendSubscribe(nil, prefix, cancel), false)
		}
	}
}

// wants reports whether a subscription matches a message.
func (in *interest) wants(message []byte) bool {
	topic, _, _ := frames.CutFrame(message)
	found := false
	in.tree.match(topic, func([]hold) { found = true })
	return found
}

// everything reports whether every message is wanted.
func (in *interest) everything() bool { return len(in.tree.root.holds) > 0 }
