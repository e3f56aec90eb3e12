package packets

import (
	"encoding/binary"
	"net/netip"
)

// The link layers that are known, by their numbers at tcpdump.org.
const (
	linkNull     = 0 // BSD loopback: the family in the byte order of the machine
	linkEthernet = 1
	linkRaw12    = 12 // raw IP, by the numbers that some systems write
	linkRaw14    = 14
	linkRaw      = 101
	linkLoop     = 108 // OpenBSD loopback: the family in network order
	linkCooked1  = 113 // Linux: -i any
	linkIPv4     = 228
	linkIPv6     = 229
	linkCooked2  = 276

	linkMask = 0xffff // what stands above it tells of the frame check sequence
)

const knownLinks = "Ethernet (1), loopback (0, 108), Linux cooked (113, 276) or raw IP (101, 228, 229)"

// known reports whether a link layer is.
func known(link uint32) bool {
	switch link {
	case linkNull, linkEthernet, linkRaw12, linkRaw14, linkRaw, linkLoop, linkCooked1, linkIPv4, linkIPv6, linkCooked2:
		return true
	}
	return false
}

// The protocols of link layers (EtherType) and of IP.
const (
	etherIPv4 = 0x0800
	etherIPv6 = 0x86dd
	etherVLAN = 0x8100 // also of the inner of two tags
	etherQinQ = 0x88a8
	etherOld  = 0x9100 // QinQ before it was a standard

	protoTCP         = 6
	protoHopByHop    = 0
	protoRouting     = 43
	protoFragment    = 44
	protoAuth        = 51
	protoDestination = 60
	protoMobility    = 135
)

// decode finds the TCP segment in a packet.
func (r *Reader) decode(p *packet, s *Segment) bool {
	const familyHead = 4
	data, ether := p.data, uint16(0)
	switch p.link {
	case linkEthernet:
		data, ether = cutHead(data, 14, 12)
	case linkCooked1:
		data, ether = cutHead(data, 16, 14)
	case linkCooked2:
		data, ether = cutHead(data, 20, 0)
	case linkNull, linkLoop:
		data, _ = cutHead(data, familyHead, 0) // the version of IP says the same as the family
	case linkRaw, linkRaw12, linkRaw14, linkIPv4, linkIPv6:
	default:
		r.Stats.Unknown++
		return false
	}
	for ether == etherVLAN || ether == etherQinQ || ether == etherOld {
		data, ether = cutHead(data, 4, 2)
	}
	if ether != 0 && ether != etherIPv4 && ether != etherIPv6 {
		return false
	}
	if len(data) == 0 {
		r.Stats.Cut++
		return false
	}
	missing := p.size - len(p.data) // what was not captured, at the end of a payload
	switch data[0] >> 4 {
	case 4:
		return r.ipv4(data, missing, s)
	case 6:
		return r.ipv6(data, missing, s)
	}
	return false
}

// cutHead takes a head of n bytes off, and returns the protocol that stands in it. What
// is too short is left empty.
func cutHead(data []byte, n, at int) (rest []byte, ether uint16) {
	if len(data) < n {
		return nil, 0
	}
	return data[n:], binary.BigEndian.Uint16(data[at:])
}

// ipv4 finds the TCP segment in a packet of which missing bytes were not captured.
func (r *Reader) ipv4(data []byte, missing int, s *Segment) bool {
	const least = 20
	if len(data) < least {
		r.Stats.Cut++
		return false
	}
	if data[9] != protoTCP {
		return false
	}
	head, size := int(data[0]&0xf)*4, int(binary.BigEndian.Uint16(data[2:]))
	if head < least {
		return false
	}
	if size == 0 { // left to the network card, which cuts what is larger than a packet can be
		size = len(data) + missing
	}
	size = min(size, len(data)+missing)
	s.From = netip.AddrPortFrom(netip.AddrFrom4([4]byte(data[12:])), 0)
	s.To = netip.AddrPortFrom(netip.AddrFrom4([4]byte(data[16:])), 0)
	if place := binary.BigEndian.Uint16(data[6:]); place&0x3fff != 0 { // more fragments, or not the first
		const more, unit = 0x2000, 8
		id := uint32(binary.BigEndian.Uint16(data[4:]))
		return r.fragment(data, head, size, int(place&0x1fff)*unit, place&more != 0, id, protoTCP, s)
	}
	return r.tcp(data, head, size, s)
}

