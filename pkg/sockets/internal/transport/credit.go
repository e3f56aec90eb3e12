package transport

import (
	"github.com/zcat/zcat/pkg/internal/framing"
)

// A kernel's buffers lie between two processes; within one there is no need for
// them, and the high-water marks can be exact: what is in a stream counts as what
// its reader has not taken yet. For that a stream counts the messages that it is
// given, by their frames (RFC 37), and takes no more than its reader allows.

// credit is the count of messages in one direction of a memConn. The stream's lock
// guards it.
type credit struct {
	counting bool
	declared bool // the reader has said how many it allows
	most     int  // messages, 0 for any number
	held     int  // messages begun and not yet taken by the reader's application
	spent    bool // the writer waits for that to change

	header [framing.MaxHeader]byte // of a frame of which a part was written
	got    int                     // bytes of that
	left   uint64                  // bytes of a frame's body still to come
	inside bool                    // the next message frame goes on with a message
}

// allowed is how much of p may be written.
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

// Counter is a connection within the process, which knows messages.
type Counter interface {
	// Count has it count messages as they are written, where it stands between two
	// frames.
	Count()
	// Allow says that the reader's application has held messages in hand that came
	// before this connection, and that the peer may write most in all, 0 for any
	// number, before Taken is called.
	Allow(most, held int)
	// Taken says that the reader's application took n messages.
	Taken(n int)
}

// Count is of Counter.
func (c *memConn) Count() {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.credit.counting = true
}

// Allow is of Counter.
func (c *memConn) Allow(most, held int) {
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	c.in.credit.declared, c.in.credit.most = true, most
	c.in.credit.held += held
	c.in.allowMore()
}

// Taken is of Counter.
func (c *memConn) Taken(n int) {
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	credit := &c.in.credit
	// A writer that waits goes on once half is free, or each message taken would
	// wake it.
	if credit.held -= n; credit.spent && credit.held <= credit.most/2 {
		c.in.allowMore()
	}
}
