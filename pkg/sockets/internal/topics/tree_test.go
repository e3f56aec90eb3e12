package topics

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// naive does the same as a Tree, written without a thought of speed.
type naive map[string]map[*Holder[int]]bool

func (n naive) add(prefix string, p *Holder[int]) (first bool) {
	if n[prefix] == nil {
		n[prefix] = map[*Holder[int]]bool{}
	}
	n[prefix][p] = true
	return len(n[prefix]) == 1
}

func (n naive) remove(prefix string, p *Holder[int]) (last bool) {
	if !n[prefix][p] {
		return false
	}
	delete(n[prefix], p)
	if len(n[prefix]) == 0 {
		delete(n, prefix)
		return true
	}
	return false
}

// match counts how often each peer holds a prefix of topic.
func (n naive) match(topic string) map[*Holder[int]]int {
	found := map[*Holder[int]]int{}
	for prefix, holders := range n {
		if strings.HasPrefix(topic, prefix) {
			for p := range holders {
				found[p]++
			}
		}
	}
	return found
}

// tally is an account.
type tally int

func (n *tally) Charge(bytes int) { *n += tally(bytes) }

// model holds a tree and the naive one that it should equal.
type model struct {
	testing.TB
	tree    Tree[int]
	charged tally
	naive   naive
	peers   []*Holder[int]
	steps   int
}

// newHolders makes holders for a tree.
func newHolders(n int) []*Holder[int] {
	peers := make([]*Holder[int], n)
	for i := range peers {
		peers[i] = &Holder[int]{owner: i, number: uint64(i) + 1}
	}
	return peers
}

func newModel(t testing.TB) *model {
	t.Helper()
	m := &model{TB: t, naive: naive{}, peers: newHolders(3)}
	m.tree = New[int](&m.charged)
	return m
}

func (m *model) subscribe(prefix string, p *Holder[int]) {
	m.Helper()
	held := m.naive[prefix][p]
	wantFirst := m.naive.add(prefix, p) && !held
	isNew, first := m.tree.Add([]byte(prefix), p)
	if isNew == held || first != wantFirst {
		m.Fatalf("add %s: new %t, first %t, want %t, %t", cutShort(prefix), isNew, first, !held, wantFirst)
	}
}

func (m *model) cancel(prefix string, p *Holder[int]) {
	m.Helper()
	held := m.naive[prefix][p]
	wantLast := m.naive.remove(prefix, p)
	if gotHeld, last := m.tree.Remove([]byte(prefix), p); gotHeld != held || last != wantLast {
		m.Fatalf("remove %s: held %t, last %t, want %t, %t", cutShort(prefix), gotHeld, last, held, wantLast)
	}
}

// leave sheds all that p holds, a few at a time.
func (m *model) leave(p *Holder[int]) {
	m.Helper()
	for p.Len() > 0 {
		m.tree.Shed(p, 1+m.steps%3, func(prefix []byte, last bool) {
			if want := m.naive.remove(string(prefix), p); last != want {
				m.Fatalf("leave %s: last %t, want %t", cutShort(string(prefix)), last, want)
			}
		})
		m.steps++
	}
	for prefix := range m.naive {
		if m.naive[prefix][p] {
			m.Fatalf("%s was forgotten before", cutShort(prefix))
		}
	}
}

func (m *model) check(topic string) {
	m.Helper()
	got := map[*Holder[int]]int{}
	m.tree.Match([]byte(topic), func(holds []Hold[int]) {
		for _, h := range holds {
			got[h.holder]++
		}
	})
	if want := m.naive.match(topic); !maps.Equal(got, want) {
		m.Fatalf("match %s: %v, want %v", cutShort(topic), got, want)
	}
	if got, want := m.tree.Held([]byte(topic)), len(m.naive[topic]) > 0; got != want {
		m.Fatalf("held %s: %t, want %t", cutShort(topic), got, want)
	}
	for _, p := range m.peers {
		if got, want := m.tree.Holds([]byte(topic), p), m.naive[topic][p]; got != want {
			m.Fatalf("%s held by one: %t, want %t", cutShort(topic), got, want)
		}
	}
	everything := true
	for prefix := range m.naive {
		everything = everything && prefix == ""
	}
	if _, got := m.tree.All(); got != everything {
		m.Fatalf("everything: %t, want %t", got, everything)
	}
}

