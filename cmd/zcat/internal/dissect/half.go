package dissect

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/flows"
)

// half is what one side sends.
type half struct {
	*conn
	side  flows.Side
	begun bool // its first byte was, or would be, in the capture
	phase phase
	last  time.Time // when something came last

	// The greeting, or the message that is not complete: its frames, and where the next
	// one begins in buf.
	buf   []byte
	spans []span
	at    int

	skip   int  // bytes of a frame that are left out
	more   bool // that frame was not the last of its message
	broken bool // the message is not shown, but left out to its end

	opening  bool // nothing came behind the greeting
	old      bool // of ZMTP 2.0
	identity bool // the next frame is the identity of ZMTP 2.0

	search search
	web    *web // where it speaks WebSocket: its frames are translated to those that are read here
}

// phase is what a side is at.
type phase uint8

const (
	starting phase = iota // nothing came yet
	greeting
	upgrading // to WebSocket
	framing
	searching
)

// span is where a frame's body stands.
type span struct{ from, to int }

// spanCost is the memory of a span, in bytes.
const spanCost = 16

// maxCommand is the largest command that is read where messages are to be smaller.
const maxCommand = 64 << 10

// keepBuffer is the largest buffer that is kept.
const keepBuffer = 64 << 10

func (h *half) held() int {
	n := cap(h.buf) + len(h.spans)*spanCost + h.search.held()
	if h.web != nil {
		n += cap(h.web.whole)
	}
	return n
}

// data takes what comes next; fresh is set where a segment begins with it.
func (h *half) data(b []byte, at time.Time, fresh bool) {
	h.last = at
	switch {
	case fresh && h.resumes(b):
	case h.phase == starting:
		h.start(b)
	}
	had := len(b)
	switch h.phase {
	case greeting:
		b = h.greet(b, at)
	case upgrading:
		b = h.upgrade(b, at)
	case starting, framing, searching:
	}
	fresh = fresh && len(b) == had
	switch {
	case h.foreign || len(b) == 0:
	case h.phase == framing && h.web != nil:
		h.frame(b, at, fresh)
	case h.phase == framing:
		h.frames(b, at)
	case h.phase == searching:
		h.find(b, at, fresh)
	}
}

// start finds out what the first bytes are.
func (h *half) start(b []byte) {
	switch {
	case h.begun && b[0] == signatureFirst, len(b) >= signatureSize && isSignature(b):
		h.phase = greeting
	case h.begun && isHTTP(b):
		h.phase = upgrading
	case h.begun:
		h.ignore()
	default:
		h.phase = searching
	}
}

// The greeting of RFC 37: a signature of ten bytes, the version, the mechanism, whether
// it is the server, and zeros. RFC 15 has the type of the socket behind the revision,
// and then the identity as a frame.
const (
	greetingSize, signatureSize   = 64, 10
	signatureFirst, signatureLast = 0xff, 0x7f
	majorAt, minorAt, oldTypeAt   = 10, 11, 11
	mechanismAt, asServerAt       = 12, 32
	oldSize                       = 12
	zmtp3                         = 3
)

func isSignature(b []byte) bool {
	return b[0] == signatureFirst && b[signatureSize-1]&1 == 1
}

// greet takes bytes of the greeting and returns those behind it.
func (h *half) greet(b []byte, at time.Time) []byte {
	n := min(greetingSize-len(h.buf), len(b))
	had := len(h.buf)
	h.buf = append(h.buf, b[:n]...)
	if len(h.buf) >= signatureSize && !isSignature(h.buf) {
		h.ignore() // or ZMTP 1.0, which is not read
		return nil
	}
	if len(h.buf) <= mechanismAt {
		return b[n:]
	}
	// The older form is told by the version, or by what stands in the place of the
	// mechanism: a newer peer that has met an older one says its own version.
	if h.buf[majorAt] < zmtp3 || h.buf[mechanismAt] == 0 {
		return h.greetOld(b[max(oldSize-had, 0):], at)
	}
	if len(h.buf) < greetingSize {
		return b[n:]
	}
	mechanism, ok := mechanismOf(h.buf[mechanismAt:asServerAt])
	if !ok {
		h.ignore()
		return nil
	}
	h.mechanism, h.zmtp = mechanism, true
	e := &h.event
	e.Kind, e.Name, e.Metadata = Command, "greeting", nil
	e.Fields = append(e.Fields[:0],
		Field{Name: "zmtp", Value: version(h.buf[majorAt], h.buf[minorAt])},
		Field{Name: "mechanism", Value: []byte(h.mechanism)},
		Field{Name: "as_server", Value: truth(h.buf[asServerAt]&1 == 1), Number: true})
	h.enter()
	h.tell(h.side, at)
	return b[n:]
}

// mechanismOf reads the name of a mechanism, behind which zeros stand.
func mechanismOf(field []byte) (name string, ok bool) {
	text := strings.TrimRight(string(field), "\x00")
	for _, c := range text {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.+", c) {
			return "", false
		}
	}
	return text, text != ""
}

