package sockets

import (
	"maps"
	"slices"

	"github.com/zcat/zcat/pkg/frames"
)

// interest is what a SUB or XSUB subscribed to. Each publisher is told once, at
// the first subscription to a prefix or when it comes online, and again when
// the last one is cancelled. The socket's lock guards it.
type interest struct {
	counts map[string]int
	tree   topicTree // the same, to match messages with
	peers  map[*peer]struct{}
}

func newInterest() interest {
	return interest{counts: map[string]int{}, peers: map[*peer]struct{}{}}
}

func (in *interest) add(p *peer)    { in.peers[p] = struct{}{} }
func (in *interest) remove(p *peer) { delete(in.peers, p) }

// replay tells a publisher that came online of everything, in order.
func (in *interest) replay(p *peer) {
	var wire []byte
	for _, prefix := range slices.Sorted(maps.Keys(in.counts)) {
		wire = p.conn.AppendSubscribe(wire, []byte(prefix), false)
	}
	p.out.begin(wire)
}

func (in *interest) subscribe(prefix []byte) {
	in.counts[string(prefix)]++
	if in.counts[string(prefix)] == 1 {
		in.tree.add(prefix, nil)
		in.tell(prefix, false)
	}
}

// unsubscribe ends one subscription to prefix; one that is not held is ignored.
func (in *interest) unsubscribe(prefix []byte) {
	switch in.counts[string(prefix)] {
	case 0:
		return
	case 1:
		delete(in.counts, string(prefix))
		in.tree.remove(prefix, nil)
		in.tell(prefix, true)
	default:
		in.counts[string(prefix)]--
	}
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
	in.tree.match(topic, func([]*peer) { found = true })
	return found
}

// everything reports whether every message is wanted.
func (in *interest) everything() bool { return in.counts[""] > 0 }
