// Package slab recycles the buffers in which messages change hands: between a
// connection, the queues of a peer and the application.
package slab

import (
	"math"
	"sync"
	"sync/atomic"
)

// Slab is a recycled buffer of whole messages in wire form: the unit in which
// messages change goroutines.
type Slab struct {
	Wire  []byte
	Count int // messages in Wire

	// Inside says that the message is a subscription that came inside another
	// message, which has not ended yet; Told says that the last message ends with a
	// frame that was returned in such a slab before (Conn.EndMessage).
	Inside, Told bool

	shared  atomic.Int32  // holders besides the first
	account *atomic.Int64 // the account that its memory is charged to, if any
	charged int64
}

// Charge charges the slab's memory, in bytes, to account until its last holder
// recycles it. A slab that is charged already stays in its account.
func (s *Slab) Charge(account *atomic.Int64) {
	if account == nil || s.account != nil {
		return
	}
	s.account, s.charged = account, int64(cap(s.Wire))
	account.Add(s.charged)
}

// Share adds a holder, which may read the slab until it recycles it too.
func (s *Slab) Share() *Slab {
	s.shared.Add(1)
	return s
}

// The sizes of slabs: a quiet connection reads into a small one, a busy one
// into a large one; a single holds a message of 64 KiB, a huge one of 1 MiB, and a small
// one's room behind it for what follows.
const (
	Small  = 8 << 10
	single = 80 << 10
	Large  = 256 << 10
	Huge   = 1<<20 + 72<<10
	kept   = 4 << 20 // larger ones are not kept for reuse
)

// pools recycles slabs of at least these sizes.
var pools = [...]struct { //nolint:gochecknoglobals // recycled memory has to be shared to be of use
	size int
	pool sync.Pool
}{{size: Small}, {size: single}, {size: Large}, {size: Huge}}

// New returns an empty slab with room for size bytes.
func New(size int) *Slab { return Within(size, math.MaxInt) }

// Within is New for callers that may have no more than most bytes, which is at
// least size: a recycled slab may be several times as large as size.
func Within(size, most int) *Slab {
	for i := range pools {
		p := &pools[i]
		if size > p.size || p.size > most {
			continue
		}
		s, ok := p.pool.Get().(*Slab)
		if !ok {
			return &Slab{Wire: make([]byte, 0, p.size)}
		}
		if cap(s.Wire) <= most {
			return s
		}
		p.pool.Put(s)
		break
	}
	if s := takeOffShelf(size, most); s != nil {
		return s
	}
	return &Slab{Wire: make([]byte, 0, size)}
}

// Start returns the slab that a read begins with.
func Start(large bool) *Slab {
	if large {
		return New(Large)
	}
	return New(Small)
}

// Recycle gives up one holder's share of the slab; the last one makes it free for
// reuse.
func (s *Slab) Recycle() {
	if s.shared.Add(-1) >= 0 {
		return
	}
	s.shared.Store(0)
	if s.account != nil {
		s.account.Add(-s.charged)
		s.account = nil
	}
	s.Wire, s.Count, s.Inside, s.Told = s.Wire[:0], 0, false, false
	size := cap(s.Wire)
	if size > Large && size != Huge {
		putOnShelf(s)
		return
	}
	for i := len(pools) - 1; i >= 0; i-- {
		if p := &pools[i]; size >= p.size {
			p.pool.Put(s)
			return
		}
	}
}
