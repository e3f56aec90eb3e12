// Package view shows messages to people. A message is a small block: a head line
// with its time and its peer, then its frames, each marked as what it is in the
// envelope:
//
//	12:04:31.218 from tcp://127.0.0.1:53412
//	    id │ hex:006b8b4567
//	    -- ├─ delimiter (empty)
//	  body │ hello
//
// What stands behind a bar is the frame's content, and only that: text behind │,
// the rest of a line that was too long behind ↳, bytes in hex behind ┆. What
// zcat has to say stands without one. No byte of a message reaches the terminal
// that could steer it, and the cost of a message is bounded whatever its size.
package view

import (
	"strconv"
	"strings"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// The bounds of what is shown of a message.
const (
	maxFrames = 24   // frames
	maxLines  = 16   // lines of text of a frame
	maxRows   = 8    // rows of bytes of a frame
	maxLook   = 4096 // bytes of a frame that is shown as text
	// MinWidth is the least number of columns that a message is laid out for.
	MinWidth = 32
)

// Way is the direction of a message.
type Way uint8

// The ways: to us, or through a proxy.
const (
	Received Way = iota
	FrontToBack
	BackToFront
)

// Message is one message and what is known about it.
type Message struct {
	Frames frames.Message
	Kind   sockets.Type // the socket that received it, 0 where that is not known
	Sender sockets.Type // the one that sent it, where that is known
	Wire   bool         // it was seen on its way: no socket has added frames, or taken any
	Way    Way
	From   string    // the name of the socket that received it, "" where that needs none
	To     string    // the name of the one that sent it
	Time   time.Time // shown in its own location; zero where it is not known
	Peer   string    // the endpoint it came from, "" where it is not known
	Goal   string    // the one it went to, where both were others than ours
}

// View lays messages out. It serves one goroutine at a time.
type View struct {
	Width int // columns of the terminal
	Color bool
	Full  bool   // nothing is cut
	ASCII bool   // the terminal shows no other characters
	Names *Names // of the peers of a ROUTER; nil for none

	told  map[string]bool // remarks that were made
	clock clock
	roles []role // of the last message
}

// Append appends a message to dst, in whole lines.
func (v *View) Append(dst []byte, m Message) []byte {
	shown, more, size := v.cut(m.Frames)
	from, to := m.Sender.Traits(), m.Kind.Traits()
	roles := rolesOf(v.roles, &m, &from, &to, shown, more == 0)
	v.roles = roles
	gutter := gutterOf(&to)
	for _, r := range roles {
		gutter = max(gutter, len(r.word()))
	}
	p := v.page(dst, gutter)
	if v.Names != nil && to.Addressed && !m.Wire {
		p.name = v.Names.Note(m.Frames)
	}
	p.head(&m)
	for i, frame := range shown {
		p.frame(roles[i], frame)
	}
	if more > 0 {
		p.note(styleNote, p.more()+count(more, "frame")+" more, "+count(size, "byte"))
	}
	for _, text := range v.remarks(&m, &to, shown, roles, more == 0) {
		p.note(styleRemark, "! "+text)
	}
	return p.dst
}

// page begins the lines of a message.
func (v *View) page(dst []byte, gutter int) page {
	return page{dst: dst, clock: &v.clock, width: max(v.Width, MinWidth), color: v.Color, full: v.Full, ascii: v.ASCII, gutter: gutter}
}

// Note appends what is no message: when it was, between whom, and a few words.
func (v *View) Note(dst []byte, m Message, words string) []byte {
	p := v.page(dst, len("body"))
	p.head(&m)
	p.note(styleNote, p.plain(words))
	return p.dst
}

// cut returns the frames to show, the number of all others, and their bytes.
func (v *View) cut(m frames.Message) (shown frames.Message, more, size int) {
	if v.Full {
		return m, 0, 0
	}
	shown = m[:min(len(m), maxFrames)]
	rest := m[len(shown):]
	return shown, len(rest), rest.Size()
}

// between returns what stands before the peer in the head line. The arrows of both
// ways take the same room, so that they can be told apart at a glance.
func (w Way) between() string {
	return [...]string{Received: " from ", FrontToBack: " front -> back ", BackToFront: " front <- back "}[w]
}

// head writes the line above the frames. Of a peer that is too long the end is
// kept, where its port is.
func (p *page) head(m *Message) {
	at, between := "", m.Way.between()
	if !m.Time.IsZero() {
		at = p.clock.of(m.Time)
	}
	switch {
	case m.To != "":
		between = " -> " + m.To + " "
	case m.From != "":
		between = " " + m.From + " <- "
	case m.Peer == "" && m.Way == Received:
		between = ""
	}
	if at == "" {
		between = strings.TrimPrefix(between, " ")
	}
	if m.Goal == "" {
		p.put2(styleHead, at, between)
		name := p.name
		if name != "" {
			name += " "
		}
		p.put(styleID, name)
		p.put(stylePeer, p.fitEnd(p.plain(m.Peer), p.width-len(at)-len(between)-len(name)))
		p.end()
		return
	}
	const arrow = " -> "
	room := p.width - len(arrow)
	if at != "" {
		p.put2(styleHead, at, " ")
		room -= len(at) + 1
	}
	goal := p.fitEnd(p.plain(m.Goal), room/2)
	p.put(stylePeer, p.fitEnd(p.plain(m.Peer), room-width(goal)))
	p.put(styleHead, arrow)
	p.put(stylePeer, goal)
	p.end()
}

// frame shows one frame under its mark.
func (p *page) frame(r role, frame []byte) {
	size := len(frame)
	if r == subscribe || r == unsubscribe {
		frame = frame[1:]
	}
	whole := true
	switch {
	case r == delimiter:
		p.remark(r, barEmpty, "delimiter (empty)")
	case (r == subscribe || r == unsubscribe) && len(frame) == 0:
		p.remark(r, "", "(everything)")
	case len(frame) == 0:
		p.remark(r, "", "(empty)")
	case r == id:
		whole = p.text(r, []byte(frames.FormatBytes(p.part(frame)))) && len(p.part(frame)) == size
	default:
		whole = p.content(r, frame)
	}
	if !whole {
		p.note(styleNote, p.more()+count(size, "byte")+" in all")
	}
}

// content shows bytes as what they look like, and reports whether all of them
// were shown.
func (p *page) content(r role, frame []byte) bool {
	if pretty, ok := p.indented(frame); ok {
		return p.text(r, pretty)
	}
	if looksLikeText(frame) {
		return p.text(r, frame)
	}
	return p.hex(r, frame)
}

// count returns a number, with commas, and what it counts.
func count(n int, one string) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	if n == 1 {
		return digits + " " + one
	}
	return digits + " " + one + "s"
}
