package packets_test

import (
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

// fragmentsOf cuts a packet of IP into fragments whose payloads have at most so many bytes.
func fragmentsOf(packet []byte, id uint32, most int) (all [][]byte) {
	head := 20
	if packet[0]>>4 == 6 {
		head = 40
	}
	payload := packet[head:]
	for at := 0; at < len(payload); at += most {
		part := payload[at:min(at+most, len(payload))]
		more := at+len(part) < len(payload)
		one := append([]byte{}, packet[:head]...)
		if head == 20 {
			binary.BigEndian.PutUint16(one[2:], uint16(head+len(part)))
			binary.BigEndian.PutUint16(one[4:], uint16(id))
			place := uint16(at / 8)
			if more {
				place |= 0x2000
			}
			binary.BigEndian.PutUint16(one[6:], place)
		} else {
			binary.BigEndian.PutUint16(one[4:], uint16(8+len(part)))
			one[6] = 44
			place := uint16(at)
			if more {
				place |= 1
			}
			one = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(append(one, packet[6], 0), place), id)
		}
		all = append(all, append(one, part...))
	}
	return all
}

// captured reads packets of raw IP.
func captured(t *testing.T, list [][]byte, snap int, step time.Duration) (payloads []string, stats packets.Stats) {
	t.Helper()
	c := packetstest.New(packetstest.Links()["raw"])
	c.Snap, c.Step = snap, step
	for _, p := range list {
		c.Packet(p)
	}
	segments, stats, err := read(c.Bytes)
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	for _, s := range segments {
		payloads = append(payloads, fmt.Sprintf("%s+%d", s.Payload, s.Cut))
	}
	return payloads, stats
}

// Fragments are put together, in whatever order they come, however often, and beside those
// of other packets; of what is not whole the number of fragments is told.
func TestFragments(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", 20)
	for _, ends := range [][2]string{{"10.0.0.1:1", "10.0.0.2:2"}, {"[fe80::1]:1", "[fe80::2]:2"}} {
		from, to := netip.MustParseAddrPort(ends[0]), netip.MustParseAddrPort(ends[1])
		packet := packetstest.IP(from, to, 7, 0, packetstest.ACK, []byte(text))
		parts := fragmentsOf(packet, 77, 64)
		n := len(parts)
		other := fragmentsOf(packetstest.IP(from, to, 9, 0, packetstest.ACK, []byte("other"+text)), 78, 128)
		overlap := fragmentsOf(packet, 77, 72)[1]
		for _, c := range []struct {
			name  string
			list  [][]byte
			snap  int
			step  time.Duration
			want  string
			stats packets.Stats
		}{
			{"in order", parts, 0, 1, text + "+0", packets.Stats{}},
			{"the last first", append([][]byte{parts[n-1]}, parts[:n-1]...), 0, 1, text + "+0", packets.Stats{}},
			{"twice each", [][]byte{parts[0], parts[0], parts[1], parts[1], parts[2], parts[3], parts[4], parts[4], parts[5]}, 0, 1, text + "+0", packets.Stats{}},
			{"two packets", [][]byte{parts[0], other[0], parts[1], parts[2], other[1], parts[3], other[2], parts[4], parts[5]}, 0, 1, "other" + text + "+0 " + text + "+0", packets.Stats{}},
			{"one missing", append(parts[:2:2], parts[3:]...), 0, 1, "", packets.Stats{Fragments: uint64(n - 1)}},
			{"overlapping", append([][]byte{parts[0], overlap}, parts[1:]...), 0, 1, "", packets.Stats{Fragments: uint64(n + 1)}},
			{"too late", parts, 0, 13 * time.Second, "", packets.Stats{Fragments: uint64(n)}},
			{"cut", parts, len(parts[0]) - 20, 1, text[:24] + fmt.Sprintf("+%d", len(text)-24), packets.Stats{}},
		} {
			got, stats := captured(t, c.list, c.snap, c.step)
			stats.Packets = 0
			if strings.Join(got, " ") != c.want || stats != c.stats {
				t.Errorf("%v, %s: %q, %+v", from, c.name, got, stats)
			}
		}
	}
}

// A fragment that no system sends, and what is not TCP: they are counted, or ignored.
func TestStrangeFragments(t *testing.T) {
	from, to := netip.MustParseAddrPort("10.0.0.1:1"), netip.MustParseAddrPort("10.0.0.2:2")
	far := fragmentsOf(packetstest.IP(from, to, 7, 0, packetstest.ACK, make([]byte, 100)), 1, 64)[1]
	binary.BigEndian.PutUint16(far[6:], 0x1fff)
	uneven := fragmentsOf(packetstest.IP(from, to, 7, 0, packetstest.ACK, make([]byte, 100)), 1, 61)[0]
	udp := fragmentsOf(packetstest.IP(from, to, 7, 0, packetstest.ACK, make([]byte, 100)), 1, 64)[0]
	udp[9] = 17
	got, stats := captured(t, [][]byte{far, uneven, udp}, 0, 1)
	if len(got) > 0 || stats.Fragments != 2 {
		t.Errorf("%q, %+v", got, stats)
	}
	// A fragment of fragments.
	from, to = netip.MustParseAddrPort("[::1]:1"), netip.MustParseAddrPort("[::1]:2")
	once := fragmentsOf(packetstest.IP(from, to, 7, 0, packetstest.ACK, make([]byte, 100)), 1, 64)[0]
	if got, stats := captured(t, fragmentsOf(once, 2, 32), 0, 1); len(got) > 0 || stats.Fragments == 0 {
		t.Errorf("%q, %+v", got, stats)
	}
}
