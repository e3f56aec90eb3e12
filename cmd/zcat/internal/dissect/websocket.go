package dissect

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"
)

// ZeroMQ over WebSocket (RFC 45): an HTTP request and its answer, which agree on a
// subprotocol, and then a binary message for each frame: an octet of flags and the body.
// What a client sends is masked (RFC 6455). Frames are translated to those of ZMTP, whose
// way they go from there on.

// web is what is known of a side's WebSocket.
type web struct {
	head   []byte // of the frame that is under way, as far as it is there; of a control frame, all
	left   int    // bytes of its payload that come next
	key    [4]byte
	at     int    // of its payload that came: tells the octet of the key
	flags  bool   // the octet of flags comes next
	gather bool   // the message comes in fragments
	last   bool   // of which this is the last one
	whole  []byte // what came of them
	astray bool   // where the next frame begins is not known
	lost   int    // bytes that were lost so far
	since  time.Time
}

const (
	subprotocol  = "ZWS2.0" // behind a slash stands the mechanism, or nothing where there is none
	maxHTTP      = 16 << 10 // bytes of a request, or of an answer
	requestFirst = "GET "
	answerFirst  = "HTTP/1."

	wsFinal, wsReserved, wsMasked     = 0x80, 0x70, 0x80
	wsContinue, wsBinary              = 0, 2
	wsClose, wsPing, wsPong           = 8, 9, 10
	wsSize16, wsSize64, wsMostControl = 126, 127, 125
	wsMore, wsCommand                 = 1, 2
)

// isHTTP reports whether what a side begins with may be a request or an answer.
func isHTTP(b []byte) bool {
	for _, first := range []string{requestFirst, answerFirst} {
		if n := min(len(b), len(first)); string(b[:n]) == first[:n] {
			return true
		}
	}
	return false
}

// upgrade takes bytes of the request, or of the answer, and returns those behind it.
func (h *half) upgrade(b []byte, at time.Time) []byte {
	const end = "\r\n\r\n"
	had := len(h.buf)
	h.buf = append(h.buf, b[:min(len(b), maxHTTP-had)]...)
	from := max(0, had-len(end))
	i := bytes.Index(h.buf[from:], []byte(end))
	switch {
	case !isHTTP(h.buf), i < 0 && len(h.buf) == maxHTTP:
		h.ignore()
		return nil
	case i < 0:
		return nil
	}
	size := from + i + len(end)
	first, fields := readHTTP(string(h.buf[:size]))
	rest := b[size-had:]
	words := strings.Fields(first)
	protocols := fields["sec-websocket-protocol"]
	if !strings.EqualFold(fields["upgrade"], "websocket") || !strings.Contains(protocols, subprotocol) || len(words) < 2 {
		h.refuse()
		return nil
	}
	e := &h.event
	e.Kind, e.Name, e.Metadata = Command, "greeting", nil
	switch {
	case words[0] == strings.TrimSpace(requestFirst):
		e.Fields = append(e.Fields[:0], Field{Name: "path", Value: []byte(words[1])}, Field{Name: "protocols", Value: []byte(protocols)})
	case words[1] != "101":
		h.refuse()
		return nil
	default:
		_, h.mechanism, _ = strings.Cut(protocols, "/")
		if _, ok := mechanismOf([]byte(h.mechanism)); !ok {
			h.mechanism = "NULL"
		}
		e.Fields = append(e.Fields[:0], Field{Name: "protocol", Value: []byte(protocols)}, Field{Name: "mechanism", Value: []byte(h.mechanism)})
	}
	h.becomeWeb()
	h.enter()
	h.tell(h.side, at)
	return rest
}

// refuse gives up a connection that does not become a WebSocket of ZeroMQ.
func (h *half) refuse() {
	h.zmtp = false
	h.ignore()
}

// readHTTP reads the first line and the fields behind it, whose names are in lower case.
func readHTTP(text string) (first string, fields map[string]string) {
	first, rest, _ := strings.Cut(text, "\r\n")
	fields = map[string]string{}
	for line := range strings.SplitSeq(rest, "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			name = strings.ToLower(name)
			if fields[name] != "" {
				value = fields[name] + "," + value
			}
			fields[name] = strings.TrimSpace(value)
		}
	}
	return first, fields
}

// wsHead is the head of a WebSocket frame.
type wsHead struct {
	op     byte
	final  bool
	masked bool
	size   int // of itself
	body   int
	key    [4]byte
}