// greetOld reads the greeting of ZMTP 2.0 and returns rest, which is behind it.
func (h *half) greetOld(rest []byte, at time.Time) []byte {
	h.old, h.identity, h.zmtp, h.mechanism = true, true, true, "NULL"
	party := &h.parties[h.side]
	party.Type = oldType(h.buf[oldTypeAt])
	e := &h.event
	e.Kind, e.Name, e.Metadata = Command, "greeting", nil
	e.Fields = append(e.Fields[:0],
		Field{Name: "zmtp", Value: oldVersion(h.buf[majorAt])},
		Field{Name: "socket_type", Value: []byte(party.Type)})
	h.enter()
	h.tell(h.side, at)
	return rest
}

// enter begins with the frames.
func (h *half) enter() {
	h.phase, h.opening = framing, true
	h.release()
}

// release forgets the message that is not complete.
func (h *half) release() {
	h.spans, h.at = h.spans[:0], 0
	if h.buf = h.buf[:0]; cap(h.buf) > keepBuffer {
		h.buf = nil
	}
	if cap(h.spans)*spanCost > keepBuffer {
		h.spans = nil
	}
}

// The flags of a frame.
const (
	flagMore, flagLong, flagCommand = 1, 2, 4
	shortHead, longHead             = 2, 9
)

// header is that of a frame.
type header struct {
	flags byte
	size  int // of itself
	body  int // bytes behind it
}

// readHeader reads a header. It is bad where no peer sends it, and else incomplete
// where its size is 0.
func readHeader(b []byte) (h header, bad bool) {
	if b[0]&^(flagMore|flagLong|flagCommand) != 0 || b[0]&(flagMore|flagCommand) == flagMore|flagCommand {
		return h, true
	}
	h.flags = b[0]
	if h.flags&flagLong == 0 {
		if len(b) >= shortHead {
			h.size, h.body = shortHead, int(b[1])
		}
		return h, false
	}
	if len(b) < longHead {
		return h, false
	}
	const most = 1 << 62
	size := binary.BigEndian.Uint64(b[1:])
	if size > most {
		return h, true
	}
	h.size, h.body = longHead, int(min(size, uint64(maxInt-1<<20)))
	return h, false
}

// maxInt is the largest int.
const maxInt = int(^uint(0) >> 1)

// frames takes bytes of frames.
func (h *half) frames(b []byte, at time.Time) {
	if h.skip > 0 {
		n := min(h.skip, len(b))
		h.skipped(n)
		b = b[n:]
	}
	kept := len(h.buf) > 0
	if kept {
		h.buf = append(h.buf, b...)
		b = h.buf
	}
	start, inStep := h.parse(b, at)
	switch {
	case !inStep:
		bad := h.at
		h.buf = nil // which b may be
		h.lose(bad-start, at)
		h.find(b[bad:], at, false)
	case start == len(b):
		h.release()
	case start > 0 || !kept:
		h.buf = append(h.buf[:0], b[start:]...)
		h.shift(start)
	}
}

// shift moves what is known of the message as its bytes have been moved.
func (h *half) shift(by int) {
	h.at -= by
	for i := range h.spans {
		h.spans[i].from -= by
		h.spans[i].to -= by
	}
}

// parse finds the frames in b, from h.at on. It returns where the message begins that is
// not complete; in step is false where what stands at h.at makes no sense as a frame.
func (h *half) parse(b []byte, at time.Time) (start int, inStep bool) {
	for h.at < len(b) {
		f, bad := readHeader(b[h.at:])
		if bad {
			return start, false
		}
		if f.size == 0 {
			break
		}
		body := h.at + f.size
		end := body + f.body
		most := h.most
		if f.flags&flagCommand != 0 {
			most = max(most, maxCommand) // which is no part of a message
		}
		if f.body > most || end-start > h.most+h.most/8+keepBuffer || len(h.spans) == maxFrames {
			h.oversized(h.at-start, f, at)
			h.at, h.spans = 0, h.spans[:0]
			if have := len(b) - body; f.body > have {
				h.skipped(have)
				return len(b), true
			}
			h.skipped(f.body)
			h.at, start = end, end
			continue
		}
		if end > len(b) {
			break
		}
		h.at = end
		switch {
		case f.flags&flagCommand != 0:
			h.command(b[body:end], at)
		case h.broken:
			h.broken = f.flags&flagMore != 0
		default:
			h.spans = append(h.spans, span{body, end})
			if f.flags&flagMore == 0 {
				h.message(b, at)
				h.spans = h.spans[:0]
			}
		}
		if len(h.spans) == 0 {
			start = end
		}
	}
	return start, true
}

// oversized leaves out a message that is too large, of which there were so many bytes in
// front of a frame.
func (h *half) oversized(before int, f header, at time.Time) {
	if !h.broken {
		h.lost(before+f.size+f.body, "the message is too large", at)
	}
	h.broken, h.skip, h.more = true, f.body, f.flags&flagMore != 0
	if h.skip == 0 {
		h.broken = h.more
	}
}

