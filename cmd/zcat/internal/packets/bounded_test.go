package packets

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// However many packets are begun and never completed, and however small their fragments:
// what is held is bounded, what is completed meanwhile comes through, and each of the others
// is counted.
func TestFragmentsAreBounded(t *testing.T) {
	for _, size := range []int{8, 1400} {
		var f fragments
		random := rand.New(rand.NewPCG(1, 1))
		host := netip.MustParseAddr("10.0.0.1")
		now := time.Unix(0, 0)
		body := make([]byte, size)
		whole, dropped, most := 0, 0, 0
		const rounds = 100000
		for i := range uint32(rounds) {
			now = now.Add(time.Microsecond)
			_, n := f.add(packetKey{host, host, i}, now, protoTCP, fragment{size * random.IntN(40), size, body}, true)
			dropped += n
			if i%100 == 0 {
				key := packetKey{host, netip.IPv6Loopback(), i}
				_, n := f.add(key, now, protoTCP, fragment{size, size, body}, false)
				d, m := f.add(key, now, protoTCP, fragment{0, size, body}, true)
				if dropped += n + m; d != nil && len(f.join(d)) == 2*size {
					whole++
				}
			}
			most = max(most, f.held)
		}
		if dropped += f.close(); whole != rounds/100 || dropped != rounds || most > maxFragments || f.held != 0 || len(f.waiting) != 0 {
			t.Errorf("of %d bytes: %d whole, %d given up, %d bytes held at most, %d at the end", size, whole, dropped, most, f.held)
		}
	}
}