// account walks the whole tree and all lists of its holders: the memory that is
// there equals the account, is no more than the peers' parts together, and the
// nodes have the tree's form. It returns the number of nodes below the root.
func (m *model) account() (nodes int) {
	m.Helper()
	memory := -nodeMemory // the root is not counted
	m.walk(&m.tree.root, func(n *node[int]) {
		nodes++
		memory += nodeMemory + holdMemory*cap(n.holds) + refMemory*cap(n.children)
		if len(n.label) > 0 {
			memory += max(leastLabel, cap(n.label))
		}
	})
	parts := 0
	for _, p := range m.peers {
		memory += refMemory * cap(p.nodes)
		size, part := 0, 0
		for at, n := range p.nodes {
			if i, found := n.hold(p); !found || int(n.holds[i].at) != at {
				m.Fatalf("node %d of a peer does not know it there", at)
			}
			size, part = size+n.size(), part+Part(n.size())
		}
		if p.bytes != size || p.part != part {
			m.Fatalf("%d bytes, a part of %d, want %d, %d", p.bytes, p.part, size, part)
		}
		parts += part
	}
	if memory != int(m.charged) || memory > parts {
		m.Fatalf("%d bytes of memory, %d are counted, the parts are %d", memory, int(m.charged), parts)
	}
	var prefixes []string
	m.tree.Each(func(prefix []byte) { prefixes = append(prefixes, string(prefix)) })
	if want := slices.Sorted(maps.Keys(m.naive)); !slices.Equal(prefixes, want) {
		m.Fatalf("%d prefixes, want %d in order", len(prefixes), len(want))
	}
	return nodes - 1
}

// walk visits n and the nodes below it and checks their form.
func (m *model) walk(n *node[int], visit func(*node[int])) {
	m.Helper()
	visit(n)
	if n.parent != nil && len(n.holds) == 0 {
		switch len(n.children) {
		case 0:
			m.Fatal("a node that leads nowhere")
		case 1:
			if len(n.label)+len(n.children[0].label) <= maxLabel {
				m.Fatalf("labels of %d and %d bytes are not joined", len(n.label), len(n.children[0].label))
			}
		}
	}
	for i, child := range n.children {
		if len(child.label) == 0 || len(child.label) > maxLabel || i > 0 && n.children[i-1].label[0] >= child.label[0] {
			m.Fatalf("child %d has a label of %d bytes", i, len(child.label))
		}
		if child.parent != n {
			m.Fatal("a child that does not know its parent")
		}
		m.walk(child, visit)
	}
}

// TestTree adds and removes in many orders, short prefixes and ones of
// several labels.
func TestTree(t *testing.T) {
	short := []string{"", "a", "ab", "abc", "abd", "b", "ba", "abcdefgh", "abcdxyz", "\x00", "\x00\xff", "\xff"}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 0))
		words := short
		if seed%2 == 1 {
			words = []string{""}
			for range 12 {
				n := r.IntN(4*maxLabel + 10)
				words = append(words, strings.Repeat("x", n), strings.Repeat("x", r.IntN(n+1))+"y"+strings.Repeat("x", r.IntN(n+1)))
			}
		}
		m := newModel(t)
		for range 200 {
			word, p := words[r.IntN(len(words))], m.peers[r.IntN(len(m.peers))]
			switch r.IntN(20) {
			case 0:
				m.leave(p)
			case 1, 2, 3, 4, 5, 6, 7, 8, 9:
				m.cancel(word, p)
			default:
				m.subscribe(word, p)
			}
			m.check(words[r.IntN(len(words))] + words[r.IntN(len(words))])
			m.account()
		}
		m.leaveAll()
	}
}

// leaveAll makes all peers leave, after which nothing is left.
func (m *model) leaveAll() {
	m.Helper()
	for _, p := range m.peers {
		m.leave(p)
		m.account()
	}
	if n := m.account(); n != 0 || int(m.charged) != 0 {
		m.Fatalf("%d nodes and %d bytes are left of nothing", n, int(m.charged))
	}
}

// TestTreeLongEdges holds a prefix of a megabyte in chains of nodes, and
// splits and joins them.
func TestTreeLongEdges(t *testing.T) {
	huge := strings.Repeat("x", 1<<20)
	const chain = 1 << 20 / maxLabel
	m := newModel(t)
	m.subscribe(huge, m.peers[0])
	if n := m.account(); n != chain {
		t.Errorf("%d nodes", n)
	}
	for n := 1; n <= len(huge); n *= 4 {
		m.subscribe(huge[:n], m.peers[1])
		m.subscribe(huge[:n]+"y", m.peers[2])
		m.account()
	}
	m.check(huge + "z")
	for n := 1; n <= len(huge); n *= 4 {
		m.cancel(huge[:n], m.peers[1])
		m.cancel(huge[:n]+"y", m.peers[2])
		m.account()
	}
	m.check(huge)
	if n := m.account(); n > 2*chain+1 {
		t.Errorf("%d nodes are left", n)
	}
	m.leaveAll()
}

