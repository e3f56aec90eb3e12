package zmtp

import (
	"math"

	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// The memory that a connection takes for a message that is not whole.

// held returns the bytes of memory that the slab takes.
func (in *input) held() int {
	if in.slab == nil {
		return 0
	}
	return cap(in.slab.Wire)
}

// Held returns the memory that is taken, in bytes; a little counts as none.
func (c *Conn) Held() int {
	return counted(c.held())
}

func (c *Conn) held() int {
	held := c.in.held()
	if c.opener != nil && c.opener.slab != nil {
		held += cap(c.opener.slab.Wire)
	}
	if c.upgraded != nil {
		held += c.upgraded.Held()
	}
	return held
}

// growBelow asks for the memory that the transport takes, size bytes in all.
func (c *Conn) growBelow(size int, wait bool) (may bool, err error) {
	whole := counted(c.held() - c.upgraded.Held() + size)
	switch {
	case whole <= c.mayHold():
		return true, nil
	case wait:
		may = c.ask(whole, true)
		return may, c.in.err
	}
	return c.mayTake(whole), nil
}

// wanted returns the memory that would be taken if all were granted.
func (c *Conn) wanted() int {
	size := max(c.in.held(), c.in.want)
	if o := c.opener; o != nil {
		sealed := o.want
		if o.slab != nil {
			sealed = max(sealed, cap(o.slab.Wire))
		}
		size += sealed
	}
	if c.upgraded != nil {
		size += c.upgraded.Held()
	}
	return counted(size)
}

// counted returns size, or 0 for so little that every connection may have it.
func counted(size int) int {
	if size <= slab.Small {
		return 0
	}
	return size
}

// mayHold returns the memory that was granted.
func (c *Conn) mayHold() int {
	if c.grow == nil {
		return math.MaxInt
	}
	return c.granted
}

// ask asks for size bytes in all, and waits for them if wait is set. It reports
// whether reading can go on, with the memory or with an error.
func (c *Conn) ask(size int, wait bool) bool {
	may, err := c.grow(size, wait)
	if c.in.err = err; may {
		c.granted = size
	}
	return may || err != nil
}

// mayTake reports whether size bytes may be taken at once.
func (c *Conn) mayTake(size int) bool {
	if size <= c.mayHold() {
		return true
	}
	may, err := c.grow(size, false)
	if may && err == nil {
		c.granted = size
		return true
	}
	return false
}
