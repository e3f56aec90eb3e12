// Package packets reads packet captures, pcap and pcapng, as tcpdump and Wireshark
// write them, and finds the TCP segments in them.
//
// Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, the list of link types of
// tcpdump.org, RFC 791 (IPv4), RFC 8200 (IPv6), RFC 9293 (TCP).
package packets

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"
)

// Segment is a TCP segment. Its payload is lent until the next one is read.
type Segment struct {
	Time     time.Time
	From, To netip.AddrPort
	Seq, Ack uint32
	Flags    Flags
	Payload  []byte
	Cut      int // bytes of the payload that the capture left out behind Payload
}

// Flags are those of a TCP segment.
type Flags uint8

// The flags that matter here.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	_ // PSH
	ACK
)

// Has reports whether a flag is set.
func (f Flags) Has(flag Flags) bool { return f&flag != 0 }

// Stats counts what a capture had beside TCP segments.
type Stats struct {
	Packets   uint64 // all
	Fragments uint64 // of IP, of whose packets something is missing
	Cut       uint64 // packets of which not even the headers were captured
	Unknown   uint64 // packets of link layers that are not known
}

const (
	// MaxPacket is the largest packet that is read, in bytes: tcpdump captures no more
	// of any.
	MaxPacket = 256 << 10
	// BufferSize is the least size of a Reader's buffer, in bytes.
	BufferSize = MaxPacket + 4096
)

// headSize is the number of bytes that tell the kinds of captures apart.
const headSize = 4

// The first four bytes of captures, read as big-endian numbers. A pcap file is in the
// byte order of its writer, with times in microseconds or nanoseconds.
const (
	magicMicro        = 0xa1b2c3d4
	magicMicroSwapped = 0xd4c3b2a1
	magicNano         = 0xa1b23c4d
	magicNanoSwapped  = 0x4d3cb2a1
	magicNG           = 0x0a0d0d0a
)

// Begins reports whether a file that begins with head is a packet capture.
func Begins(head []byte) bool {
	if len(head) < headSize {
		return false
	}
	switch binary.BigEndian.Uint32(head) {
	case magicMicro, magicMicroSwapped, magicNano, magicNanoSwapped, magicNG:
		return true
	}
	return false
}

// ErrCutShort is the error of a capture that ends within a packet, as one does whose
// writer was killed.
var ErrCutShort = errors.New("the capture ends in the middle of a packet")

// Reader finds the TCP segments of a capture.
type Reader struct {
	Stats Stats

	in     *bufio.Reader
	order  binary.ByteOrder
	next   func(*packet) error
	packet packet

	fragments fragments

	// Of pcap.
	link  uint32
	nanos bool
	// Of pcapng: the interfaces of the section.
	interfaces []source
}

// packet is a packet as the capture has it.
type packet struct {
	time time.Time
	link uint32
	data []byte
	size int // of the packet on the network, at least len(data)
}

// NewReader makes a Reader of a capture; in has a buffer of at least BufferSize.
func NewReader(in *bufio.Reader) (*Reader, error) {
	r := &Reader{in: in}
	head, err := in.Peek(headSize)
	if err != nil {
		return nil, short(err)
	}
	magic := binary.BigEndian.Uint32(head)
	switch magic {
	case magicNG:
		r.next = r.nextBlock
		return r, nil
	case magicMicro, magicNano:
		r.order = binary.BigEndian
	case magicMicroSwapped, magicNanoSwapped:
		r.order = binary.LittleEndian
	default:
		return nil, fmt.Errorf("it begins with %x: expected a capture, pcap or pcapng", head)
	}
	r.nanos = magic == magicNano || magic == magicNanoSwapped
	const fileHeader = 24
	if head, err = in.Peek(fileHeader); err != nil {
		return nil, short(err)
	}
	r.link = r.order.Uint32(head[20:]) & linkMask
	if !known(r.link) {
		return nil, fmt.Errorf("link layer %d is not known: expected %s", r.link, knownLinks)
	}
	r.next = r.nextRecord
	_, _ = in.Discard(fileHeader) // it was there
	return r, nil
}

// Next reads up to the next TCP segment. At the end it returns io.EOF, and ErrCutShort
// where that is within a packet. Any other error says what is wrong with the capture,
// or is that of its reader.
func (r *Reader) Next(s *Segment) error {
	for {
		if err := r.next(&r.packet); err != nil {
			r.Stats.Fragments += uint64(r.fragments.close())
			return err
		}
		r.Stats.Packets++
		s.Time = r.packet.time
		if r.decode(&r.packet, s) {
			return nil
		}
	}
}

// sizeOf returns the size of a packet, of which at least data was captured.
func sizeOf(claimed uint32, data []byte) int {
	const most = 1 << 20 // no link has larger packets
	return max(int(min(claimed, most)), len(data))
}

// short turns the end of the input within something into ErrCutShort.
func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrCutShort
	}
	return err
}

// take returns the next n bytes, which are lent until the next read.
func (r *Reader) take(n int) ([]byte, error) {
	b, err := r.in.Peek(n)
	if err != nil {
		return nil, short(err)
	}
	_, err = r.in.Discard(n)
	return b, err
}

// atEnd returns io.EOF at the end of the input.
func (r *Reader) atEnd() error {
	_, err := r.in.Peek(1)
	return err
}

// nextRecord reads a packet of a pcap file.
func (r *Reader) nextRecord(p *packet) error {
	const recordHeader = 16
	if err := r.atEnd(); err != nil {
		return err
	}
	head, err := r.take(recordHeader)
	if err != nil {
		return err
	}
	seconds, fraction := r.order.Uint32(head), int64(r.order.Uint32(head[4:]))
	captured, size := r.order.Uint32(head[8:]), r.order.Uint32(head[12:])
	if captured > MaxPacket {
		return fmt.Errorf("packet %d claims to have %d bytes: expected at most %d", r.Stats.Packets+1, captured, MaxPacket)
	}
	if !r.nanos {
		fraction *= 1000
	}
	p.time, p.link = time.Unix(int64(seconds), fraction), r.link
	p.data, err = r.take(int(captured))
	p.size = sizeOf(size, p.data)
	return err
}