// TestTreeCopies keeps no view of a prefix, whose buffer is used again.
func TestTreeCopies(t *testing.T) {
	var tree Tree[int]
	prefix := []byte("abc")
	tree.Add(prefix, newHolders(1)[0])
	copy(prefix, "xyz")
	if !tree.Held([]byte("abc")) || tree.Held([]byte("xyz")) {
		t.Error("the tree changed with the buffer of its prefix")
	}
}

// FuzzTree reads operations from the input: a byte for the operation and the
// holder, two for a length and how often to repeat what follows, and a prefix of up
// to that many bytes. The tree is compared with a naive one, its account with the
// memory that is there.
func FuzzTree(f *testing.F) {
	f.Add([]byte("\x00\x01\x00a\x01\x02\x00ab\x02\x03\x00abc\x03\x02\x00ab\x04\x01\x00a"))
	f.Add([]byte("\x00\x00\x00\x01\x00\x00\x03\x00\x00\x04\x00\x00\x06\x00\x00"))
	f.Add([]byte("\x00\x04\xffaaaa\x01\x02\xf0aa\x03\x04\xffaaaa\x00\x03\x90aab\x02\x01\xffa\x04\x02\xffaa\x08\x01\x01a"))
	f.Fuzz(func(t *testing.T, input []byte) {
		m := newModel(t)
		for steps := 0; len(input) >= 3 && steps < 64; steps++ {
			op, n, times := int(input[0]), min(int(input[1]), len(input)-3), int(input[2])
			prefix := string(input[3 : 3+n])
			input = input[3+n:]
			prefix = strings.Repeat(prefix, 1+min(times, 4*maxLabel/(1+n)))
			p := m.peers[op%len(m.peers)]
			switch op / len(m.peers) % 3 {
			case 0:
				m.subscribe(prefix, p)
			case 1:
				m.cancel(prefix, p)
			case 2:
				m.leave(p)
			}
			m.check(prefix)
			m.check(prefix + "!")
			if steps%4 == 0 {
				m.account()
			}
		}
		m.account()
		m.leaveAll()
	})
}

// BenchmarkTree matches a topic against few and many prefixes: the time
// grows with the topic's length alone. A list of the prefixes is there to compare.
func BenchmarkTree(b *testing.B) {
	for _, count := range []int{1, 100, 10000} {
		var tree Tree[int]
		var list [][]byte
		p := newHolders(1)[0]
		for i := range count {
			list = append(list, fmt.Appendf(nil, "market.%d.trade.", i))
			tree.Add(list[i], p)
		}
		topic := fmt.Appendf(nil, "market.%d.trade.EUR", count/2)
		found := 0
		for _, way := range []struct {
			name  string
			match func()
		}{
			{"tree", func() { tree.Match(topic, func(holds []Hold[int]) { found += len(holds) }) }},
			{"list", func() {
				for _, prefix := range list {
					if bytes.HasPrefix(topic, prefix) {
						found++
					}
				}
			}},
		} {
			b.Run(fmt.Sprintf("%d prefixes/%s", count, way.name), func(b *testing.B) {
				found = 0
				b.ReportAllocs()
				for b.Loop() {
					way.match()
				}
				if found != b.N {
					b.Fatalf("%d matches in %d calls", found, b.N)
				}
			})
		}
	}
}

// cutShort quotes the start of a long text.
func cutShort(s string) string {
	if len(s) > 40 {
		return fmt.Sprintf("%q... (%d bytes)", s[:40], len(s))
	}
	return strconv.Quote(s)
}

// TestTreeAt: exactly the holders of a prefix are found, of none where it is only a part
// of another, or another a part of it.
func TestTreeAt(t *testing.T) {
	r := rand.New(rand.NewPCG(rand.Uint64(), 48))
	var tree Tree[int]
	holders := make([]Holder[int], 3)
	for i := range holders {
		tree.Enter(&holders[i], i)
	}
	text := func() string { return strings.Repeat("ab", 2)[:r.IntN(5)] + strings.Repeat("c", r.IntN(2)) }
	model := map[string]map[int]bool{}
	for range 500 {
		prefix, i := text(), r.IntN(len(holders))
		if model[prefix] == nil {
			model[prefix] = map[int]bool{}
		}
		if r.IntN(2) == 0 {
			tree.Add([]byte(prefix), &holders[i])
			model[prefix][i] = true
		} else {
			tree.Remove([]byte(prefix), &holders[i])
			delete(model[prefix], i)
		}
		at, found := text(), map[int]bool{}
		tree.At([]byte(at), func(holds []Hold[int]) {
			for i := range holds {
				found[holds[i].Owner()] = true
			}
		})
		if len(found) != len(model[at]) {
			t.Fatalf("at %q: %v, want %v", at, found, model[at])
		}
		for i := range model[at] {
			if !found[i] {
				t.Fatalf("at %q: %v, want %v", at, found, model[at])
			}
		}
	}
}
