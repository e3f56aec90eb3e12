package sockets

import (
	"errors"
	"math"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// What Options.Presence tells of peers stands in their queues, between their
// messages: so a peer has joined before its first message is received, and has left
// behind its last.

// notice is that of a peer which joined or left.
type notice struct {
	ahead  int             // messages of the peer that wait before this one, and behind the notice before it
	source *framing.Source // of the peer, and says which it is
}

// mostNotices is the number of them that may wait in a socket before those of a peer that came and
// went in silence are left out: whoever connects a thousand times a second fills no
// memory while nobody receives.
const mostNotices = 10000

// tell queues a notice of p behind its messages. The socket's lock is held.
func (s *Socket) tell(p *peer, kind framing.Notice) {
	if !s.opts.Presence || s.closing {
		return
	}
	ahead, last := p.in.Count(), len(p.notices)-1
	for _, n := range p.notices {
		ahead -= n.ahead
	}
	if kind == framing.Left && ahead == 0 && last >= 0 && p.notices[last].source.Notice == framing.Joined && s.noticed > mostNotices {
		s.noticed--
		s.untold++
		p.notices = p.notices[:last]
		if p.gone {
			s.countUnread(p)
		}
		if !p.waits() {
			s.fair.leave(p)
		}
		return
	}
	source := *p.source
	source.Notice = kind
	p.notices = append(p.notices, notice{ahead, &source})
	s.noticed++
	if p.gone {
		s.countUnread(p)
	}
	s.fair.activate(p)
	s.wakeReceiver()
}

// waits reports whether there is anything of p to receive.
func (p *peer) waits() bool { return p.in.Count() > 0 || len(p.notices) > 0 }

// toTell returns the number of messages of p that are received before its next notice.
func (p *peer) toTell() int {
	if len(p.notices) == 0 {
		return math.MaxInt
	}
	return p.notices[0].ahead
}

// passed notes that messages of p were taken.
func (p *peer) passed(count int) {
	for i := range p.notices {
		n := min(count, p.notices[i].ahead)
		p.notices[i].ahead -= n
		if count -= n; count == 0 {
			return
		}
	}
}

// due reports whether what there is to receive next is a notice.
func (f *fairQueue) due() bool {
	p := f.head()
	return p != nil && p.toTell() == 0
}

// told puts a notice that is due into b, which is empty, and reports whether there
// was one.
func (f *fairQueue) told(s *Socket, b *framing.Batch) bool {
	if !f.due() {
		return false
	}
	p := f.head()
	b.Append([][]byte{[]byte(p.id)})
	b.AppendSource(p.notices[0].source, 1)
	p.notices = append(p.notices[:0], p.notices[1:]...)
	s.noticed--
	if p.gone {
		s.countUnread(p)
	}
	f.turn(p)
	return true
}

// take moves to b, which is empty, what there is to receive. again says that there may
// be something although b stayed empty. With Options.Presence, where the state or the
// type of a socket forbids to receive messages, there are still notices. The socket's
// lock is held.
func (s *Socket) take(b *framing.Batch, t takes) (notice, again bool, err error) {
	if !s.opts.Presence {
		return false, false, s.pattern.recv(b, t)
	}
	if s.fair.told(s, b) {
		return true, false, nil
	}
	err = s.pattern.recv(b, t)
	if errors.Is(err, ErrState) || errors.Is(err, ErrDirection) {
		err = nil
	}
	return false, b.Len() == 0 && s.fair.due(), err
}
