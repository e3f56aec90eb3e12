// Package flows puts the segments of TCP connections together: what each side sent, in
// its order, whatever was repeated, overtaken, cut or lost on its way into a capture.
// Its memory is bounded, whatever the segments are.
//
// Source: RFC 9293.
package flows

import (
	"net/netip"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/packets"
)

// Side is one of the two ends of a connection, of which it is the index.
type Side uint8

// Other returns the other side.
func (s Side) Other() Side { return 1 - s }

// Conn is a connection.
type Conn struct {
	Ends   [2]netip.AddrPort
	Client Side // who connected, as far as can be told
	Begun  bool // its beginning is in the capture
	State  any  // the sink's own
	Held   int  // bytes that the sink holds for it, which the sink keeps up to date

	closed bool      // it has ended
	last   time.Time // when its last segment was captured
	halves [2]half
	held   int // bytes, with the sink's, as they are counted in the table

	newer, older *Conn // in the order of their last segment
}

// Sink takes what the connections carry. The bytes that it is given are lent until it
// returns.
type Sink interface {
	// Data takes bytes that a side sent. They came in one segment, or are what is left
	// of one.
	Data(c *Conn, from Side, at time.Time, b []byte)
	// Lost says that the capture lacks the n bytes that come next.
	Lost(c *Conn, from Side, at time.Time, n int)
	// Close says that nothing more comes.
	Close(c *Conn)
}

// Limits bound what a Table holds.
type Limits struct {
	Conns int // connections; beyond, the one that was silent the longest is given up
	Bytes int // of all connections, with those of the sink; beyond, the same
	Ahead int // of one side, that wait for what is missing in front of them
}

// Table holds the connections that are open.
type Table struct {
	Dropped uint64 // connections that were given up for lack of room

	sink      Sink
	limits    Limits
	conns     map[ends]*Conn
	last      *Conn      // whose segment came last, for the next one probably is of the same
	held      int        // bytes
	open      int        // connections
	graves    [256]*Conn // connections that have ended last, in a ring
	buried    int        // where the next stands
	newest    *Conn
	oldest    *Conn
	listening map[netip.AddrPort]bool // endpoints that were connected to
}

// ends names a connection: the lower of its two ends comes first.
type ends [2]netip.AddrPort

// maxListening bounds the endpoints that are remembered.
const maxListening = 4096

// New makes a table that gives to sink.
func New(sink Sink, limits Limits) *Table {
	return &Table{sink: sink, limits: limits, conns: map[ends]*Conn{}, listening: map[netip.AddrPort]bool{}}
}

// Add takes the next segment.
func (t *Table) Add(s *packets.Segment) {
	key, from := ends{s.From, s.To}, Side(0)
	if s.To.Compare(s.From) < 0 {
		key, from = ends{s.To, s.From}, 1
	}
	c := t.last
	if c == nil || c.Ends != key {
		c = t.conns[key]
	}
	if c != nil && c.isAnother(s, from) {
		if c.closed {
			delete(t.conns, key)
		} else {
			t.end(c)
		}
		c = nil
	}
	if c == nil {
		if s.Flags.Has(packets.RST) || len(s.Payload) == 0 && !s.Flags.Has(packets.SYN) {
			return // nothing is known of it, nor will be
		}
		c = t.begin(key, s, from)
	}
	if c.closed {
		return // a straggler of a connection that has ended
	}
	t.touch(c)
	t.last, c.last = c, s.Time
	c.add(t.sink, s, from)
	if c.halves[0].over && c.halves[1].over {
		t.end(c)
		t.bury(c)
		return
	}
	t.count(c)
	for t.held > t.limits.Bytes || t.open > t.limits.Conns {
		t.giveUp()
	}
}

// Close ends all connections, the one that was silent the longest first.
func (t *Table) Close() {
	for t.oldest != nil {
		t.end(t.oldest)
	}
}

// Held returns the number of bytes that are held.
func (t *Table) Held() int { return t.held }

// begin begins a connection.
func (t *Table) begin(key ends, s *packets.Segment, from Side) *Conn {
	c := &Conn{Ends: key, Begun: s.Flags.Has(packets.SYN)}
	c.halves[0].ahead, c.halves[1].ahead = t.limits.Ahead, t.limits.Ahead
	switch {
	case c.Begun && s.Flags.Has(packets.ACK):
		c.Client = from.Other()
	case c.Begun, t.listening[s.To]:
		c.Client = from
	case t.listening[s.From], s.From.Port() < s.To.Port():
		// Systems give clients ports from the upper end.
		c.Client = from.Other()
	default:
		c.Client = from
	}
	if c.Begun && len(t.listening) < maxListening {
		t.listening[c.Ends[c.Client.Other()]] = true
	}
	t.conns[key] = c
	t.open++
	return c
}

// bury remembers a connection that has ended, for what is still on its way.
func (t *Table) bury(c *Conn) {
	c.closed, c.State = true, nil
	t.conns[c.Ends] = c
	if old := t.graves[t.buried]; old != nil && t.conns[old.Ends] == old {
		delete(t.conns, old.Ends)
	}
	t.graves[t.buried] = c
	t.buried = (t.buried + 1) % len(t.graves)
}

// end closes a connection and forgets it.
func (t *Table) end(c *Conn) {
	for side := range c.halves {
		c.halves[side].flush(t.sink, c, Side(side), c.last)
	}
	t.sink.Close(c)
	t.held -= c.held
	t.open--
	delete(t.conns, c.Ends)
	t.unlink(c)
	if t.last == c {
		t.last = nil
	}
}

// giveUp ends the connection that was silent the longest, of those that hold something
// where that is what there is too much of.
func (t *Table) giveUp() {
	c := t.oldest
	for t.open <= t.limits.Conns && c.newer != nil && c.held == 0 {
		c = c.newer
	}
	t.Dropped++
	t.end(c)
}

// count notes what a connection holds.
func (t *Table) count(c *Conn) {
	held := c.Held + c.halves[0].held + c.halves[1].held
	t.held += held - c.held
	c.held = held
}

// touch makes a connection the newest.
func (t *Table) touch(c *Conn) {
	if t.newest == c {
		return
	}
	t.unlink(c)
	c.older = t.newest
	if t.newest != nil {
		t.newest.newer = c
	}
	t.newest = c
	if t.oldest == nil {
		t.oldest = c
	}
}

func (t *Table) unlink(c *Conn) {
	if c.older != nil {
		c.older.newer = c.newer
	} else if t.oldest == c {
		t.oldest = c.newer
	}
	if c.newer != nil {
		c.newer.older = c.older
	} else if t.newest == c {
		t.newest = c.older
	}
	c.newer, c.older = nil, nil
}
