// Package ladder draws messages as a sequence diagram: a column for each party, an
// arrow for each message, with the time since the one before and a number that a request
// and its reply share.
//
//	              REQ            ROUTER
//	        127.0.0.1:41234  127.0.0.1:5555
//	               │                │
//	      0    #1  ├─ [] hello ────▶│
//	+120µs     #1  │◀─── [] world ──┤
//
// A reply to one of several requests, of which it is not known which, has #? for its number.
// The brackets hold the envelope: the routing ids in front of the delimiter. No byte of
// a message reaches the terminal, or the picture, that could steer it.
package ladder

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
)

// Party is who sends or gets.
type Party struct {
	Name string // an endpoint; "" where it is not known
	Type string // of its socket, "" where that is not known

	// What is known of its socket: it waits for the reply to each request, as REQ does, or
	// answers them one after the other, as REP does.
	Asks, Answers bool
}

// Arrow is what goes from one party to another.
type Arrow struct {
	Time     time.Time // zero where it is not known
	From, To Party

	Frames   frames.Message // a message, which is lent
	Envelope int            // frames of it that are its envelope
	OneWay   bool           // nothing answers such messages
	Way      string         // in place of the parties, what tells a reply from its request: front or back of a proxy

	Words string // what is no message; Frames is then nil
	Lost  bool   // of something that is not there
}

// style is how an arrow is drawn.
type style uint8

const (
	solid style = iota
	dotted
	broken
)

// row is an arrow as it is drawn.
type row struct {
	time     time.Time
	from, to string
	label    string
	number   int // of the exchange, 0 for none, unknown where it is one of several
	style    style
}

// mark is how a row shows the number of its exchange.
func (r *row) mark() string {
	switch {
	case r.number == unknown:
		return "#?"
	case r.number > 0:
		return "#" + strconv.Itoa(r.number)
	}
	return ""
}

// maxLabel is the most bytes of a label that are kept.
const maxLabel = 300

// rowOf makes the row of an arrow, whose frames are not needed then.
func (e *exchanges) rowOf(a *Arrow) row {
	r := row{time: a.Time, from: name(a.From), to: name(a.To)}
	switch {
	case a.Lost:
		r.label, r.style = view.Printable(cut(a.Words)), broken
		e.lose(a)
	case a.Frames == nil:
		r.label, r.style = view.Printable(cut(a.Words)), dotted
	default:
		r.label = label(a.Frames, a.Envelope)
		r.number = e.number(a)
	}
	return r
}

// name is that of a party in its column.
func name(p Party) string {
	if p.Name == "" {
		return "?"
	}
	return view.Printable(cut(strings.TrimPrefix(p.Name, "tcp://")))
}

func cut(text string) string { return text[:min(len(text), maxLabel)] }

// label writes a message: its envelope in brackets, then its frames.
func label(m frames.Message, envelope int) string {
	if len(m) == 1 && envelope == 0 && len(m[0]) > 0 {
		return view.Inline(m[0], maxLabel)
	}
	var b strings.Builder
	b.Grow(min(m.Size(), maxLabel) + len(`[~4567] ""`))
	if envelope > 0 {
		b.WriteByte('[')
		for i, id := range m[:envelope] {
			if len(id) == 0 {
				break
			}
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(short(id))
		}
		b.WriteString("] ")
	}
	for i, frame := range m[envelope:] {
		if b.Len() > maxLabel {
			break
		}
		if i > 0 {
			b.WriteByte('|')
		}
		if len(frame) > 0 {
			b.WriteString(view.Inline(frame, maxLabel))
		} else {
			b.WriteString(`""`)
		}
	}
	return view.Printable(b.String())
}

// short writes a routing id: of one that a ROUTER made, the end.
func short(id []byte) string {
	const made, digits, most = 5, 2, 12
	if len(id) == made && id[0] == 0 {
		return "~" + hex.EncodeToString(id[made-digits:])
	}
	return frames.FormatBytes(id[:min(len(id), most)])
}

// since writes the time between two arrows, in at most eight characters.
func since(d time.Duration) string {
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	switch {
	case d < time.Millisecond:
		return sign + d.Truncate(time.Microsecond).String()
	case d < 10*time.Millisecond:
		d = d.Truncate(10 * time.Microsecond)
	case d < time.Second:
		d = d.Truncate(100 * time.Microsecond)
	case d < time.Minute:
		d = d.Truncate(10 * time.Millisecond)
	case d < 24*time.Hour:
		return sign + strings.TrimSuffix(d.Truncate(time.Second).String(), "0s")
	default:
		return sign + "days"
	}
	return sign + d.String()
}
