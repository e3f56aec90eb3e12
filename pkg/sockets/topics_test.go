package sockets

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// naiveTopics is what a topicTree promises, written without a thought of speed.
type naiveTopics map[string]map[*peer]bool

func (n naiveTopics) add(prefix string, p *peer) (first bool) {
	if n[prefix] == nil {
		n[prefix] = map[*peer]bool{}
	}
	n[prefix][p] = true
	return len(n[prefix]) == 1
}

func (n naiveTopics) remove(prefix string, p *peer) (last bool) {
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
func (n naiveTopics) match(topic string) map[*peer]int {
	found := map[*peer]int{}
	for prefix, holders := range n {
		if strings.HasPrefix(topic, prefix) {
			for p := range holders {
				found[p]++
			}
		}
	}
	return found
}

// topicModel holds a tree and what it should be.
type topicModel struct {
	testing.TB
	tree  topicTree
	naive naiveTopics
	peers []*peer
}

func newTopicModel(t testing.TB) *topicModel {
	t.Helper()
	return &topicModel{TB: t, naive: naiveTopics{}, peers: []*peer{{}, {}, {}}}
}

// subscribe adds if the peer does not hold prefix yet, which the tree asks of
// its caller.
func (m *topicModel) subscribe(prefix string, p *peer) {
	m.Helper()
	if m.naive[prefix][p] {
		return
	}
	if got, want := m.tree.add([]byte(prefix), p), m.naive.add(prefix, p); got != want {
		m.Fatalf("add %q: first %t, want %t", prefix, got, want)
	}
}

func (m *topicModel) cancel(prefix string, p *peer) {
	m.Helper()
	if got, want := m.tree.remove([]byte(prefix), p), m.naive.remove(prefix, p); got != want {
		m.Fatalf("remove %q: last %t, want %t", prefix, got, want)
	}
}

func (m *topicModel) check(topic string) {
	m.Helper()
	got := map[*peer]int{}
	m.tree.match([]byte(topic), func(holders []*peer) {
		for _, p := range holders {
			got[p]++
		}
	})
	want := m.naive.match(topic)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		m.Fatalf("match %q: %v, want %v", topic, got, want)
	}
	if got, want := m.tree.held([]byte(topic)), len(m.naive[topic]) > 0; got != want {
		m.Fatalf("held %q: %t, want %t", topic, got, want)
	}
	everything := true
	for prefix := range m.naive {
		everything = everything && prefix == ""
	}
	if got := m.tree.everything(); got != everything {
		m.Fatalf("everything: %t, want %t", got, everything)
	}
}

// nodes counts the nodes below n and holds them against the tree's form: each
// has a label, its children are in order, and one that nobody holds branches, or
// leads to what is too long to be joined.
func (m *topicModel) nodes(n *topicNode) int {
	m.Helper()
	count := 0
	for i, child := range n.children {
		if len(child.label) == 0 || i > 0 && n.children[i-1].label[0] >= child.label[0] {
			m.Fatalf("child %d of %q has the label %q", i, n.label, child.label)
		}
		passes := len(child.children) == 1 && len(child.children[0].label) > maxJoined
		if len(child.holders) == 0 && len(child.children) < 2 && !passes {
			m.Fatalf("node %q has no holder and %d children", child.label, len(child.children))
		}
		count += 1 + m.nodes(child)
	}
	return count
}

// TestTopicTree adds and removes in many orders.
func TestTopicTree(t *testing.T) {
	words := []string{"", "a", "ab", "abc", "abd", "b", "ba", "abcdefgh", "abcdxyz", "\x00", "\x00\xff", "\xff"}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 0))
		m := newTopicModel(t)
		for range 200 {
			word, p := words[r.IntN(len(words))], m.peers[r.IntN(len(m.peers))]
			if r.IntN(2) == 0 {
				m.subscribe(word, p)
			} else {
				m.cancel(word, p)
			}
			m.check(words[r.IntN(len(words))] + words[r.IntN(len(words))])
			m.nodes(&m.tree.root)
		}
		for _, word := range words {
			for _, p := range m.peers {
				m.cancel(word, p)
			}
		}
		if n := m.nodes(&m.tree.root); n != 0 {
			t.Fatalf("seed %d: %d nodes left", seed, n)
		}
	}
}