// skipped notes that n bytes of a frame that is left out are over.
func (h *half) skipped(n int) {
	if h.skip == 0 {
		return
	}
	if h.skip -= n; h.skip == 0 {
		h.broken = h.more
	}
}

// gap notes that n bytes are missing.
func (h *half) gap(n int, at time.Time) {
	switch {
	case h.phase == upgrading:
		h.ignore()
	case h.passes(n):
		h.lost(n, notCaptured, at)
	case h.phase != framing:
		h.lose(n, at)
	case h.web != nil:
		h.webGap(n, at)
	default:
		h.gapWithin(n, at)
	}
}

// passes reports whether a gap is within the greeting, of a connection whose other side
// has greeted: then it is known where the frames begin, and what the mechanism is.
func (h *half) passes(n int) bool {
	rest := greetingSize - len(h.buf) - n
	other := &h.halves[h.side.Other()]
	if !h.begun || h.phase != starting && h.phase != greeting || rest < 0 || h.mechanism == "" || other.old || other.web != nil {
		return false
	}
	h.enter()
	h.opening = false
	h.skip, h.more, h.broken = rest, false, rest > 0
	return true
}

// gapWithin is gap between or within frames.
func (h *half) gapWithin(n int, at time.Time) {
	if h.skip == 0 && h.at < len(h.buf) {
		if f, bad := readHeader(h.buf[h.at:]); !bad && f.size > 0 {
			// A frame that is not complete: the rest of it is left out.
			h.skip = h.at + f.size + f.body - len(h.buf)
			if f.flags&flagCommand != 0 {
				h.more = h.broken || len(h.spans) > 0
			} else {
				h.more = f.flags&flagMore != 0
			}
			if n <= h.skip {
				h.release()
				h.broken = true
			}
		}
	}
	if h.skip == 0 || n > h.skip {
		h.lose(n, at)
		return
	}
	h.lost(n, notCaptured, at)
	h.skipped(n)
}

// The reasons for bytes that the capture lacks.
const (
	notCaptured = "not captured"
	beganBefore = "it began before the capture"
	endedWithin = "the capture or the connection ended within a message"
)

// lost tells of bytes that are lost.
func (h *half) lost(n int, reason string, at time.Time) {
	e := &h.event
	e.Kind, e.Bytes, e.Reason = Lost, n, reason
	h.tell(h.side, at)
}

// message tells of the message whose frames are h.spans in b.
func (h *half) message(b []byte, at time.Time) {
	e := &h.event
	h.list = h.list[:0]
	size := 0
	for _, s := range h.spans {
		h.list = append(h.list, b[s.from:s.to:s.to])
		size += s.to - s.from
	}
	first := h.list[0]
	opening := h.opening
	h.opening = false
	// Over WebSocket, peers without a mechanism begin with their routing ids.
	if h.identity || opening && h.web != nil && h.mechanism == "NULL" {
		h.identity = false
		h.parties[h.side].Identity = bytes.Clone(first)
		return
	}
	switch {
	case opening && h.mechanism == "PLAIN":
		// A HELLO without the flag of a command, with a password in it.
		e.Kind, e.Name, e.Metadata = Command, "malformed", nil
		e.Fields = append(e.Fields[:0], number("bytes", size))
	case h.seals(first):
		e.Kind, e.Bytes = Sealed, size
	case len(h.list) == 1 && len(first) > 0 && first[0] <= 1 && h.subscribes():
		e.Kind, e.Metadata = Command, nil
		e.Name = [...]string{"CANCEL", "SUBSCRIBE"}[first[0]]
		e.Fields = append(e.Fields[:0], Field{Name: "prefix", Value: first[1:]})
	default:
		e.Kind, e.Frames = Message, h.list
	}
	h.tell(h.side, at)
	clear(h.list)
}

// sealedName is what a message of CURVE begins with.
const sealedName = "\x07MESSAGE"

// sealedLeast is the least size of a message of CURVE.
const sealedLeast = 33

// seals reports whether frames that begin with first are sealed.
func (h *half) seals(first []byte) bool {
	switch h.mechanism {
	case "NULL", "PLAIN":
		return false
	case "":
		if !isSealed(first) {
			return false
		}
		h.mechanism = "CURVE"
	}
	return true
}

func isSealed(body []byte) bool {
	return len(body) >= sealedLeast && string(body[:len(sealedName)]) == sealedName
}

// subscribes reports whether what begins with a 1 or a 0 is a subscription, as ZMTP 2.0
// and 3.0 have them, and XSUB sends them at any time.
func (h *half) subscribes() bool {
	own, other := h.parties[h.side].Type, h.parties[h.side.Other()].Type
	return own == "SUB" || own == "XSUB" || own == "" && (other == "PUB" || other == "XPUB")
}

// close tells of what is left at the end.
func (h *half) close() {
	switch {
	case h.phase == searching:
		h.giveUp()
	case h.web != nil:
		h.closeWeb()
	case h.phase == framing && h.zmtp && h.skip == 0 && len(h.buf) > 0:
		h.lost(len(h.buf), endedWithin, h.last)
	}
}