// readWS reads a head. It is bad where no peer sends it, and else incomplete where its
// size is 0.
func readWS(b []byte) (f wsHead, bad bool) {
	if len(b) < 2 {
		return f, len(b) > 0 && b[0]&wsReserved != 0
	}
	f.op, f.final, f.masked = b[0]&0xf, b[0]&wsFinal != 0, b[1]&wsMasked != 0
	short := int(b[1] &^ wsMasked)
	switch {
	case b[0]&wsReserved != 0, f.op != wsContinue && f.op != wsBinary && f.op < wsClose, f.op > wsPong:
		return f, true
	case f.op >= wsClose && (short > wsMostControl || !f.final):
		return f, true
	}
	size := 2
	switch short {
	case wsSize16:
		if size += 2; len(b) >= size {
			f.body = int(binary.BigEndian.Uint16(b[2:]))
		}
	case wsSize64:
		if size += 8; len(b) >= size {
			long := binary.BigEndian.Uint64(b[2:])
			if long > 1<<62 {
				return f, true
			}
			f.body = int(min(long, uint64(maxInt-1<<20)))
		}
	default:
		f.body = short
	}
	if f.masked {
		if size += len(f.key); len(b) >= size {
			copy(f.key[:], b[size-len(f.key):])
		}
	}
	if len(b) >= size {
		f.size = size
	}
	return f, false
}

// unmask returns bytes of the payload without the mask. They are lent until the next call.
func (h *half) unmask(b []byte) []byte {
	w := h.web
	at := w.at
	w.at += len(b)
	if w.key == [4]byte{} {
		return b
	}
	h.plain = append(h.plain[:0], b...)
	for i := range h.plain {
		h.plain[i] ^= w.key[(at+i)&3]
	}
	return h.plain
}

// frame takes bytes of WebSocket frames; a segment begins with them where fresh is set.
func (h *half) frame(b []byte, at time.Time, fresh bool) {
	w := h.web
	for len(b) > 0 && !h.foreign {
		switch {
		case w.astray:
			if !fresh || !h.inStep(b) {
				w.lost += len(b)
				return
			}
			h.found()
		case w.left > 0:
			n := min(w.left, len(b))
			h.payload(b[:n], at)
			b = b[n:]
		default:
			n := h.header(b, at)
			b = b[n:]
		}
		fresh = false
	}
}

// header takes bytes of the head of a frame, or of a control frame, and returns how many.
func (h *half) header(b []byte, at time.Time) (n int) {
	w := h.web
	for n < len(b) {
		w.head = append(w.head, b[n])
		n++
		f, bad := readWS(w.head)
		switch {
		case bad:
			h.stray(len(w.head), at)
			return n
		case f.size == 0:
			continue
		case f.op >= wsClose:
			if len(w.head) < f.size+f.body {
				continue
			}
			w.key, w.at = f.key, 0
			h.control(f.op, h.unmask(w.head[f.size:]), at)
			w.head = w.head[:0]
			return n
		}
		size := len(w.head)
		w.head = w.head[:0]
		if (f.op == wsContinue) != w.gather || f.op == wsBinary && f.final && f.body == 0 {
			h.stray(size, at)
			return n
		}
		w.key, w.at, w.left, w.last = f.key, 0, f.body, f.final
		w.gather = f.op == wsContinue || !f.final
		w.flags = !w.gather
		if w.left == 0 {
			h.ended(at)
		}
		return n
	}
	return n
}

// payload takes bytes of the payload of a frame.
func (h *half) payload(b []byte, at time.Time) {
	w := h.web
	w.left -= len(b)
	b = h.unmask(b)
	switch {
	case w.gather && len(w.whole)+len(b) > h.most:
		h.stray(len(w.whole)+len(b), at)
		return
	case w.gather:
		w.whole = append(w.whole, b...)
	default:
		if w.flags {
			w.flags = false
			if !h.translate(b[0], w.left+len(b)-1, at) {
				h.stray(len(b), at)
				return
			}
			b = b[1:]
		}
		if len(b) > 0 {
			h.frames(b, at)
		}
	}
	if w.left == 0 {
		h.ended(at)
	}
}

// ended takes the end of a frame: that of a message too, where it came in fragments.
func (h *half) ended(at time.Time) {
	w := h.web
	if !w.gather || !w.last {
		return
	}
	whole := w.whole
	w.gather, w.whole = false, nil
	switch {
	case len(whole) == 0 || !h.translate(whole[0], len(whole)-1, at):
		h.stray(len(whole), at)
	case len(whole) > 1:
		h.frames(whole[1:], at)
	}
}

