package flows

import (
	"slices"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/packets"
)

// half is what one side of a connection sends.
type half struct {
	known bool   // next is
	over  bool   // it sends nothing more
	spoke bool   // a segment came
	next  uint32 // the number of the byte that comes next
	start uint32 // the number of its SYN, where that is in the capture
	begun bool   // it is

	acked   uint32 // the other side has everything in front of it
	acks    bool   // acked is known
	waiting []piece
	held    int  // bytes of memory of those,
	ahead   int  // of which there may be so many
	ends    bool // FIN or RST came, and stands at:
	endAt   uint32
}

// piece is a part of what a side sends that waits for what is in front of it.
type piece struct {
	seq  uint32
	data []byte
	cut  int // bytes behind data that the capture lacks
	at   time.Time
}

const (
	// pieceCost is the memory of a piece beside its bytes.
	pieceCost = 200
	// patience is how long what is missing may take to come, where no segments of the
	// other side tell what it has got.
	patience = 2 * time.Second
	// farBehind and farAhead are distances, in bytes, at which a segment is not of the
	// same connection any more: windows are smaller.
	farBehind = 1 << 26
	farAhead  = 1 << 30
)

// distance returns how far b is ahead of a in the numbers of TCP, which go round;
// where b is earlier it is negative. Of two that are half the way round apart each is
// behind the other.
func distance(a, b uint32) int { return int(int32(b - a)) }

// isAnother reports whether a segment begins another connection between the same ends.
func (c *Conn) isAnother(s *packets.Segment, from Side) bool {
	h := &c.halves[from]
	if s.Flags.Has(packets.SYN) {
		switch {
		case h.begun:
			return h.start != s.Seq
		case s.Flags.Has(packets.ACK) && c.Begun:
			return false // the answer to the SYN of the other side
		}
		// A SYN that repeats one from before the capture is followed by the bytes that
		// came already.
		return h.spoke
	}
	if !h.known || len(s.Payload)+s.Cut == 0 {
		return false
	}
	d := distance(h.next, s.Seq)
	return d < -farBehind || d > farAhead
}

// add takes a segment that a side sent.
func (c *Conn) add(sink Sink, s *packets.Segment, from Side) {
	h, other := &c.halves[from], &c.halves[from.Other()]
	h.spoke = true
	seq := s.Seq
	if s.Flags.Has(packets.SYN) {
		if !h.begun {
			h.begun, h.start, h.next, h.known = true, seq, seq+1, true
		}
		seq++
	}
	if s.Flags.Has(packets.ACK) {
		if !other.acks || distance(other.acked, s.Ack) > 0 {
			other.acks, other.acked = true, s.Ack
		}
		other.deliver(sink, c, from.Other(), s.Time)
	}
	size := len(s.Payload) + s.Cut
	if !h.known && (size > 0 || s.Flags.Has(packets.FIN)) { // the number of a probe may be one too low
		h.known, h.next = true, seq
	}
	if s.Flags.Has(packets.RST) {
		// Nothing more comes from either side.
		for side := range c.halves {
			c.halves[side].flush(sink, c, Side(side), s.Time)
			c.halves[side].over = true
		}
		return
	}
	if s.Flags.Has(packets.FIN) && !h.ends {
		h.ends, h.endAt = true, seq+uint32(size)
	}
	if size > 0 && !h.over {
		h.take(sink, c, from, piece{seq, s.Payload, s.Cut, s.Time})
	}
	if h.ends && distance(h.next, h.endAt) <= 0 {
		h.over = true
	}
}

// take takes a piece, whose bytes are lent.
func (h *half) take(sink Sink, c *Conn, from Side, p piece) {
	if distance(h.next, p.seq) <= 0 {
		h.give(sink, c, from, &p)
		h.deliver(sink, c, from, p.at)
		return
	}
	h.keep(p)
	h.deliver(sink, c, from, p.at)
}

// give gives what is new of a piece, in front of which nothing is missing.
func (h *half) give(sink Sink, c *Conn, from Side, p *piece) {
	old := distance(p.seq, h.next)
	if old < 0 || old >= len(p.data)+p.cut {
		return // it came before, or is half the way round behind
	}
	cut := p.cut
	if old < len(p.data) {
		h.next += uint32(len(p.data) - old)
		sink.Data(c, from, p.at, p.data[old:])
	} else {
		cut -= old - len(p.data)
	}
	if cut > 0 {
		h.next += uint32(cut)
		sink.Lost(c, from, p.at, cut)
	}
}

// keep copies a piece in front of which something is missing.
func (h *half) keep(p piece) {
	i, found := slices.BinarySearchFunc(h.waiting, p.seq, func(w piece, seq uint32) int { return distance(seq, w.seq) })
	if found && len(h.waiting[i].data) >= len(p.data) {
		return
	}
	p.data = slices.Clone(p.data)
	h.held += len(p.data) + pieceCost
	h.waiting = slices.Insert(h.waiting, i, p)
}

// deliver gives what waits, as far as nothing is missing in front of it, or what is
// missing will not come.
func (h *half) deliver(sink Sink, c *Conn, from Side, now time.Time) {
	for len(h.waiting) > 0 {
		first := &h.waiting[0]
		missing := distance(h.next, first.seq)
		if missing > 0 {
			gone := h.acks && distance(first.seq, h.acked) >= 0 ||
				!c.halves[from.Other()].spoke && now.Sub(first.at) > patience ||
				h.held > h.ahead
			if !gone {
				return
			}
			h.next = first.seq
			sink.Lost(c, from, first.at, missing)
		}
		h.giveFirst(sink, c, from)
	}
	h.waiting = nil
}

// giveFirst gives the first of what waits.
func (h *half) giveFirst(sink Sink, c *Conn, from Side) {
	p := h.waiting[0]
	h.held -= len(p.data) + pieceCost
	h.waiting[0] = piece{}
	h.waiting = h.waiting[1:]
	h.give(sink, c, from, &p)
}

// flush gives all that waits, at a time at which nothing more comes. What a FIN or the
// other side says was sent behind it is missing.
func (h *half) flush(sink Sink, c *Conn, from Side, now time.Time) {
	for len(h.waiting) > 0 {
		if missing := distance(h.next, h.waiting[0].seq); missing > 0 {
			h.next = h.waiting[0].seq
			sink.Lost(c, from, h.waiting[0].at, missing)
		}
		h.giveFirst(sink, c, from)
	}
	h.waiting = nil
	end := h.next
	switch {
	case !h.known:
	case h.ends:
		end = h.endAt
	case h.acks:
		end = h.acked
	}
	if missing := distance(h.next, end); missing > 0 && missing < farBehind {
		h.next = end
		sink.Lost(c, from, now, missing)
	}
}
