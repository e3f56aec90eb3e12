package packets

import (
	"cmp"
	"container/list"
	"net/netip"
	"slices"
	"time"
)

// fragments puts the fragments of IP packets together: RFC 791, RFC 8200 and RFC 5722, by
// which those that overlap are no packet. What it holds is bounded, in bytes, in packets and
// in time; beyond, what began first is given up.
type fragments struct {
	waiting map[packetKey]*list.Element // of *datagram
	order   list.List                   // the same, the one that began first in front
	held    int                         // bytes, with their cost
	whole   []byte                      // the payload of the packet that was put together last
}

// packetKey tells the packets of a pair of hosts apart.
type packetKey struct {
	from, to netip.Addr
	id       uint32
}

// datagram is a packet of which fragments have come.
type datagram struct {
	packetKey
	began  time.Time
	pieces []fragment // by their place
	size   int        // of its payload, known from the last fragment; -1 until then
	have   int        // bytes of it
	held   int
	next   byte // the protocol of what stands at its beginning, of the first fragment
}

// fragment is a part of a packet's payload.
type fragment struct {
	at, size int
	data     []byte // what was captured of it
}

const (
	maxPayload   = 65535
	maxFragments = 4 << 20 // bytes that are held
	fragmentCost = 120     // of memory, beside the bytes
	// fragmentsStay is how long fragments wait for the rest, as in RFC 8200.
	fragmentsStay = 60 * time.Second
)

// add takes a fragment, whose bytes are lent; more says that it is not the last. It returns
// the packet, where that is whole, and the number of fragments that were given up.
func (f *fragments) add(key packetKey, at time.Time, next byte, part fragment, more bool) (d *datagram, dropped int) {
	dropped = f.expire(at)
	end := part.at + part.size
	if end > maxPayload || more && part.size%8 != 0 || part.size == 0 {
		return nil, dropped + 1
	}
	element, known := f.waiting[key]
	if known {
		d, _ = element.Value.(*datagram) // it has nothing else
	} else {
		d = &datagram{packetKey: key, began: at, size: -1}
	}
	i, same := slices.BinarySearchFunc(d.pieces, part.at, func(p fragment, at int) int { return cmp.Compare(p.at, at) })
	switch {
	case same && d.pieces[i].size == part.size:
		return nil, dropped // once more, as a capture of all interfaces has it
	case same, i > 0 && d.pieces[i-1].at+d.pieces[i-1].size > part.at, i < len(d.pieces) && end > d.pieces[i].at,
		d.size >= 0 && (end > d.size || !more && end != d.size),
		!more && len(d.pieces) > 0 && d.pieces[len(d.pieces)-1].at > part.at:
		if known {
			dropped += f.remove(element)
		}
		return nil, dropped + 1
	}
	if part.at == 0 {
		d.next = next
	}
	if !more {
		d.size = end
	}
	if !known {
		if f.waiting == nil {
			f.waiting = map[packetKey]*list.Element{}
		}
		element = f.order.PushBack(d)
		f.waiting[key] = element
	}
	cost := len(part.data) + fragmentCost
	part.data = slices.Clone(part.data)
	d.pieces = slices.Insert(d.pieces, i, part)
	d.have, d.held, f.held = d.have+part.size, d.held+cost, f.held+cost
	if d.have == d.size {
		f.remove(element)
		return d, dropped
	}
	for f.held > maxFragments {
		dropped += f.remove(f.order.Front())
	}
	return nil, dropped
}

// expire gives up what has waited too long.
func (f *fragments) expire(now time.Time) (dropped int) {
	for first := f.order.Front(); first != nil; first = f.order.Front() {
		if d, ok := first.Value.(*datagram); !ok || now.Sub(d.began) <= fragmentsStay {
			break
		}
		dropped += f.remove(first)
	}
	return dropped
}

// remove forgets a packet and returns the number of its fragments.
func (f *fragments) remove(element *list.Element) int {
	d, _ := f.order.Remove(element).(*datagram)
	delete(f.waiting, d.packetKey)
	f.held -= d.held
	return len(d.pieces)
}

// close gives up all that waits.
func (f *fragments) close() (dropped int) {
	for f.order.Len() > 0 {
		dropped += f.remove(f.order.Front())
	}
	return dropped
}

// join returns what was captured of the payload of a packet: as far as nothing is missing.
// It is lent until the next call.
func (f *fragments) join(d *datagram) []byte {
	f.whole = f.whole[:0]
	for _, p := range d.pieces {
		f.whole = append(f.whole, p.data...)
		if len(p.data) < p.size {
			break
		}
	}
	return f.whole
}