// translate begins a frame of ZMTP with a body of so many bytes, unless no peer sends such
// flags.
func (h *half) translate(flags byte, body int, at time.Time) bool {
	if flags > wsCommand {
		return false
	}
	var head [longHead]byte
	if flags&wsMore != 0 {
		head[0] = flagMore
	}
	if flags&wsCommand != 0 {
		head[0] = flagCommand
	}
	size := shortHead
	if head[1] = byte(body); body > 255 {
		size = longHead
		head[0] |= flagLong
		binary.BigEndian.PutUint64(head[1:], uint64(body))
	}
	h.frames(head[:size], at)
	return true
}

// control tells of a control frame.
func (h *half) control(op byte, payload []byte, at time.Time) {
	e := &h.event
	e.Kind, e.Fields, e.Metadata = Command, e.Fields[:0], nil
	switch {
	case op == wsPing || op == wsPong:
		e.Name = map[byte]string{wsPing: "PING", wsPong: "PONG"}[op]
		e.Fields = append(e.Fields, Field{Name: "context", Value: payload})
	case len(payload) >= 2:
		e.Fields = append(e.Fields, number("code", int(binary.BigEndian.Uint16(payload))))
		fallthrough
	default:
		e.Name = "CLOSE"
	}
	h.tell(h.side, at)
}

// stray notes that n bytes make no sense, or cannot be shown, and that where the next frame
// begins is not known.
func (h *half) stray(n int, at time.Time) {
	w := h.web
	if !w.astray {
		n += len(h.buf)
		*w = web{astray: true, since: at}
		// What comes next may be the rest of the message.
		h.broken = h.broken || len(h.spans) > 0
		h.release()
		h.skip, h.opening = 0, false
	}
	w.lost += n
}

// webGap notes that n bytes are missing.
func (h *half) webGap(n int, at time.Time) {
	w := h.web
	if w.astray || w.gather || w.flags || n > w.left {
		h.stray(n+len(w.head)+len(w.whole), at)
		return
	}
	w.left -= n
	w.at += n
	h.gapWithin(n, at)
}

// inStep reports whether a segment is made of frames, from its beginning to its end, as
// this side sends them.
func (h *half) inStep(b []byte) bool {
	_, ok := wholeFrames(b, h.side == h.client)
	return ok
}

// wholeFrames counts the frames of ZMTP in a segment, unless it is made of something else
// than whole WebSocket frames with, or without, masks.
func wholeFrames(b []byte, masked bool) (n int, ok bool) {
	for len(b) > 0 {
		f, bad := readWS(b)
		switch {
		case bad, f.size == 0, f.masked != masked, f.op == wsContinue, !f.final, f.body > len(b)-f.size:
			return 0, false
		case f.op == wsBinary && (f.body == 0 || b[f.size]^f.key[0] > wsCommand):
			return 0, false
		case f.op == wsBinary:
			n++
		}
		b = b[f.size+f.body:]
	}
	return n, true
}

// resumes finds out whether a side of a connection whose beginning is not captured speaks
// WebSocket, which a segment tells that is made of whole frames.
func (h *half) resumes(b []byte) bool {
	told := h.halves[h.side.Other()].web != nil // by the other side
	if len(b) < 2 || h.begun && !told || h.web != nil || h.phase != starting && h.phase != searching {
		return false
	}
	masked := b[1]&wsMasked != 0
	if n, ok := wholeFrames(b, masked); !ok || n == 0 && !told {
		return false
	}
	if h.client = h.side; !masked {
		h.client = h.side.Other()
	}
	missed := h.search.lost + len(h.search.buf)
	since, reason := h.search.first, h.search.reason(h.begun)
	h.search = search{}
	h.becomeWeb()
	h.phase = framing
	h.release()
	if missed > 0 {
		h.lost(missed, reason, since)
	}
	return true
}

// becomeWeb notes that a side speaks WebSocket.
func (h *half) becomeWeb() {
	for side := range h.parties {
		_, end, _ := strings.Cut(h.parties[side].Endpoint, "://")
		h.parties[side].Endpoint = "ws://" + end
	}
	h.zmtp, h.web = true, &web{}
}

// closeWeb tells of what is left at the end.
func (h *half) closeWeb() {
	w := h.web
	if n := len(h.buf) + len(w.head) + len(w.whole); n > 0 && h.skip == 0 && !w.astray {
		h.lost(n, endedWithin, h.last)
	}
	h.found()
}

// found goes on after what was lost.
func (h *half) found() {
	w := h.web
	if w.lost > 0 {
		h.lost(w.lost, notCaptured, w.since)
	}
	*w = web{}
}
