package sockets

import (
	"bytes"
	"slices"
	"sort"
)

// topicTree finds who subscribed to a prefix of a topic, in time that grows
// with the topic's length and not with the number of prefixes. It is a radix
// tree: an edge carries as many bytes as lie between two branches. The zero
// value is empty.
//
// Peers fill it, so it keeps no more than their subscriptions need, whatever
// they did before (topicgrow.go), and knows how much that is (topicmemory.go).
type topicTree struct {
	root   topicNode
	memory int // bytes of memory that it and its holders take
}

// topicNode stands for a prefix: the labels on the way to it.
type topicNode struct {
	parent   *topicNode   // nil at the root
	label    []byte       // of the edge that leads here, its own copy
	holds    []hold       // ordered by the numbers of the holders
	children []*topicNode // ordered by the first byte of their labels
}

// hold is a subscription of one holder to the prefix of a node.
type hold struct {
	p     *peer
	at    uint32 // where in p.topics.nodes the node stands
	times uint32 // how often it subscribed, where that counts
}

// topicHolder is what a holder knows of its subscriptions: a set, as in libzmq,
// not a count.
type topicHolder struct {
	number uint64       // no two holders in a tree have the same
	nodes  []*topicNode // what it holds
	bytes  int          // of their prefixes
	part   int          // bytes of memory that they stand for: see topicPart
}

// child finds the child whose label begins with c, and the place for one.
func (n *topicNode) child(c byte) (i int, found *topicNode) {
	i = sort.Search(len(n.children), func(i int) bool { return n.children[i].label[0] >= c })
	if i < len(n.children) && n.children[i].label[0] == c {
		return i, n.children[i]
	}
	return i, nil
}

// hold finds p among the holders, and the place for it.
func (n *topicNode) hold(p *peer) (i int, found bool) {
	return slices.BinarySearchFunc(n.holds, p.topics.number, func(h hold, number uint64) int {
		switch other := h.p.topics.number; {
		case other < number:
			return -1
		case other > number:
			return 1
		}
		return 0
	})
}

// size is the length of the prefix that n stands for, in bytes.
func (n *topicNode) size() int {
	size := 0
	for ; n != nil; n = n.parent {
		size += len(n.label)
	}
	return size
}

// appendPrefix appends the prefix that n stands for.
func (n *topicNode) appendPrefix(dst []byte) []byte {
	size := n.size()
	dst = slices.Grow(dst, size)[:len(dst)+size]
	for m, end := n, len(dst); m != nil; m = m.parent {
		end -= copy(dst[end-len(m.label):], m.label)
	}
	return dst
}

// node finds the node of prefix, nil if there is none.
func (t *topicTree) node(prefix []byte) *topicNode {
	n := &t.root
	for len(prefix) > 0 {
		_, next := n.child(prefix[0])
		if next == nil || !bytes.HasPrefix(prefix, next.label) {
			return nil
		}
		n, prefix = next, prefix[len(next.label):]
	}
	return n
}

// held reports whether anyone holds exactly prefix.
func (t *topicTree) held(prefix []byte) bool {
	n := t.node(prefix)
	return n != nil && len(n.holds) > 0
}

// holds reports whether p holds exactly prefix.
func (t *topicTree) holds(prefix []byte, p *peer) bool {
	n := t.node(prefix)
	if n == nil {
		return false
	}
	_, found := n.hold(p)
	return found
}

// match calls visit with the holders of each prefix of topic.
func (t *topicTree) match(topic []byte, visit func(holds []hold)) {
	n := &t.root
	for {
		if len(n.holds) > 0 {
			visit(n.holds)
		}
		if len(topic) == 0 {
			return
		}
		_, next := n.child(topic[0])
		if next == nil || !bytes.HasPrefix(topic, next.label) {
			return
		}
		n, topic = next, topic[len(next.label):]
	}
}

// each calls visit with the node of each prefix that is held, in the order of
// the prefixes.
func (t *topicTree) each(visit func(n *topicNode)) {
	// By hand: a peer that knows of a prefix of many nodes must not deepen our stack.
	for n := &t.root; n != nil; n = n.next() {
		if len(n.holds) > 0 {
			visit(n)
		}
	}
}

// next is the node behind n in the order of the prefixes.
func (n *topicNode) next() *topicNode {
	if len(n.children) > 0 {
		return n.children[0]
	}
	for ; n.parent != nil; n = n.parent {
		if i, _ := n.parent.child(n.label[0]); i+1 < len(n.parent.children) {
			return n.parent.children[i+1]
		}
	}
	return nil
}

// everything reports whether the only subscription held is the empty prefix,
// so that every message goes to every holder.
func (t *topicTree) everything() bool { return len(t.root.children) == 0 }

func commonLen(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
