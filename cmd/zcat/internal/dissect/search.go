package dissect

import (
	"time"
)

// search looks for a place at which frames begin, after bytes were lost or where the
// connection is older than the capture. Each place that could be a header is a
// candidate; it is followed from header to header until it leads to something that is
// none, or has made sense often enough.
type search struct {
	buf   []byte
	base  uint64 // the place of buf[0], counted from where the search began
	scan  uint64 // the next place to look at
	list  []candidate
	next  uint64 // the first place that a candidate leads to
	marks []mark
	lost  int       // bytes in front of base
	first time.Time // when the first of what was lost was
	any   bool      // something was lost or is in buf
	// missed is set where the capture lacks bytes that it should have.
	missed bool
}

// candidate is a place that may be where a frame begins.
type candidate struct {
	start, next uint64 // where it began, and the place of its next header
	points      int    // for what made sense
	frames      int
	more        bool // the last frame was not the last of its message
	strong      bool // a command was among them
	segment     bool // it began with a segment
}

// mark is where bytes that came at a time begin, and whether a segment does.
type mark struct {
	place   uint64
	time    time.Time
	segment bool
}

const (
	// window is the number of bytes that are kept while nothing is found.
	window = 64 << 10
	// maxCandidates bounds the candidates that are followed at a time.
	maxCandidates = 64
	// enough points confirm a candidate; at the end so many do that end where the
	// bytes do.
	enough, enoughAtEnd = 4, 3
	// A frame that ends where a segment does, and a command that has a name.
	pointsEnd, pointsCommand = 2, 3
	// An empty message of one frame: two zeros. Lengths of 32 bits begin like that, and
	// so do many other things.
	pointsEmpty = -3
	markCost    = 40
)

func (s *search) held() int { return cap(s.buf) + len(s.marks)*markCost }

// lose begins the search, or begins it again, after n bytes that are missing.
func (h *half) lose(n int, at time.Time) {
	s := &h.search
	h.opening = false
	if h.phase != searching {
		left := 0
		if h.phase == greeting || h.phase == framing && h.skip == 0 {
			left = len(h.buf)
		}
		h.phase = searching
		*s = search{lost: left, any: left > 0, missed: true, first: h.last}
		h.release()
		h.skip, h.broken = 0, false
	}
	if !s.any {
		s.first = at
	}
	s.lost += len(s.buf) + n
	s.any, s.missed = s.lost > 0, s.missed || n > 0
	s.base += uint64(len(s.buf) + n)
	s.buf, s.scan, s.next = nil, s.base, 0
	s.list, s.marks = s.list[:0], s.marks[:0]
}

// find looks for frames in what comes next, which begins with a segment where fresh is
// set. It takes a little at a time: what makes sense for a while only would be copied
// again and again.
func (h *half) find(b []byte, at time.Time, fresh bool) {
	const little = 4 << 10
	for len(b) > 0 {
		if h.phase != searching {
			h.data(b, at, false)
			return
		}
		n := min(len(b), little)
		h.findIn(b[:n], at, fresh, n == len(b))
		b, fresh = b[n:], false
	}
}

// findIn is find for a part of a segment, or its last.
func (h *half) findIn(b []byte, at time.Time, fresh, last bool) {
	s := &h.search
	if !s.any {
		s.first, s.any = at, true
	}
	s.marks = append(s.marks, mark{s.base + uint64(len(s.buf)), at, fresh})
	s.buf = append(s.buf, b...)
	if h.scanOn() {
		return
	}
	end := s.base + uint64(len(s.buf))
	for i := range s.list {
		if c := &s.list[i]; last && c.next == end {
			if c.points += pointsEnd; c.confirmed() {
				h.sync(*c, end)
				return
			}
		}
	}
	s.trim()
}

// confirmed reports whether a candidate has made sense often enough.
func (c *candidate) confirmed() bool { return c.points >= enough && (c.frames > 1 || c.strong) }

// scanOn looks at the places up to the end, and reports whether it has found where
// frames begin.
func (h *half) scanOn() bool {
	s := &h.search
	for end := s.base + uint64(len(s.buf)); s.scan < end; s.scan++ {
		rest := s.buf[s.scan-s.base:]
		due := len(s.list) > 0 && s.scan >= s.next
		if !due && rest[0]&^(flagMore|flagLong|flagCommand) != 0 {
			continue
		}
		j := judge(rest, h.most)
		if j.sense == tooShort {
			return false
		}
		if h.zmtp {
			j.empty = false // what is known to be ZMTP may well have empty messages
		}
		if due && s.follow(j) {
			h.sync(s.list[0], s.scan)
			return true
		}
		if j.sense == makesSense && len(s.list) < maxCandidates {
			s.add(j)
		}
	}
	return false
}

// sense says whether bytes are those of a frame.
type sense uint8

const (
	makesNone sense = iota
	makesSense
	tooShort // to say
)

// judgement is what bytes look like as a frame.
type judgement struct {
	sense
	size   int // of the frame
	points int // that it is worth
	more   bool
	empty  bool // it is empty, and the last of its message
}

