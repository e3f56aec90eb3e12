package ladder

import (
	"hash/maphash"
	"slices"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// exchanges gives a request and its reply the same number, and so the same request
// behind a ROUTER, which has put a routing id in front of its envelope. Where the
// envelope and the types of the sockets do not tell which request a reply is for, as
// where a DEALER has several under way, it says so.
type exchanges struct {
	last  int
	seed  maphash.Seed
	open  map[uint64]*pending  // requests without a reply, by where it will come from, and its envelope
	ahead map[uint64][]request // the same, by envelope and body: those that may come again behind a ROUTER
	ids   map[uint64]uint64    // who has a routing id, where that is known by what came again
	gaps  map[uint64]int       // how often something was lost between two parties
	first map[uint64]time.Time // when the first request between two parties was sent, since the last gap
	queue []request
	spare *pending // for the next request
}

// request is one that is open.
type request struct {
	open, ahead uint64
	from        uint64 // who sent it, and to whom
	number      int
}

// pending are requests whose replies have the same envelope and come the same way.
type pending struct {
	list  []request
	vague int // more, of which it is not known which have been answered
}

const (
	// maxOpen bounds the requests that are remembered.
	maxOpen = 4096
	// unknown is the number of a reply to one of several requests.
	unknown = -1
)

func newExchanges() *exchanges {
	return &exchanges{
		seed: maphash.MakeSeed(), open: map[uint64]*pending{}, ahead: map[uint64][]request{}, ids: map[uint64]uint64{}, gaps: map[uint64]int{}, first: map[uint64]time.Time{},
	}
}

// number returns the number of the exchange that a message belongs to, 0 for none, or
// unknown.
func (e *exchanges) number(a *Arrow) int {
	if a.OneWay || a.Envelope == 0 || len(a.Frames[a.Envelope-1]) > 0 {
		return 0
	}
	from, to := ends(a)
	envelope := a.Frames[:a.Envelope]
	if asked := a.From.Asks || a.To.Answers; !asked {
		key := e.key(to, from, envelope)
		if a.Way != "" {
			key = e.key(map[string]string{"front": "back", "back": "front"}[a.Way], "", envelope)
		}
		if p := e.open[key]; p != nil {
			return e.answer(key, p, a)
		}
		if a.From.Answers || a.To.Asks {
			return 0 // a reply, to something that was not captured
		}
	}
	r := request{open: e.key(from, to, envelope), ahead: e.hash("", "", a.Frames), from: e.hash(from, to, nil)}
	if r.number = e.again(a); r.number == 0 {
		e.last++
		r.number = e.last
	}
	e.ask(r, a.From.Asks)
	if both := e.between(from, to); !a.Time.IsZero() && e.first[both].IsZero() {
		if len(e.first) == maxOpen {
			clear(e.first) // a gap then counts for all that is open
		}
		e.first[both] = a.Time
	}
	return r.number
}

// ends returns what stands for the two parties of a message.
func ends(a *Arrow) (from, to string) {
	if a.Way != "" {
		return a.Way, ""
	}
	return a.From.Name, a.To.Name
}

// ask notes a request. One who waits for the reply to each has given up those before.
func (e *exchanges) ask(r request, waits bool) {
	if len(e.queue) == maxOpen {
		e.forget(e.queue[0])
		e.queue = e.queue[1:]
	}
	e.queue = append(e.queue, r)
	e.ahead[r.ahead] = append(e.ahead[r.ahead], r)
	p := e.open[r.open]
	switch {
	case p == nil:
		p = e.fresh()
		e.open[r.open] = p
	case waits:
		for _, old := range p.list {
			e.pass(old)
		}
		p.list, p.vague = p.list[:0], 0
	}
	if p.vague > 0 {
		p.vague++
	} else {
		p.list = append(p.list, r)
	}
}

// fresh returns an empty list of requests, the one that was let go last if there is one.
func (e *exchanges) fresh() *pending {
	p := e.spare
	if e.spare = nil; p == nil {
		p = &pending{}
	}
	return p
}

// drop lets go of an empty list.
func (e *exchanges) drop(key uint64, p *pending) {
	delete(e.open, key)
	p.list, p.vague = p.list[:0], 0
	e.spare = p
}

// answer returns the number of the request that a message answers, and forgets that.
func (e *exchanges) answer(key uint64, p *pending, a *Arrow) int {
	switch {
	case p.vague > 0:
		if p.vague--; p.vague == 0 {
			e.drop(key, p)
		}
		return unknown
	case len(p.list) > 1 && !a.From.Answers:
		// Whoever answers one after the other does so in their order; of others nothing
		// is known.
		for _, r := range p.list {
			e.pass(r)
		}
		p.list, p.vague = p.list[:0], len(p.list)-1
		return unknown
	}
	r := p.list[0]
	if p.list = slices.Delete(p.list, 0, 1); len(p.list) == 0 {
		e.drop(key, p)
	}
	e.pass(r)
	return r.number
}

// again returns the number of a request that comes again behind a ROUTER, which has put
// a routing id in front of it, 0 where it is not known which it is, or is a new one.
func (e *exchanges) again(a *Arrow) int {
	if a.Envelope < 2 {
		return 0
	}
	from, _ := ends(a)
	id := e.hash(from, "", a.Frames[:1])
	list := e.ahead[e.hash("", "", a.Frames[1:])]
	at := 0
	if len(list) != 1 {
		owner, known := e.ids[id]
		if at = slices.IndexFunc(list, func(r request) bool { return r.from == owner }); !known || at < 0 {
			return 0
		}
	}
	r := list[at]
	if len(e.ids) == maxOpen {
		clear(e.ids)
	}
	e.ids[id] = r.from
	e.pass(r)
	return r.number
}

// lose notes that something is missing between two parties: what is open between them may
// have been answered, unless all of it was asked later. It may be known late that something
// is missing.
func (e *exchanges) lose(a *Arrow) {
	if len(e.gaps) == maxOpen {
		clear(e.gaps)
		e.seed = maphash.MakeSeed() // nothing that is open is found any more
	}
	from, to := ends(a)
	both := e.between(from, to)
	if first, asked := e.first[both]; asked && !a.Time.IsZero() && a.Time.Before(first) {
		return
	}
	delete(e.first, both)
	e.gaps[both]++
}

// between names two parties in either order.
func (e *exchanges) between(from, to string) uint64 {
	return e.hash(min(from, to), max(from, to), nil)
}

// key is made of where something is from, and to, and of its frames. It is another one
// after a gap.
func (e *exchanges) key(from, to string, m frames.Message) uint64 {
	key := e.hash(from, to, m)
	if len(e.gaps) > 0 {
		key += uint64(e.gaps[e.between(from, to)])
	}
	return key
}

func (e *exchanges) hash(from, to string, m frames.Message) uint64 {
	var h maphash.Hash
	h.SetSeed(e.seed)
	for _, text := range []string{from, to} {
		_, _ = h.WriteString(text) // it never fails
		_ = h.WriteByte(0)
	}
	for _, frame := range m {
		_, _ = h.Write(frame)
		_ = h.WriteByte(0xff)
	}
	return h.Sum64()
}

// pass notes that a request does not come again.
func (e *exchanges) pass(r request) {
	list := slices.DeleteFunc(e.ahead[r.ahead], func(o request) bool { return o.number == r.number && o.open == r.open })
	if e.ahead[r.ahead] = list; len(list) == 0 {
		delete(e.ahead, r.ahead)
	}
}

// forget forgets a request that is too old.
func (e *exchanges) forget(r request) {
	e.pass(r)
	p := e.open[r.open]
	if p == nil {
		return
	}
	had := len(p.list)
	p.list = slices.DeleteFunc(p.list, func(o request) bool { return o.number == r.number })
	if had == len(p.list) && p.vague > 0 {
		p.vague--
	}
	if len(p.list) == 0 && p.vague == 0 {
		e.drop(r.open, p)
	}
}