// TestTopicTreeLongEdges holds a prefix of a megabyte in one node, and splits
// and joins it.
func TestTopicTreeLongEdges(t *testing.T) {
	huge := strings.Repeat("x", 1<<20)
	m := newTopicModel(t)
	m.subscribe(huge, m.peers[0])
	if n := m.nodes(&m.tree.root); n != 1 {
		t.Errorf("%d nodes", n)
	}
	for n := 1; n <= len(huge); n *= 4 {
		m.subscribe(huge[:n], m.peers[1])
		m.subscribe(huge[:n]+"y", m.peers[2])
	}
	m.check(huge + "z")
	for n := 1; n <= len(huge); n *= 4 {
		m.cancel(huge[:n], m.peers[1])
		m.cancel(huge[:n]+"y", m.peers[2])
	}
	m.check(huge)
	if n := m.nodes(&m.tree.root); n > 11 {
		t.Errorf("%d nodes are left", n)
	}
	m.cancel(huge, m.peers[0])
	if n := m.nodes(&m.tree.root); n != 0 {
		t.Errorf("%d nodes are left of nothing", n)
	}
}

// TestTopicTreeLetsGo: what is left of a split prefix does not keep the memory of
// the long one, and the short one can come and go at no cost.
func TestTopicTreeLetsGo(t *testing.T) {
	const count = 64
	var tree topicTree
	holder := &peer{}
	before := liveHeap()
	for i := range count {
		short := []byte{byte(i)}
		long := append(short, make([]byte, 1<<20)...)
		tree.add(long, holder)
		tree.add(short, holder)
		if n := testing.AllocsPerRun(10, func() {
			tree.remove(short, holder)
			tree.add(short, holder)
		}); n > 2 {
			t.Fatalf("%v allocations", n)
		}
		tree.remove(long, holder)
	}
	if grown := liveHeap() - before; grown > 8<<20 {
		t.Errorf("%d short prefixes hold %d bytes", count, grown)
	}
	if !tree.held([]byte{7}) {
		t.Error("not held")
	}
}

// TestTopicTreeCopies keeps no view of a prefix, whose buffer is used again.
func TestTopicTreeCopies(t *testing.T) {
	var tree topicTree
	prefix := []byte("abc")
	tree.add(prefix, nil)
	copy(prefix, "xyz")
	if !tree.held([]byte("abc")) || tree.held([]byte("xyz")) {
		t.Error("the tree changed with the buffer of its prefix")
	}
}

// FuzzTopicTree reads operations from the input: a byte for which and whose, a
// byte for a length, and a prefix of that many bytes.
func FuzzTopicTree(f *testing.F) {
	f.Add([]byte("\x00\x01a\x01\x02ab\x02\x03abc\x03\x02ab\x04\x01a"))
	f.Add([]byte("\x00\x00\x01\x00\x03\x00\x04\x00"))
	f.Add([]byte("\x00\x04aaaa\x01\x02aa\x03\x04aaaa\x00\x03aab\x02\x01a\x04\x02aa"))
	f.Fuzz(func(t *testing.T, input []byte) {
		m := newTopicModel(t)
		var prefixes []string
		for len(input) >= 2 {
			op, n := int(input[0]), min(int(input[1]), len(input)-2)
			prefix := string(input[2 : 2+n])
			input = input[2+n:]
			p := m.peers[op%len(m.peers)]
			if op/len(m.peers)%2 == 0 {
				m.subscribe(prefix, p)
			} else {
				m.cancel(prefix, p)
			}
			prefixes = append(prefixes, prefix)
			m.check(prefix)
			m.check(prefix + "!")
		}
		m.nodes(&m.tree.root)
		for _, prefix := range prefixes {
			m.check(prefix)
			for _, p := range m.peers {
				m.cancel(prefix, p)
			}
		}
		if n := m.nodes(&m.tree.root); n != 0 {
			t.Fatalf("%d nodes left", n)
		}
	})
}

// BenchmarkTopicTree matches a topic against few and many prefixes: the time
// grows with the topic's length alone.
func BenchmarkTopicTree(b *testing.B) {
	for _, count := range []int{1, 100, 10000} {
		b.Run(fmt.Sprintf("%d prefixes", count), func(b *testing.B) {
			var tree topicTree
			p := &peer{}
			for i := range count {
				tree.add(fmt.Appendf(nil, "market.%d.trade.", i), p)
			}
			topic := fmt.Appendf(nil, "market.%d.trade.EUR", count/2)
			found := 0
			b.ReportAllocs()
			for b.Loop() {
				tree.match(topic, func(holders []*peer) { found += len(holders) })
			}
			if found != b.N {
				b.Fatalf("%d matches in %d calls", found, b.N)
			}
		})
	}
}