// fragment takes a part of a packet's payload, data[at:] of so many bytes, and finds the TCP
// segment in that packet once it is whole.
func (r *Reader) fragment(data []byte, at, size, place int, more bool, id uint32, next byte, s *Segment) bool {
	if at > size {
		return false
	}
	part := fragment{at: place, size: size - at, data: data[min(at, len(data)):min(size, len(data))]}
	d, dropped := r.fragments.add(packetKey{s.From.Addr(), s.To.Addr(), id}, s.Time, next, part, more)
	r.Stats.Fragments += uint64(dropped)
	if d == nil {
		return false
	}
	return r.extensions(r.fragments.join(d), d.next, 0, d.size, true, s)
}

// ipv6 finds the TCP segment behind the extension headers.
func (r *Reader) ipv6(data []byte, missing int, s *Segment) bool {
	const head = 40
	if len(data) < head {
		r.Stats.Cut++
		return false
	}
	next, size, at := data[6], int(binary.BigEndian.Uint16(data[4:])), head
	if size += head; size == head { // a jumbogram, or left to the network card
		size = len(data) + missing
	}
	size = min(size, len(data)+missing)
	s.From = netip.AddrPortFrom(netip.AddrFrom16([16]byte(data[8:])), 0)
	s.To = netip.AddrPortFrom(netip.AddrFrom16([16]byte(data[24:])), 0)
	return r.extensions(data, next, at, size, false, s)
}

// extensions finds the TCP segment behind the extension headers of IPv6 that begin at
// data[at:]. joined says that it was put together from fragments.
func (r *Reader) extensions(data []byte, next byte, at, size int, joined bool, s *Segment) bool {
	for next != protoTCP {
		switch next {
		case protoHopByHop, protoRouting, protoDestination, protoMobility, protoAuth, protoFragment:
		default:
			return false
		}
		if len(data) < at+8 {
			r.Stats.Cut++
			return false
		}
		length := int(data[at+1])
		switch next {
		case protoFragment:
			length = 8
			// A packet that is its only fragment is whole.
			if place := binary.BigEndian.Uint16(data[at+2:]); place&^6 != 0 {
				if joined {
					r.Stats.Fragments++ // of fragments: nobody sends that
					return false
				}
				return r.fragment(data, at+length, size, int(place&^7), place&1 != 0, binary.BigEndian.Uint32(data[at+4:]), data[at], s)
			}
		case protoAuth:
			length = (length + 2) * 4
		default:
			length = (length + 1) * 8
		}
		next, at = data[at], at+length
	}
	return r.tcp(data, at, size, s)
}

// tcp reads the segment at data[at:] of a packet of IP of size bytes.
func (r *Reader) tcp(data []byte, at, size int, s *Segment) bool {
	const least = 20
	if len(data) < at+least {
		if size >= at+least {
			r.Stats.Cut++
		}
		return false
	}
	head := data[at:]
	s.From = netip.AddrPortFrom(s.From.Addr(), binary.BigEndian.Uint16(head))
	s.To = netip.AddrPortFrom(s.To.Addr(), binary.BigEndian.Uint16(head[2:]))
	s.Seq, s.Ack = binary.BigEndian.Uint32(head[4:]), binary.BigEndian.Uint32(head[8:])
	s.Flags = Flags(head[13])
	length := int(head[12]>>4) * 4
	if length < least || at+length > size {
		return false
	}
	// Ethernet pads short packets: what counts is the size that IP says.
	at += length
	s.Payload, s.Cut = nil, size-at
	if at < len(data) {
		s.Payload = data[at:min(size, len(data))]
		s.Cut -= len(s.Payload)
	}
	return true
}
