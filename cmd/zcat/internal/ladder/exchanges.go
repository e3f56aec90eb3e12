package ladder

import (
	"hash/maphash"

	"github.com/zcat/zcat/pkg/frames"
)

// exchanges gives a request and its reply the same number, and so the same request
// behind a ROUTER, which has put a routing id in front of its envelope.
type exchanges struct {
	last  int
	seed  maphash.Seed
	open  map[uint64][]int // numbers of requests without a reply, by where it will come from, and its envelope
	ahead map[uint64][]int // the same, by envelope and body: those that may come again behind a ROUTER
	queue []request
}

// request is one that is open.
type request struct {
	open, ahead uint64
	number      int
}

// maxOpen bounds the requests that are remembered.
const maxOpen = 4096

func newExchanges() *exchanges {
	return &exchanges{seed: maphash.MakeSeed(), open: map[uint64][]int{}, ahead: map[uint64][]int{}}
}

// number returns the number of the exchange that a message belongs to, 0 for none.
func (e *exchanges) number(a *Arrow) int {
	if a.OneWay || a.Envelope == 0 || len(a.Frames[a.Envelope-1]) > 0 {
		return 0
	}
	from, to := a.From.Name, a.To.Name
	if a.Way != "" {
		from, to = a.Way, ""
	}
	envelope := a.Frames[:a.Envelope]
	reply := e.key(to, from, envelope)
	if a.Way != "" {
		reply = e.key(map[string]string{"front": "back", "back": "front"}[a.Way], "", envelope)
	}
	if n := take(e.open, reply); n > 0 {
		return n
	}
	n := 0
	if a.Envelope > 1 {
		n = take(e.ahead, e.key("", "", a.Frames[1:]))
	}
	if n == 0 {
		e.last++
		n = e.last
	}
	r := request{e.key(from, to, envelope), e.key("", "", a.Frames), n}
	if len(e.queue) == maxOpen {
		old := e.queue[0]
		e.queue = e.queue[1:]
		drop(e.open, old.open, old.number)
		drop(e.ahead, old.ahead, old.number)
	}
	e.queue = append(e.queue, r)
	e.open[r.open] = append(e.open[r.open], n)
	e.ahead[r.ahead] = append(e.ahead[r.ahead], n)
	return n
}

// key is made of where something is from, and to, and of its frames.
func (e *exchanges) key(from, to string, m frames.Message) uint64 {
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

// take takes the oldest number that is filed under a key, 0 for none.
func take(at map[uint64][]int, key uint64) int {
	list := at[key]
	if len(list) == 0 {
		return 0
	}
	drop(at, key, list[0])
	return list[0]
}

// drop removes a number that is filed under a key.
func drop(at map[uint64][]int, key uint64, n int) {
	list := at[key]
	for i := range list {
		if list[i] != n {
			continue
		}
		if len(list) == 1 {
			delete(at, key)
		} else {
			at[key] = append(list[:i:i], list[i+1:]...)
		}
		return
	}
}
