package packets_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/packets"
	"github.com/zcat/zcat/cmd/zcat/internal/packets/packetstest"
)

// read returns all segments of a capture, with payloads of their own.
func read(capture []byte) (all []packets.Segment, stats packets.Stats, err error) {
	r, err := packets.NewReader(bufio.NewReaderSize(bytes.NewReader(capture), packets.BufferSize))
	if err != nil {
		return nil, stats, err
	}
	for {
		var s packets.Segment
		if err := r.Next(&s); err != nil {
			return all, r.Stats, err
		}
		s.Payload = bytes.Clone(s.Payload)
		all = append(all, s)
	}
}

// Each link layer, of each form of file, in each byte order, gives the same segments.
func TestEveryLinkLayerOfEveryForm(t *testing.T) {
	pairs := [][2]string{{"127.0.0.1:40000", "10.0.0.1:5555"}, {"[::1]:40000", "[fe80::1]:5555"}}
	for name, link := range packetstest.Links() {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			for form := range 3 {
				c := packetstest.New(link)
				c.Order, c.NG, c.Micro = order, form == 0, form == 1
				at := c.Time
				for _, pair := range pairs {
					c.Connect(pair[0], pair[1]).Send(0, []byte("hello"))
				}
				got, _, err := read(c.Bytes)
				if !errors.Is(err, io.EOF) || len(got) != 4*len(pairs) {
					t.Fatalf("%s, %v, form %d: %d segments, %v", name, order, form, len(got), err)
				}
				for i, pair := range pairs {
					s := got[4*i+3]
					from, to := netip.MustParseAddrPort(pair[0]), netip.MustParseAddrPort(pair[1])
					if s.From != from || s.To != to || string(s.Payload) != "hello" || s.Cut != 0 ||
						!s.Time.Equal(at.Add(time.Duration(4*i+3)*c.Step)) || !s.Flags.Has(packets.ACK) || s.Seq != 0xfffffff0 {
						t.Errorf("%s, %v, form %d: %+v", name, order, form, s)
					}
				}
			}
		}
	}
}

