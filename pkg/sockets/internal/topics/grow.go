package topics

import (
	"bytes"
	"slices"
)

// How a Tree changes. Whatever the order of subscriptions and cancellations was,
// afterwards a node below the root
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

// Add makes h hold prefix once more. isNew says that h did not hold it before,
// first that nobody did.
func (t *Tree[O]) Add(prefix []byte, h *Holder[O]) (isNew, first bool) {
	n := t.grow(prefix)
	i, found := n.hold(h)
	if found {
		if n.holds[i].times++; n.holds[i].times == 0 {
			n.holds[i].times-- // a count this high stays for ever
		}
		return false, false
	}
	t.setHolds(n, slices.Insert(n.holds, i, Hold[O]{holder: h, at: uint32(len(h.nodes)), times: 1})) //nolint:gosec // so many nodes fit into no memory
	t.setNodes(h, append(h.nodes, n))
	h.bytes += len(prefix)
	h.part += Part(len(prefix))
	return true, len(n.holds) == 1
}

// Remove ends h's holding of prefix, however often it was added. held says that h
// held it, last that nobody holds it now.
func (t *Tree[O]) Remove(prefix []byte, h *Holder[O]) (held, last bool) {
	n := t.node(prefix)
	if n == nil {
		return false, false
	}
	i, found := n.hold(h)
	if !found {
		return false, false
	}
	return true, t.let(n, i, len(prefix))
}

// Release undoes one Add of prefix, and reports whether that was the last one, of
// any holder.
func (t *Tree[O]) Release(prefix []byte, h *Holder[O]) (last bool) {
	n := t.node(prefix)
	if n == nil {
		return false
	}
	i, found := n.hold(h)
	if !found {
		return false
	}
	if hold := &n.holds[i]; hold.times > 1 {
		hold.times--
		return false
	}
	return t.let(n, i, len(prefix))
}

// Shed removes up to count prefixes from h. It calls tell, unless that is nil, with
// each of them, and with last if nobody holds it any more. A prefix is valid only
// until tell returns.
func (t *Tree[O]) Shed(h *Holder[O], count int, tell func(prefix []byte, last bool)) {
	var prefix []byte
	for ; count > 0 && len(h.nodes) > 0; count-- {
		n := h.nodes[len(h.nodes)-1]
		if tell != nil {
			prefix = n.appendPrefix(prefix[:0])
		}
		i, _ := n.hold(h)
		if last := t.let(n, i, n.size()); tell != nil {
			tell(prefix, last)
		}
	}
}

// grow returns the node of prefix, which it makes where there is none. The caller
// then adds a holder.
func (t *Tree[O]) grow(prefix []byte) *node[O] {
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
func (t *Tree[O]) split(n *node[O], size int) (upper *node[O]) {
	parent := n.parent
	i, _ := parent.child(n.label[0])
	upper = t.newNode(parent, n.label[:size])
	parent.children[i] = upper
	t.setLabel(n, bytes.Clone(n.label[size:]))
	n.parent = upper
	t.setChildren(upper, append(upper.children, n))
	// Both labels are shorter than n's was: each may be joined with its neighbour.
	t.join(n)
	t.join(parent)
	return upper
}

// let ends the i-th holding of n, whose prefix has size bytes, and reports
// whether it was the last. n may be gone then.
func (t *Tree[O]) let(n *node[O], i, size int) (last bool) {
	h, at := n.holds[i].holder, n.holds[i].at
	end := len(h.nodes) - 1
	if moved := h.nodes[end]; int(at) < end {
		h.nodes[at] = moved
		j, _ := moved.hold(h)
		moved.holds[j].at = at
	}
	t.setNodes(h, cut(h.nodes, end))
	h.bytes -= size
	h.part -= Part(size)
	t.setHolds(n, cut(n.holds, i))
	last = len(n.holds) == 0
	t.settle(n)
	return last
}

// settle restores the form of the tree around n, which lost a holder: nodes that
// lead nowhere are removed. Where a parent does not branch any more, its own parent
// keeps the form, as labels only get longer here.
func (t *Tree[O]) settle(n *node[O]) {
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
// between: n's only child takes its place.
func (t *Tree[O]) join(n *node[O]) {
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