// judge says whether b begins with a frame as peers send them.
func judge(b []byte, most int) judgement {
	f, bad := readHeader(b)
	switch {
	case bad:
		return judgement{}
	case f.size == 0:
		return judgement{sense: tooShort}
	case f.size == longHead && (f.body <= 255 || f.body > most):
		return judgement{}
	}
	body := b[f.size:]
	j := judgement{sense: makesSense, size: f.size + f.body, points: 1, more: f.flags&flagMore != 0}
	switch {
	case f.flags&flagCommand != 0:
		j.sense, j.points = named(body, f.body), pointsCommand
	case len(body) >= len(sealedName) && isSealed(body[:min(len(body), f.body)]):
		j.points = pointsCommand
	case f.body == 0 && !j.more:
		j.points, j.empty = 0, true
	}
	return j
}

// named says whether a body of size bytes, as far as it is there, begins with the name
// of a command.
func named(body []byte, size int) sense {
	const longest = 16
	if size == 0 {
		return makesNone
	}
	if len(body) == 0 {
		return tooShort
	}
	n := int(body[0])
	if n == 0 || n > longest || n >= size {
		return makesNone
	}
	for _, c := range body[1:min(1+n, len(body))] {
		if c < 'A' || c > 'Z' {
			return makesNone
		}
	}
	if len(body) < 1+n {
		return tooShort
	}
	return makesSense
}

// follow follows the candidates that lead to the place that is looked at. It reports
// whether one is confirmed, which is then the first.
func (s *search) follow(j judgement) bool {
	kept, found := s.list[:0], -1
	s.next = ^uint64(0)
	for _, c := range s.list {
		if c.next == s.scan {
			if j.sense != makesSense {
				continue
			}
			if j.empty && !c.more {
				c.points += pointsEmpty
			}
			c.next += uint64(j.size)
			c.points += j.points
			c.frames++
			c.more, c.strong = j.more, c.strong || j.points == pointsCommand
		}
		if found < 0 && c.confirmed() {
			found = len(kept)
		}
		kept = append(kept, c)
		s.next = min(s.next, c.next)
	}
	s.list = kept
	if found > 0 {
		s.list[0] = s.list[found]
	}
	return found >= 0
}

// add makes the place that is looked at a candidate, unless one leads through it.
func (s *search) add(j judgement) {
	c := candidate{
		start: s.scan, next: s.scan + uint64(j.size), points: j.points, frames: 1,
		more: j.more, strong: j.points == pointsCommand, segment: s.atMark(),
	}
	if c.points == 0 {
		return // two zeros: an empty message, or the end of anything
	}
	for i := range s.list {
		if other := &s.list[i]; other.next == c.next {
			// From here on both are the same. That at the beginning of a segment is right.
			if c.segment && !other.segment && c.points >= other.points {
				*other = c
			}
			return
		}
	}
	if len(s.list) == 0 {
		s.next = c.next
	}
	s.list, s.next = append(s.list, c), min(s.next, c.next)
}

// atMark reports whether a segment begins at the place that is looked at.
func (s *search) atMark() bool {
	for i := len(s.marks) - 1; i >= 0; i-- {
		if s.marks[i].place <= s.scan {
			return s.marks[i].place == s.scan && s.marks[i].segment
		}
	}
	return false
}

// trim forgets what is too long ago.
func (s *search) trim() {
	surplus := len(s.buf) - window
	if surplus < window {
		return
	}
	s.base += uint64(surplus)
	s.lost += surplus
	s.buf = s.buf[:copy(s.buf, s.buf[surplus:])]
	s.scan = max(s.scan, s.base)
	for len(s.marks) > 1 && s.marks[1].place <= s.base {
		s.marks = s.marks[1:]
	}
}

// sync goes on with the frames from where a candidate began, or at a later header of
// it where that is forgotten.
func (h *half) sync(c candidate, header uint64) {
	s := h.search
	place := c.start
	if place < s.base {
		place = header
	}
	h.search = search{}
	h.zmtp, h.phase = true, framing
	h.release()
	// In the middle of a segment it may be in the middle of a message.
	h.skip, h.broken = 0, !c.segment || place != c.start
	if n := s.lost + int(place-s.base); n > 0 {
		h.lost(n, s.reason(h.begun), s.first)
	}
	for i, m := range s.marks {
		from, to := max(m.place, place), s.base+uint64(len(s.buf))
		if i+1 < len(s.marks) {
			to = s.marks[i+1].place
		}
		if from < to {
			h.data(s.buf[from-s.base:to-s.base], m.time, m.segment && from == m.place)
		}
	}
}

// settle finds out at the end whether what is left makes sense.
func (h *half) settle() {
	if h.phase != searching {
		return
	}
	s := &h.search
	end := s.base + uint64(len(s.buf))
	for _, c := range s.list {
		if c.next == end && (c.points >= enoughAtEnd || h.zmtp && c.segment && c.points > pointsEnd) {
			h.sync(c, end)
			return
		}
	}
}

// giveUp tells of what was never found again.
func (h *half) giveUp() {
	if s := &h.search; h.zmtp && s.any {
		h.lost(s.lost+len(s.buf), s.reason(h.begun), s.first)
	}
}

// reason returns why bytes were lost: they, or what came before them, are not there.
func (s *search) reason(begun bool) string {
	if begun || s.missed {
		return notCaptured
	}
	return beganBefore
}
