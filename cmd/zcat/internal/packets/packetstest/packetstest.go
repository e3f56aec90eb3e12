// Package packetstest writes packet captures for tests, byte by byte as the
// specifications have them.
package packetstest

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// Capture is a packet capture that grows.
type Capture struct {
	Bytes []byte
	Time  time.Time     // of the next packet
	Step  time.Duration // between packets
	Link  Link
	Snap  int // bytes that are captured of a packet; 0 is all
	NG    bool
	Order binary.AppendByteOrder // nil is little-endian
	Micro bool                   // times in microseconds; of pcap
}

// Link is a link layer.
type Link struct {
	Number uint32
	Head   func(v6 bool) []byte
}

// etherType is that of IP.
func etherType(v6 bool) uint16 {
	if v6 {
		return 0x86dd
	}
	return 0x0800
}

// Links lists the link layers by name.
func Links() map[string]Link {
	ending := func(number uint32, head ...byte) Link {
		return Link{number, func(v6 bool) []byte { return binary.BigEndian.AppendUint16(append([]byte{}, head...), etherType(v6)) }}
	}
	family := func(number uint32, order binary.AppendByteOrder) Link {
		return Link{number, func(v6 bool) []byte {
			if v6 {
				return order.AppendUint32(nil, 10)
			}
			return order.AppendUint32(nil, 2)
		}}
	}
	return map[string]Link{
		"Ethernet": ending(1, make([]byte, 12)...),
		"VLAN":     ending(1, append(make([]byte, 12), 0x81, 0, 0, 7)...),
		"QinQ":     ending(1, append(make([]byte, 12), 0x88, 0xa8, 0, 7, 0x81, 0, 0, 8)...),
		"null":     family(0, binary.LittleEndian),
		"loop":     family(108, binary.BigEndian),
		"cooked 1": ending(113, make([]byte, 14)...),
		"cooked 2": {276, func(v6 bool) []byte {
			return append(binary.BigEndian.AppendUint16(nil, etherType(v6)), make([]byte, 18)...)
		}},
		"raw": {101, func(bool) []byte { return nil }},
	}
}

// New begins a capture of pcap on a link.
func New(link Link) *Capture {
	return &Capture{Link: link, Time: time.Unix(1764444000, 0).UTC(), Step: 100 * time.Microsecond}
}

func (c *Capture) order() binary.AppendByteOrder {
	if c.Order == nil {
		return binary.LittleEndian
	}
	return c.Order
}

// begin writes what stands in front of the first packet.
func (c *Capture) begin() {
	if len(c.Bytes) > 0 {
		return
	}
	o := c.order()
	if c.NG {
		section := o.AppendUint32(nil, 0x1a2b3c4d)
		section = o.AppendUint16(o.AppendUint16(section, 1), 0)
		c.Block(0x0a0d0d0a, append(section, 255, 255, 255, 255, 255, 255, 255, 255))
		source := o.AppendUint16(o.AppendUint16(nil, uint16(c.Link.Number)), 0)
		source = o.AppendUint32(source, 0)
		source = o.AppendUint16(o.AppendUint16(source, 9), 1) // the resolution: nanoseconds
		source = append(source, 9, 0, 0, 0)
		c.Block(1, append(source, 0, 0, 0, 0))
		return
	}
	magic := uint32(0xa1b23c4d)
	if c.Micro {
		magic = 0xa1b2c3d4
	}
	c.Bytes = o.AppendUint16(o.AppendUint16(o.AppendUint32(c.Bytes, magic), 2), 4)
	c.Bytes = o.AppendUint32(append(c.Bytes, 0, 0, 0, 0, 0, 0, 0, 0), 262144)
	c.Bytes = o.AppendUint32(c.Bytes, c.Link.Number)
}

// Block appends a block of pcapng.
func (c *Capture) Block(kind uint32, body []byte) {
	o := c.order()
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	size := uint32(12 + len(body))
	c.Bytes = append(o.AppendUint32(o.AppendUint32(c.Bytes, kind), size), body...)
	c.Bytes = o.AppendUint32(c.Bytes, size)
}

// Packet appends a packet, with the head of its link.
func (c *Capture) Packet(data []byte) {
	c.begin()
	o := c.order()
	whole := len(data)
	if c.Snap > 0 {
		data = data[:min(c.Snap, whole)]
	}
	if c.NG {
		ticks := uint64(c.Time.UnixNano())
		body := o.AppendUint32(o.AppendUint32(o.AppendUint32(nil, 0), uint32(ticks>>32)), uint32(ticks))
		c.Block(6, append(o.AppendUint32(o.AppendUint32(body, uint32(len(data))), uint32(whole)), data...))
	} else {
		fraction := c.Time.Nanosecond()
		if c.Micro {
			fraction /= 1000
		}
		c.Bytes = o.AppendUint32(o.AppendUint32(c.Bytes, uint32(c.Time.Unix())), uint32(fraction))
		c.Bytes = append(o.AppendUint32(o.AppendUint32(c.Bytes, uint32(len(data))), uint32(whole)), data...)
	}
	c.Time = c.Time.Add(c.Step)
}

// The flags of a segment.
const (
	FIN = 1 << iota
	SYN
	RST
	PSH
	ACK
)

