package slab

import (
	"slices"
	"sync"
)

// shelf keeps a few large slabs of any size for reuse, each processor its own. A
// message that grows leaves one of each size behind, and they are in no account:
// without a bound, forty strangers turned 16 MiB of memory into 220. Without the
// shelf, messages of 2 MiB take twice as long.
type shelf struct {
	slabs []*Slab // the oldest in front
	bytes int
}

// shelfRoom is the room on a shelf, in bytes.
const shelfRoom = 4 * kept

var shelves sync.Pool //nolint:gochecknoglobals // recycled memory has to be shared to be of use

// takeOffShelf returns the newest slab of size to most bytes, nil if there is none.
func takeOffShelf(size, most int) *Slab {
	h, ok := shelves.Get().(*shelf)
	if !ok {
		return nil
	}
	defer shelves.Put(h)
	for i, s := range slices.Backward(h.slabs) {
		if n := cap(s.Wire); size <= n && n <= most {
			h.remove(i)
			return s
		}
	}
	return nil
}

// putOnShelf keeps a slab, and removes the oldest ones where there is no room.
func putOnShelf(s *Slab) {
	if cap(s.Wire) > kept {
		return
	}
	h, ok := shelves.Get().(*shelf)
	if !ok {
		h = &shelf{}
	}
	defer shelves.Put(h)
	for h.bytes+cap(s.Wire) > shelfRoom {
		h.remove(0)
	}
	h.slabs = append(h.slabs, s)
	h.bytes += cap(s.Wire)
}

func (h *shelf) remove(i int) {
	h.bytes -= cap(h.slabs[i].Wire)
	h.slabs = slices.Delete(h.slabs, i, i+1)
}
