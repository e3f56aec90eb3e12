package topics

import (
	"bytes"
	"slices"
)

// Account bears the memory of a Tree.
type Account interface {
	// Charge adds to the bytes that the tree and its holders take, or subtracts
	// where bytes is below 0.
	Charge(bytes int)
}

// The memory of a Tree is counted where it is taken, block by block as the
// allocator gives it, and not estimated: the account holds the sum over all nodes,
// the labels, the lists of holders and children, and the lists of nodes of all
// holders. All lists shrink with their content, which a map never does. So the heap
// holds what is counted and at most a quarter more, which the allocator's blocks
// cost (TestAccount).

const (
	nodeMemory = 80 // of a node
	holdMemory = 16
	refMemory  = 8  // of a reference to a node, in a list
	leastLabel = 16 // the allocator puts smaller ones into a block of this size, and keeps it for any of them
)

func labelMemory(label []byte) int {
	if len(label) == 0 {
		return 0
	}
	return max(cap(label), leastLabel)
}

// Part returns the bytes that one subscription to a prefix of size bytes stands for
// in the account of its peer, whatever others share with it: no set of
// subscriptions takes more memory than the sum of their parts. Each needs at most
// two nodes (its own, and one where the way to it branches), each of them a place
// among its parent's children, and two for each maxLabel bytes; lists have less
// than four times the places that they need; the allocator rounds labels up by an
// eighth and a few bytes. Where many subscribe to the same prefix, they take less
// together.
func Part(size int) int {
	const (
		node  = nodeMemory + 2*leastLabel + 4*refMemory
		place = 4 * (holdMemory + refMemory)
	)
	return 2*node + place + size + size/8 + 2*node*size/maxLabel
}

func (t *Tree[O]) charge(bytes int) {
	if t.account != nil && bytes != 0 {
		t.account.Charge(bytes)
	}
}

func (t *Tree[O]) newNode(parent *node[O], label []byte) *node[O] {
	n := &node[O]{parent: parent}
	t.charge(nodeMemory)
	t.setLabel(n, bytes.Clone(label)) // a view would keep the whole buffer that it is a part of
	return n
}

// freeNode is for a node that the tree does not lead to any more.
func (t *Tree[O]) freeNode(n *node[O]) {
	t.charge(-(nodeMemory + labelMemory(n.label)))
	n.parent, n.label = nil, nil
}

func (t *Tree[O]) setLabel(n *node[O], label []byte) {
	t.charge(labelMemory(label) - labelMemory(n.label))
	n.label = label
}

func (t *Tree[O]) setHolds(n *node[O], holds []Hold[O]) {
	t.charge(holdMemory * (cap(holds) - cap(n.holds)))
	n.holds = holds
}

func (t *Tree[O]) setChildren(n *node[O], children []*node[O]) {
	t.charge(refMemory * (cap(children) - cap(n.children)))
	n.children = children
}

func (t *Tree[O]) setNodes(h *Holder[O], nodes []*node[O]) {
	t.charge(refMemory * (cap(nodes) - cap(h.nodes)))
	h.nodes = nodes
}

// cut removes an element of a list and frees room that is mostly unused.
func cut[T any](list []T, i int) []T {
	list = slices.Delete(list, i, i+1)
	switch {
	case len(list) == 0:
		return nil
	case len(list) <= cap(list)/4:
		return append(slices.Grow([]T(nil), 2*len(list)), list...)
	}
	return list
}
