package zmtp

import "github.com/zcat/zcat/pkg/sockets/internal/transport"

// yields are how often a poll offers the processor to other processes before it finds
// something. Where both ends share one processor that is once each time, since the peer
// has to run to answer: then the next poll begins with it, and leaves out a read in vain.
// On one processor that takes a twelfth off a round trip (16.7 for 18.3 us, req and rep
// over tcp, scripts/bench); on two it is never once.
type yields struct {
	n     int  // in this poll
	first bool // the poll begins with one
}

func (y *yields) begin() {
	y.n = 0
	if y.first {
		y.yield()
	}
}

// yield is no runtime.Gosched, which would wake another thread each time.
func (y *yields) yield() {
	y.n++
	transport.Yield()
}

// found notes that a read found something.
func (y *yields) found() { y.first = y.n == 1 }
