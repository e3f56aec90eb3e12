package packets

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/bits"
	"time"
)

// The blocks of pcapng that are read. All others are skipped.
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockOld       = 2 // a packet, in files of long ago
	blockSimple    = 3
	blockPacket    = 6
)

// source is an interface that packets were captured on.
type source struct {
	link    uint32
	snaplen uint32        // 0 is no limit
	units   uint64        // of its times, in a second
	offset  time.Duration // to be added to its times
}

const (
	// maxInterfaces is the most interfaces of a section. What lies beyond is skipped.
	maxInterfaces = 1024
	// blockFrame is the size of what stands around the body of a block: its type and
	// its length, and its length again.
	blockFrame = 12
)

// nextBlock reads up to the next packet of a pcapng file.
func (r *Reader) nextBlock(p *packet) error {
	for {
		if err := r.atEnd(); err != nil {
			return err
		}
		kind, length, err := r.blockHead()
		if err != nil {
			return err
		}
		if length > BufferSize || !r.reads(kind) {
			if err := r.skip(int64(length)); err != nil {
				return err
			}
			continue
		}
		block, err := r.take(int(length))
		if err != nil {
			return err
		}
		if body := block[8 : len(block)-4]; kind == blockInterface {
			r.addInterface(body)
		} else if r.packetOf(kind, body, p) {
			return nil
		}
	}
}

// blockHead looks at the head of the next block, which may begin a section.
func (r *Reader) blockHead() (kind, length uint32, err error) {
	head, err := r.in.Peek(blockFrame)
	if err != nil {
		return 0, 0, short(err)
	}
	if binary.BigEndian.Uint32(head) == blockSection { // the same in both byte orders
		if err := r.beginSection(head[8:]); err != nil {
			return 0, 0, err
		}
	}
	kind, length = r.order.Uint32(head), r.order.Uint32(head[4:])
	if length < blockFrame || length%4 != 0 {
		return 0, 0, fmt.Errorf("a block of pcapng claims to have %d bytes: expected a multiple of 4, at least %d", length, blockFrame)
	}
	return kind, length, nil
}

// reads reports whether blocks of a kind matter.
func (r *Reader) reads(kind uint32) bool {
	switch kind {
	case blockInterface, blockOld, blockSimple, blockPacket:
		return true
	}
	return false
}

// skip leaves out the next n bytes.
func (r *Reader) skip(n int64) error {
	got, err := io.CopyN(io.Discard, r.in, n)
	if got < n && err != nil {
		return short(err)
	}
	return nil
}

// beginSection begins a section, which has a byte order and interfaces of its own.
// magic tells the order.
func (r *Reader) beginSection(magic []byte) error {
	const magicOrder = 0x1a2b3c4d
	switch {
	case binary.BigEndian.Uint32(magic) == magicOrder:
		r.order = binary.BigEndian
	case binary.LittleEndian.Uint32(magic) == magicOrder:
		r.order = binary.LittleEndian
	default:
		return fmt.Errorf("a section of pcapng has the byte order %x: expected 1a2b3c4d", magic)
	}
	r.interfaces = r.interfaces[:0]
	return nil
}

// addInterface reads an interface.
func (r *Reader) addInterface(body []byte) {
	const fixed = 8
	if len(r.interfaces) == maxInterfaces {
		return
	}
	in := source{units: 1e6, link: math.MaxUint32}
	if len(body) >= fixed {
		in.link, in.snaplen = uint32(r.order.Uint16(body)), r.order.Uint32(body[4:])
		r.options(body[fixed:], &in)
	}
	r.interfaces = append(r.interfaces, in)
}

// options reads the options of an interface that concern its times.
func (r *Reader) options(list []byte, in *source) {
	const (
		optionEnd, optionResolution, optionOffset = 0, 9, 14
		head                                      = 4
	)
	for len(list) >= head {
		code, size := r.order.Uint16(list), int(r.order.Uint16(list[2:]))
		list = list[head:]
		if code == optionEnd || size > len(list) {
			return
		}
		switch value := list[:size]; {
		case code == optionResolution && size == 1:
			in.units = unitsOf(value[0])
		case code == optionOffset && size == 8:
			seconds := int64(r.order.Uint64(value))
			in.offset = time.Duration(min(max(seconds, -maxOffset), maxOffset)) * time.Second
		}
		list = list[min((size+3)&^3, len(list)):]
	}
}

// maxOffset is the largest offset of times, in seconds: what a time.Duration holds.
const maxOffset = math.MaxInt64 / int64(time.Second)

// unitsOf returns the units of time in a second that an interface's resolution means: a
// power of ten, or of two where the highest bit is set.
func unitsOf(resolution byte) uint64 {
	const power2, most10 = 0x80, 19
	n := resolution &^ power2
	if resolution&power2 != 0 {
		return 1 << min(n, 63)
	}
	units := uint64(1)
	for range min(n, most10) {
		units *= 10
	}
	return units
}

// packetOf reads a packet, and reports whether there is one.
func (r *Reader) packetOf(kind uint32, body []byte, p *packet) bool {
	const headFull, headSimple = 20, 4
	which, ticks, captured, size := uint32(0), uint64(0), uint32(0), uint32(0)
	switch {
	case kind == blockSimple && len(body) >= headSimple && len(r.interfaces) > 0:
		// It has as much as the first interface captures, and no time.
		size, body = r.order.Uint32(body), body[headSimple:]
		captured = min(size, uint32(len(body)))
		if most := r.interfaces[0].snaplen; most > 0 {
			captured = min(captured, most)
		}
	case kind != blockSimple && len(body) >= headFull:
		if which = r.order.Uint32(body); kind == blockOld {
			which = uint32(r.order.Uint16(body))
		}
		ticks = uint64(r.order.Uint32(body[4:]))<<32 | uint64(r.order.Uint32(body[8:]))
		captured, size, body = r.order.Uint32(body[12:]), r.order.Uint32(body[16:]), body[headFull:]
	default:
		return false
	}
	if uint64(which) >= uint64(len(r.interfaces)) || uint64(captured) > uint64(len(body)) {
		return false
	}
	in := &r.interfaces[which]
	p.time, p.link, p.data = in.time(ticks), in.link, body[:captured]
	p.size = sizeOf(size, p.data)
	return true
}

// time is the time that is so many units after 1970.
func (in *source) time(ticks uint64) time.Time {
	high, low := bits.Mul64(ticks%in.units, uint64(time.Second))
	nanos, _ := bits.Div64(high, low, in.units)
	return time.Unix(int64(ticks/in.units&math.MaxInt64), int64(nanos)).Add(in.offset)
}
