package zmtp

import "sync"

// Slab is a recycled buffer of whole messages in wire form: the unit in which
// messages change goroutines.
type Slab struct {
	Wire  []byte
	Count int // messages in Wire
}

// The sizes of slabs: a quiet connection reads into a small one, a busy one
// into a large one. A message that is larger than either has a slab that grew,
// which is kept for reuse up to the last size.
const (
	smallSlab = 8 << 10
	largeSlab = 256 << 10
	keptSlab  = 1 << 20
)

var smallSlabs, largeSlabs sync.Pool //nolint:gochecknoglobals // recycled memory has to be shared to be of use

// newSlab returns an empty slab of at least the small or the large size.
func newSlab(large bool) *Slab {
	pool, size := &smallSlabs, smallSlab
	if large {
		pool, size = &largeSlabs, largeSlab
	}
	if s, ok := pool.Get().(*Slab); ok {
		return s
	}
	return &Slab{Wire: make([]byte, 0, size)}
}

// Recycle takes a slab whose messages nobody looks at any more.
func (s *Slab) Recycle() {
	s.Wire, s.Count = s.Wire[:0], 0
	switch size := cap(s.Wire); {
	case size > keptSlab || size < smallSlab:
	case size < largeSlab:
		smallSlabs.Put(s)
	default:
		largeSlabs.Put(s)
	}
}

// NewSlab returns an empty slab.
func NewSlab() *Slab { return newSlab(false) }
