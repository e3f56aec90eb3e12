package topics

// Table keeps a value for each of a set of topics, in the order of their bytes, and
// finds all topics with a prefix in time that grows with their number alone. Like a
// Tree, it is guarded by its user.
type Table[V any] struct {
	tree   Tree[struct{}]
	all    Holder[struct{}]
	values []*V // of the topics, by the places of their nodes in all.nodes
}

// NewTable makes a table whose memory, without that of the values, is charged to
// account.
func NewTable[V any](account Account) *Table[V] {
	return &Table[V]{tree: New[struct{}](account)}
}

// Len returns the number of topics.
func (t *Table[V]) Len() int { return len(t.values) }

// Find returns the value of a topic, nil where there is none.
func (t *Table[V]) Find(topic []byte) *V {
	if n := t.tree.node(topic); n != nil && len(n.holds) > 0 {
		return t.at(n)
	}
	return nil
}

// at returns the value of a node that is held.
func (t *Table[V]) at(n *node[struct{}]) *V { return t.values[n.holds[0].at] }

// Add gives a topic that the table does not have a value.
func (t *Table[V]) Add(topic []byte, v *V) {
	t.tree.Add(topic, &t.all)
	t.set(append(t.values, v))
}

// Remove takes a topic out of the table, which has it.
func (t *Table[V]) Remove(topic []byte) {
	at, end := t.tree.node(topic).holds[0].at, len(t.values)-1
	t.tree.Remove(topic, &t.all)
	t.values[at] = t.values[end] // as the tree does with the nodes
	t.set(cut(t.values, end))
}

func (t *Table[V]) set(values []*V) {
	t.tree.charge(refMemory * (cap(values) - cap(t.values)))
	t.values = values
}

// From calls visit with the values of topic and those behind it, in order, until it
// returns false. The table must not change meanwhile.
func (t *Table[V]) From(topic []byte, visit func(v *V) (more bool)) {
	for n := t.tree.seek(topic); n != nil; n = n.next() {
		if len(n.holds) > 0 && !visit(t.at(n)) {
			return
		}
	}
}

// seek returns the first node whose prefix is not before topic, nil if there is none.
func (t *Tree[O]) seek(topic []byte) *node[O] {
	n := &t.root
	for len(topic) > 0 {
		i, next := n.child(topic[0])
		if next == nil {
			if i < len(n.children) {
				return n.children[i]
			}
			return n.behind()
		}
		same := commonLen(topic, next.label)
		switch {
		case same == len(next.label):
			n, topic = next, topic[same:]
		case same == len(topic) || topic[same] < next.label[same]:
			return next
		default:
			return next.behind()
		}
	}
	return n
}

// Covers returns how many prefixes of topic h holds.
func (t *Tree[O]) Covers(topic []byte, h *Holder[O]) (count int) {
	n := &t.root
	for {
		if _, found := n.hold(h); found {
			count++
		}
		if len(topic) == 0 {
			return count
		}
		_, next := n.child(topic[0])
		if next == nil || len(topic) < len(next.label) || commonLen(topic, next.label) < len(next.label) {
			return count
		}
		n, topic = next, topic[len(next.label):]
	}
}
