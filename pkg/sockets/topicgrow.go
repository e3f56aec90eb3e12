package sockets

import (
	"bytes"
	"slices"
)

// How a topicTree changes. Whatever the order of subscriptions and
// cancellations, afterwards a node below the root
//
//   - is held, or branches, or leads to one child whose label is too long to be
//     joined with its own,
//   - has a label of 1 to maxLabel bytes.
//
// So there are at most two nodes for each prefix that is held and two for each
// maxLabel bytes of it, and no step copies more than a label or two: a peer that
// subscribes to the start of a long prefix and cancels again, over and over,
// makes us copy maxLabel bytes each time and not the rest of the prefix.

// maxLabel is the longest label in bytes. Longer edges are chains of nodes.
const maxLabel = 1 << 10

// add has p hold prefix once more. New says that it did not hold it before, first
// that nobody did.
func (t *topicTree) add(prefix []byte, p *peer) (isNew, first bool) {
	n := t.grow(prefix)
	i, found := n.hold(p)
	if found {
		if n.holds[i].times++; n.holds[i].times == 0 {
			n.holds[i].times-- // so many count as for ever
		}
		return false, false
	}
	t.setHolds(n, slices.Insert(n.holds, i, hold{p: p, at: uint32(len(p.topics.nodes)), times: 1})) //nolint:gosec // so many nodes fit into no memory
	t.setNodes(p, append(p.topics.nodes, n))
	p.topics.bytes += len(prefix)
	p.topics.part += topicPart(len(prefix))
	return true, len(n.holds) == 1
}

// grow returns the node of prefix, which it makes where there is none. The
// caller makes it a held one.
func (t *topicTree) grow(prefix []byte) *topicNode {
	n := &t.root
	for len(prefix) > 0 {
		i, next := n.child(prefix[0])
		if next == nil {
			next = t.newNode(n, prefix[:min(len(prefix), maxLabel)])
			t.setChildren(n, slices.Insert(n.children, i, next))
		}
		same := commonLen(prefix, next.label)
		if same < len(next.label) {
			next = t.split(next, same)
		}
		n, prefix = next, prefix[same:]
	}
	return n
}

// split puts a node in front of n, for the first bytes of its label.
func (t *topicTree) split(n *topicNode, size int) (upper *topicNode) {
	parent := n.parent
	i, _ := parent.child(n.label[0])
	upper = t.newNode(parent, n.label[:size])
	parent.children[i] = upper
	t.setLabel(n, bytes.Clone(n.label[size:]))
	n.parent = upper
	t.setChildren(upper, append(upper.children, n))
	// Both are shorter than n was: there may be room for what lies around them.
	t.join(n)
	t.join(parent)
	return upper
}

// remove ends p's holding of prefix, however often it was added. Held says that
// there was one, last that nobody holds prefix now.
func (t *topicTree) remove(prefix []byte, p *peer) (held, last bool) {
	n := t.node(prefix)
	if n == nil {
		return false, false
	}
	i, found := n.hold(p)
	if !found {
		return false, false
	}
	return true, t.let(n, i, len(prefix))
}

// let ends the i-th holding of n, whose prefix has size bytes, and reports
// whether it was the last. n may be gone then.
func (t *topicTree) let(n *topicNode, i, size int) (last bool) {
	p, at := n.holds[i].p, n.holds[i].at
	h := &p.topics
	end := len(h.nodes) - 1
	if moved := h.nodes[end]; int(at) < end {
		h.nodes[at] = moved
		j, _ := moved.hold(p)
		moved.holds[j].at = at
	}
	t.setNodes(p, cut(h.nodes, end))
	h.bytes -= size
	h.part -= topicPart(size)
	t.setHolds(n, cut(n.holds, i))
	last = len(n.holds) == 0
	t.settle(n)
	return last
}

// settle gives the tree its form back around n, which lost a holder: what leads
// nowhere goes. A parent that does not branch any more keeps the form with its
// own parent, as labels only get longer here.
func (t *topicTree) settle(n *topicNode) {
	for n.parent != nil && len(n.holds) == 0 && len(n.children) == 0 {
		parent := n.parent
		i, _ := parent.child(n.label[0])
		t.freeNode(n)
		t.setChildren(parent, cut(parent.children, i))
		n = parent
	}
	t.join(n)
}

// join makes one edge of two where neither a holder nor a branch is left in
// between: n goes, its only child takes its place.
func (t *topicTree) join(n *topicNode) {
	if n.parent == nil || len(n.holds) > 0 || len(n.children) != 1 {
		return
	}
	child := n.children[0]
	if len(n.label)+len(child.label) > maxLabel {
		return
	}
	i, _ := n.parent.child(n.label[0])
	n.parent.children[i] = child
	child.parent = n.parent
	t.setLabel(child, slices.Concat(n.label, child.label))
	t.setChildren(n, nil)
	t.freeNode(n)
}
