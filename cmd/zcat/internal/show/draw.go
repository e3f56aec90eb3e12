package show

import (
	"cmp"
	"io"

	"github.com/zcat/zcat/cmd/zcat/internal/dissect"
	"github.com/zcat/zcat/cmd/zcat/internal/ladder"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/sockets"
)

// arrowOf is what was seen as an arrow.
func arrowOf(s *seen) ladder.Arrow {
	a := ladder.Arrow{
		Time: s.Time, From: s.partyOf(s.From), To: s.partyOf(s.To),
	}
	switch s.Kind {
	case dissect.Message:
		a.Frames, a.Envelope = s.Frames, view.Envelope(viewOf(s))
		a.OneWay = oneWay(s.kinds.of(s.From)) || s.record.Endpoint == ""
	case dissect.Lost:
		a.Words, a.Lost = words(s), true
	case dissect.Command, dissect.Sealed:
		a.Words = words(s)
	}
	if !s.packet {
		// The other end of a proxy's capture is not in it.
		a.Way = s.record.From
		if a.From.Name == a.To.Name && a.Way != "" { // as those of ipc are
			a.To.Name = a.Way
		}
		if s.record.To != "" { // what a hub sends
			a.From.Name, a.To.Name, a.OneWay = sender(s), s.record.To, true
		}
		a.OneWay = a.OneWay || a.Way == ""
	}
	return a
}

// partyOf is a party as it is drawn.
func (s *seen) partyOf(p *dissect.Party) ladder.Party {
	has := s.kinds.of(p).Traits()
	return ladder.Party{Name: p.Endpoint, Type: p.Type, Asks: has.Asks, Answers: has.Answers}
}

// sender names who sent what a record says to whom it goes: the socket that it came from,
// or the command in the middle.
func sender(s *seen) string {
	const middle = "hub"
	return cmp.Or(s.record.From, middle)
}

// oneWay reports whether nothing answers the messages of a socket.
func oneWay(t sockets.Type) bool {
	has := t.Traits()
	return t.Sends() != t.Receives() || has.Publishes || has.Subscribes || has.Exclusive
}

// ladders draws a sequence diagram in text.
type ladders struct {
	buffered
	ladder.Text
	columns func() int
}

func newLadder(asked line.Output, w io.Writer) *ladders {
	return &ladders{
		buffered: buffered{w: w}, Text: ladder.Text{Color: asked.Colour.Onto(w), ASCII: !say.UTF8()},
		columns: func() int { return say.Columns(w) },
	}
}

func (l *ladders) add(s *seen) error {
	if len(l.buf) == 0 {
		l.Width = l.columns()
	}
	l.buf = l.Append(l.buf, arrowOf(s))
	return l.full()
}

func (l *ladders) flush() error {
	l.buf = l.Flush(l.buf)
	return l.buffered.flush()
}

func (l *ladders) end() error { return l.flush() }

// picture draws the same as SVG.
type picture struct {
	w    io.Writer
	say  *say.Speech
	draw ladder.Picture
}

func newPicture(w io.Writer, voice *say.Speech) *picture { return &picture{w: w, say: voice} }

func (p *picture) add(s *seen) error {
	p.draw.Add(arrowOf(s))
	return nil
}

func (p *picture) flush() error { return nil }

func (p *picture) end() error {
	if n := p.draw.Left; n > 0 {
		p.say.Notice("%s left out of the picture, which has room for %d of %d parties: --peer and --match choose", say.Plural(n, "message"), ladder.MaxRows, ladder.MaxParties)
	}
	_, err := p.w.Write(p.draw.SVG())
	return err
}
