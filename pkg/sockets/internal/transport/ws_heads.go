package transport

import (
	"slices"
	"sync/atomic"

	"github.com/zcat/zcat/pkg/sockets/internal/ws"
)

// Limits of requests that are not whole. Those of programs have some 300 bytes and those of
// browsers seldom more than 2 KiB, whereas ten thousand strangers could make a listener hold
// 16 KiB each.
const (
	shortHead = 4 << 10  // bytes of one that there is always room for
	manyHeads = 16 << 20 // bytes of all of a listener, where longer ones find room
)

// heads counts the memory of the requests to a listener that are not whole.
type heads struct {
	held atomic.Int64
	most int64
}

// take reports whether there is room for more bytes of a request of which all have
// arrived, and counts them.
func (h *heads) take(more, all int) bool {
	if held := h.held.Add(int64(more)); held > h.most && all > shortHead {
		h.held.Add(-int64(more))
		return false
	}
	return true
}

// growHead makes room for more of a head.
func (c *wsConn) growHead() error {
	const step = 512 // a thousand silent peers should not cost a thousand large buffers
	grown := slices.Grow(c.head, step)
	if c.heads != nil {
		more := cap(grown) - cap(c.head)
		if !c.heads.take(more, cap(grown)) {
			answer, failed := ws.Busy()
			_, _ = c.tcp.Write(answer) // the kernel of a connection that is new takes it whole
			c.spent = true
			return failed
		}
		c.counted += more
	}
	c.head = grown
	return nil
}

// dropHead gives back what growHead took.
func (c *wsConn) dropHead() {
	if c.heads != nil {
		c.heads.held.Add(-int64(c.counted))
		c.counted = 0
	}
}