// TCP appends a segment.
func (c *Capture) TCP(from, to netip.AddrPort, seq, ack uint32, flags byte, payload []byte) {
	c.Packet(append(c.Link.Head(from.Addr().Is6()), IP(from, to, seq, ack, flags, payload)...))
}

// IP returns a packet of IP with a segment.
func IP(from, to netip.AddrPort, seq, ack uint32, flags byte, payload []byte) []byte {
	big := binary.BigEndian
	tcp := big.AppendUint16(big.AppendUint16(nil, from.Port()), to.Port())
	tcp = big.AppendUint32(big.AppendUint32(tcp, seq), ack)
	tcp = append(append(tcp, 5<<4, flags, 255, 255, 0, 0, 0, 0), payload...)
	if from.Addr().Is6() {
		ip := append([]byte{6 << 4, 0, 0, 0}, byte(len(tcp)>>8), byte(len(tcp)), 6, 64)
		ip = append(append(ip, from.Addr().AsSlice()...), to.Addr().AsSlice()...)
		return append(ip, tcp...)
	}
	size := 20 + len(tcp)
	ip := []byte{4<<4 | 5, 0, byte(size >> 8), byte(size), 0, 0, 0x40, 0, 64, 6, 0, 0}
	ip = append(append(ip, from.Addr().AsSlice()...), to.Addr().AsSlice()...)
	return append(ip, tcp...)
}

// Conn is a connection whose segments go into a capture.
type Conn struct {
	*Capture
	Ends [2]netip.AddrPort // the client, the server
	Next [2]uint32
}

// Connect makes a connection between two endpoints, such as 127.0.0.1:5555. Its
// beginning is captured.
func (c *Capture) Connect(client, server string) *Conn {
	n := c.Resume(client, server)
	n.TCP(n.Ends[0], n.Ends[1], n.Next[0]-1, 0, SYN, nil)
	n.TCP(n.Ends[1], n.Ends[0], n.Next[1]-1, n.Next[0], SYN|ACK, nil)
	n.Ack(0)
	return n
}

// Resume is Connect for a connection that began before the capture.
func (c *Capture) Resume(client, server string) *Conn {
	return &Conn{Capture: c, Ends: [2]netip.AddrPort{netip.MustParseAddrPort(client), netip.MustParseAddrPort(server)}, Next: [2]uint32{0xfffffff0, 1000}}
}

// Ack sends an acknowledgement from a side.
func (n *Conn) Ack(side int) {
	n.TCP(n.Ends[side], n.Ends[1-side], n.Next[side], n.Next[1-side], ACK, nil)
}

// Send sends data from a side, in a segment.
func (n *Conn) Send(side int, data ...[]byte) {
	all := n.Skip(side, data...)
	n.TCP(n.Ends[side], n.Ends[1-side], n.Next[side]-uint32(len(all)), n.Next[1-side], PSH|ACK, all)
}

// Skip sends data that the capture misses, and returns it.
func (n *Conn) Skip(side int, data ...[]byte) (all []byte) {
	for _, d := range data {
		all = append(all, d...)
	}
	n.Next[side] += uint32(len(all))
	return all
}

// Close ends the connection from a side, and then from the other.
func (n *Conn) Close(side int) {
	for _, s := range []int{side, 1 - side} {
		n.TCP(n.Ends[s], n.Ends[1-s], n.Next[s], n.Next[1-s], FIN|ACK, nil)
		n.Next[s]++
	}
	n.Ack(side)
}

// Frame returns a frame of ZMTP.
func Frame(flags byte, body []byte) []byte {
	if len(body) > 255 {
		return append(binary.BigEndian.AppendUint64([]byte{flags | 2}, uint64(len(body))), body...)
	}
	return append([]byte{flags, byte(len(body))}, body...)
}

// Message returns a message of ZMTP.
func Message(list ...string) (wire []byte) {
	for i, f := range list {
		more := byte(0)
		if i+1 < len(list) {
			more = 1
		}
		wire = append(wire, Frame(more, []byte(f))...)
	}
	return wire
}

// Command returns a command of ZMTP.
func Command(name, data string) []byte {
	return Frame(4, append(append([]byte{byte(len(name))}, name...), data...))
}

// Greeting returns the greeting of ZMTP 3.1.
func Greeting(mechanism string) []byte {
	b := make([]byte, 64)
	b[0], b[8], b[9], b[10], b[11] = 0xff, 1, 0x7f, 3, 1
	copy(b[12:32], mechanism)
	return b
}

// Property returns a property of a socket.
func Property(name, value string) string {
	return string(byte(len(name))) + name + string(binary.BigEndian.AppendUint32(nil, uint32(len(value)))) + value
}

// Ready returns the READY of a socket, with its identity unless that is "".
func Ready(kind, identity string) []byte {
	data := Property("Socket-Type", kind)
	if identity != "" {
		data += Property("Identity", identity)
	}
	return Command("READY", data)
}

// Handshake makes both sides greet each other with NULL.
func (n *Conn) Handshake(client, server string) {
	n.Send(0, Greeting("NULL"))
	n.Send(1, Greeting("NULL"))
	n.Send(0, Ready(client, ""))
	n.Send(1, Ready(server, ""))
}
