package sockets

import (
	"bytes"
	"slices"
	"sort"
)

// topicSet is the prefixes that one peer subscribed to: a set, as in libzmq,
// not a count.
type topicSet map[string]struct{}

// topicTree finds who subscribed to a prefix of a topic, in time that grows
// with the topic's length and not with the number of prefixes. Its zero value
// is empty. It is a radix tree: an edge carries as many bytes as lie between
// two branches, so that a prefix of a megabyte is one edge.
type topicTree struct {
	root topicNode
}

type topicNode struct {
	label    []byte // of the edge that leads here
	holders  []*peer
	children []*topicNode // ordered by the first byte of their labels
}

// child finds the child whose label begins with c, and the place for one.
func (n *topicNode) child(c byte) (i int, found *topicNode) {
	i = sort.Search(len(n.children), func(i int) bool { return n.children[i].label[0] >= c })
	if i < len(n.children) && n.children[i].label[0] == c {
		return i, n.children[i]
	}
	return i, nil
}

// add makes p a holder of prefix and reports whether it is the first. The
// caller sees to it that p does not hold it yet.
func (t *topicTree) add(prefix []byte, p *peer) (first bool) {
	n := &t.root
	for len(prefix) > 0 {
		i, next := n.child(prefix[0])
		if next == nil {
			next = &topicNode{label: bytes.Clone(prefix)}
			n.children = slices.Insert(n.children, i, next)
		}
		same := commonLen(prefix, next.label)
		if same < len(next.label) {
			lower := *next
			lower.label = next.label[same:]
			// A copy: a view would keep all of a long prefix for the sake of a short
			// one, after the long one was cancelled.
			*next = topicNode{label: bytes.Clone(next.label[:same]), children: []*topicNode{&lower}}
		}
		n, prefix = next, prefix[same:]
	}
	n.holders = append(n.holders, p)
	return len(n.holders) == 1
}

// remove ends p's holding of prefix and reports whether that was the last.
func (t *topicTree) remove(prefix []byte, p *peer) (last bool) {
	n := &t.root
	path := make([]*topicNode, 0, 16) // above n
	for len(prefix) > 0 {
		_, next := n.child(prefix[0])
		if next == nil || !bytes.HasPrefix(prefix, next.label) {
			return false
		}
		path = append(path, n)
		n, prefix = next, prefix[len(next.label):]
	}
	i := slices.Index(n.holders, p)
	if i < 0 {
		return false
	}
	n.holders = slices.Delete(n.holders, i, i+1)
	last = len(n.holders) == 0
	for len(path) > 0 && len(n.holders) == 0 && len(n.children) == 0 {
		parent := path[len(path)-1]
		i, _ := parent.child(n.label[0])
		parent.children = slices.Delete(parent.children, i, i+1)
		n, path = parent, path[:len(path)-1]
	}
	if len(path) > 0 {
		n.join()
	}
	return last
}

// maxJoined is the longest label that join copies: a peer that subscribes to the
// start of a long prefix and cancels again, over and over, must not make us copy
// the rest of it each time.
const maxJoined = 4 << 10

// join makes one edge of two where no branch and no holder is left in between.
func (n *topicNode) join() {
	if len(n.holders) > 0 || len(n.children) != 1 {
		return
	}
	child := n.children[0]
	if len(child.label) > maxJoined {
		return
	}
	label := append(slices.Clip(n.label), child.label...)
	*n = *child
	n.label = label
}

// held reports whether anyone holds exactly prefix.
func (t *topicTree) held(prefix []byte) bool {
	n := &t.root
	for len(prefix) > 0 {
		_, next := n.child(prefix[0])
		if next == nil || !bytes.HasPrefix(prefix, next.label) {
			return false
		}
		n, prefix = next, prefix[len(next.label):]
	}
	return len(n.holders) > 0
}

// match calls visit with the holders of each prefix of topic.
func (t *topicTree) match(topic []byte, visit func(holders []*peer)) {
	n := &t.root
	for {
		if len(n.holders) > 0 {
			visit(n.holders)
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
