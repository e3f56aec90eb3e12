package transport

import (
	"github.com/zcat/zcat/pkg/internal/framing"
)

// Between two processes lie a kernel's buffers; within one there is no need for
// them, and the high-water marks can be exact: messages in a stream count as not
// yet taken by its reader. For that a stream counts the messages that are written
// to it, by their frames (RFC 37), and takes no more than its reader allows.

// credit is the count of messages in one direction of a memConn. The stream's lock
// guards it.
type credit struct {
	counting bool
	declared bool // the reader has called Allow
	most     int  // messages, 0 for any number
	held     int  // messages begun and not yet taken by the reader's application
	spent    bool // the writer waits until more is allowed

	header [framing.MaxHeader]byte // of a frame whose header is partly written
	got    int                     // bytes of header that are there
	left   uint64                  // bytes of a frame's body still to come
	inside bool                    // the next message frame continues a message
}

// allowed returns how much of p may be written.
func (c *credit) allowed(p []byte) int {
	if !c.counting {
		return len(p)
	}
	n := 0
	c.spent = false
	for n < len(p) {
		if c.left > 0 {
			body := min(uint64(len(p)-n), c.left)
			n, c.left = n+int(body), c.left-body
			continue
		}
		if c.got == 0 && !c.inside && p[n]&framing.FlagCommand == 0 {
			if !c.declared || c.most > 0 && c.held >= c.most {
				c.spent = true
				return n
			}
			c.held++
		}
		c.header[c.got] = p[n]
		c.got++
		n++
		if flags, size, header := framing.ParseHeader(c.header[:c.got]); header > 0 {
			c.got, c.left = 0, size
			if flags&framing.FlagCommand == 0 {
				c.inside = flags&framing.FlagMore != 0
			}
		}
	}
	return n
}

// Counter is a connection within the process, which counts messages.
type Counter interface {
	// Count makes it count messages as they are written. It has to be called
	// between two frames.
	Count()
	// Allow lets the peer write until most messages, 0 for any number, are not yet
	// taken; held of them came before this connection.
	Allow(most, held int)
	// Taken notes that the reader's application took n messages.
	Taken(n int)
}

// Count implements Counter.
func (c *memConn) Count() {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.credit.counting = true
}

// Allow implements Counter.
func (c *memConn) Allow(most, held int) {
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	c.in.credit.declared, c.in.credit.most = true, most
	c.in.credit.held += held
	c.in.allowMore()
}

// Taken implements Counter.
func (c *memConn) Taken(n int) {
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	credit := &c.in.credit
	// A writer that waits goes on once half is free, or else each message taken
	// would wake it.
	if credit.held -= n; credit.spent && credit.held <= credit.most/2 {
		c.in.allowMore()
	}
}