// What a capture cuts off, padding, fragments and extension headers.
func TestWhatIsNotAWholeSegment(t *testing.T) {
	from, to := netip.MustParseAddrPort("127.0.0.1:1"), netip.MustParseAddrPort("127.0.0.1:2")
	from6, to6 := netip.MustParseAddrPort("[::1]:1"), netip.MustParseAddrPort("[::1]:2")
	ip := func() []byte { return packetstest.IP(from, to, 7, 0, packetstest.ACK, []byte("payload")) }
	ip6 := func(next byte, headers ...byte) []byte {
		p := packetstest.IP(from6, to6, 7, 0, packetstest.ACK, []byte("payload"))
		p[6] = next
		p[5] += byte(len(headers))
		return append(append(p[:40:40], headers...), p[40:]...)
	}
	fragment := ip()
	fragment[6] = 0x20
	udp := ip()
	udp[9] = 17
	for _, c := range []struct {
		name  string
		data  []byte
		snap  int
		want  string // the payload and what was cut of it, "" for no segment
		stats packets.Stats
	}{
		{"whole", ip(), 0, "payload+0", packets.Stats{}},
		{"padded", append(ip(), 0, 0, 0), 0, "payload+0", packets.Stats{}},
		{"the payload cut", ip(), 40 + 3, "pay+4", packets.Stats{}},
		{"no payload captured", ip(), 40, "+7", packets.Stats{}},
		{"the header cut", ip(), 39, "", packets.Stats{Cut: 1}},
		{"nothing captured of IP", ip(), 19, "", packets.Stats{Cut: 1}},
		{"a fragment", fragment, 0, "", packets.Stats{Fragments: 1}},
		{"another protocol", udp, 0, "", packets.Stats{}},
		{"IPv6 with options", ip6(0, 60, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0), 0, "payload+0", packets.Stats{}},
		{"IPv6 with authentication", ip6(51, 6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0, "payload+0", packets.Stats{}},
		{"IPv6, the only fragment", ip6(44, 6, 0, 0, 0, 0, 0, 0, 1), 0, "payload+0", packets.Stats{}},
		{"IPv6, a fragment", ip6(44, 6, 0, 0, 1, 0, 0, 0, 1), 0, "", packets.Stats{Fragments: 1}},
		{"IPv6, encrypted", ip6(50), 0, "", packets.Stats{}},
		{"IPv6, a header cut", ip6(0, 6, 200, 0, 0, 0, 0, 0, 0), 0, "", packets.Stats{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			capture := packetstest.New(packetstest.Links()["raw"])
			capture.Snap = c.snap
			capture.Packet(c.data)
			all, stats, err := read(capture.Bytes)
			got := ""
			for _, s := range all {
				got += fmt.Sprintf("%s+%d", s.Payload, s.Cut)
			}
			c.stats.Packets = 1
			if got != c.want || stats != c.stats || !errors.Is(err, io.EOF) {
				t.Errorf("%q, %+v, %v", got, stats, err)
			}
		})
	}
}

// A capture that is cut short anywhere gives what is before that, and says so.
func TestCutAtEveryByte(t *testing.T) {
	for _, ng := range []bool{false, true} {
		c := packetstest.New(packetstest.Links()["Ethernet"])
		c.NG = ng
		ends := map[int]int{} // the number of segments in so many bytes
		n := c.Resume("127.0.0.1:1", "127.0.0.1:2")
		for i := range 3 {
			n.Send(0, []byte("data"))
			ends[len(c.Bytes)] = i + 1
		}
		count := 0
		for size := range len(c.Bytes) + 1 {
			got, _, err := read(c.Bytes[:size])
			if n, whole := ends[size]; whole {
				count = n
				if !errors.Is(err, io.EOF) {
					t.Fatalf("%d bytes: %v", size, err)
				}
			} else if !errors.Is(err, packets.ErrCutShort) && !errors.Is(err, io.EOF) {
				t.Fatalf("%d bytes: %v", size, err)
			}
			if len(got) != count {
				t.Fatalf("%d bytes: %d segments, not %d", size, len(got), count)
			}
		}
	}
}

// What is no capture, or one that is damaged, is refused with what is wrong.
func TestRefused(t *testing.T) {
	wrongLink := packetstest.New(packetstest.Link{Number: 147, Head: func(bool) []byte { return nil }})
	wrongLink.Packet(nil)
	huge := packetstest.New(packetstest.Links()["raw"])
	huge.Packet(nil)
	binary.LittleEndian.PutUint32(huge.Bytes[24+8:], 1<<30)
	block := packetstest.New(packetstest.Links()["raw"])
	block.NG = true
	block.Packet(nil)
	block.Bytes = append(block.Bytes, 6, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0)
	for want, capture := range map[string][]byte{
		"expected a capture": []byte("hello, world"), "link layer 147": wrongLink.Bytes, "claims to have 1073741824 bytes": huge.Bytes,
		"claims to have 13 bytes": block.Bytes, "middle of a packet": {0xa1}, "byte order": {0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 16, 1, 2, 3, 4},
	} {
		if _, _, err := read(capture); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	if packets.Begins([]byte("{\"ti")) || packets.Begins(nil) || !packets.Begins(huge.Bytes) || !packets.Begins(block.Bytes) {
		t.Error("a capture is told by its first bytes")
	}
}

// Interfaces of pcapng have their own links and clocks; blocks that are not known are
// skipped, and packets of links that are not known counted.
func TestInterfacesOfNG(t *testing.T) {
	c := packetstest.New(packetstest.Links()["raw"])
	c.NG = true
	c.Packet(nil)
	little := binary.LittleEndian
	c.Block(1, []byte{147, 0, 0, 0, 0, 0, 0, 0})
	binaryClock := []byte{101, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 0x80 | 10, 0, 0, 0, 14, 0, 8, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	c.Block(1, binaryClock)
	c.Block(0xbad, make([]byte, 300<<10))
	data := packetstest.IP(netip.MustParseAddrPort("127.0.0.1:1"), netip.MustParseAddrPort("127.0.0.1:2"), 7, 0, packetstest.ACK, nil)
	for which := range uint32(4) {
		body := little.AppendUint32(little.AppendUint32(little.AppendUint32(nil, which), 0), 1024+512)
		c.Block(6, append(little.AppendUint32(little.AppendUint32(body, uint32(len(data))), uint32(len(data))), data...))
	}
	c.Block(3, append(little.AppendUint32(nil, uint32(len(data))), data...))
	all, stats, err := read(c.Bytes)
	if len(all) != 3 || !errors.Is(err, io.EOF) || stats.Unknown != 1 {
		t.Fatalf("%d segments, %+v, %v", len(all), stats, err)
	}
	if at := all[1].Time; !at.Equal(time.Unix(101, 500e6)) {
		t.Errorf("with a clock of 1024 ticks, 100 s late: %v", at)
	}
}

func BenchmarkReader(b *testing.B) {
	c := packetstest.New(packetstest.Links()["Ethernet"])
	n := c.Resume("127.0.0.1:1", "127.0.0.1:2")
	for range 10000 {
		n.Send(0, make([]byte, 32))
	}
	b.SetBytes(int64(len(c.Bytes)))
	for b.Loop() {
		r, err := packets.NewReader(bufio.NewReaderSize(bytes.NewReader(c.Bytes), packets.BufferSize))
		var s packets.Segment
		for err == nil {
			err = r.Next(&s)
		}
	}
}
