package zmtp

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/locks"
	"github.com/zcat/zcat/pkg/sockets/internal/transport"
)

// errSilent is the reason of a connection's end whose peer did not answer a PING,
// or broke the promise of its own.
var errSilent = errors.New("the peer fell silent")

// beat keeps watch over a connection: it sends PINGs and ends the connection
// when the peer stays silent for too long. Any input counts as life.
type beat struct {
	mu       locks.Mutex[locks.Conn]
	conn     *Conn
	config   Heartbeat
	ping     *time.Timer   // to the next PING
	silence  *time.Timer   // to the end, if nothing arrives
	armed    bool          // silence is running, or will be again after a pause
	patience time.Duration // how long silence runs
	due      time.Time     // when silence ends
	paused   bool          // this side does not read, so silence proves nothing
	expired  bool
	ended    bool
}

func (b *beat) begin(c *Conn, config Heartbeat) {
	b.conn, b.config = c, config
	if config.Interval <= 0 {
		return
	}
	if b.config.Timeout <= 0 {
		b.config.Timeout = config.Interval
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ping = time.AfterFunc(config.Interval, b.sendPing)
}

// sendPing sends a PING and expects life within the timeout.
func (b *beat) sendPing() {
	// The watch begins before the PING is out: its PONG may be here at once.
	if !b.expectPong() {
		return
	}
	// Outside the lock: the goroutine that queues commands may be about to close
	// the conn.
	wire := append(framing.AppendHeader(nil, framing.FlagCommand, 7), "\x04PING"...)
	b.conn.control(binary.BigEndian.AppendUint16(wire, uint16(b.config.TTL/ttlUnit)))
}

// expectPong prepares for a PING, unless the connection has ended.
func (b *beat) expectPong() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return false
	}
	b.ping.Reset(b.config.Interval)
	b.arm(b.config.Timeout)
	return true
}

// promised notes the peer's promise to send something within ttl.
func (b *beat) promised(ttl time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ttl > 0 && !b.ended {
		b.arm(ttl)
	}
}

// arm expects life within d, or sooner where that was expected already.
func (b *beat) arm(d time.Duration) {
	due := time.Now().Add(d)
	switch {
	case b.paused && (!b.armed || d < b.patience):
		b.armed, b.patience = true, d
	case !b.paused && (!b.armed || due.Before(b.due)):
		b.armed, b.patience, b.due = true, d, due
		b.start()
	}
}

// start lets silence run.
func (b *beat) start() {
	if b.silence == nil {
		b.silence = time.AfterFunc(b.patience, b.expire)
		return
	}
	b.silence.Reset(b.patience)
}

// expire ends a connection whose peer was silent for too long. Where bytes from it
// wait to be read, this side is late: its reader rests, waits for the socket's
// lock, or the machine is busy. libzmq's clock runs on while it does not read.
func (b *beat) expire() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	// The timer may have fired while input arrived and a later end was set.
	if !b.armed || b.paused || b.ended || now.Before(b.due) {
		return
	}
	if waiting, ok := transport.InQueue(b.conn.nc); ok && waiting > 0 {
		b.due = now.Add(b.patience)
		b.start()
		return
	}
	b.expired = true
	_ = b.conn.nc.Close() // the read that fails now reports it
}

// alive is called for each piece of input.
func (b *beat) alive() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.disarm()
}

func (b *beat) disarm() {
	if !b.armed {
		return
	}
	b.armed = false
	if b.silence != nil {
		b.silence.Stop()
	}
}

// pause and resume bracket the time in which this side does not read. The clock
// stands still meanwhile, and then begins again: what the peer sent in that time
// has to be read first.
func (b *beat) pause() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paused = true
	if b.silence != nil {
		b.silence.Stop()
	}
}

func (b *beat) resume() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paused = false
	if b.armed && !b.ended {
		b.due = time.Now().Add(b.patience)
		b.start()
	}
}

func (b *beat) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	if b.ping != nil {
		b.ping.Stop()
	}
	if b.silence != nil {
		b.silence.Stop()
	}
}

// silent reports whether the watch ended the connection.
func (b *beat) silent() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.expired
}

// Closed reports whether Close was called.
func (c *Conn) Closed() bool {
	c.beat.mu.Lock()
	defer c.beat.mu.Unlock()
	return c.beat.ended
}

// Pause says that this side will not read for a while: a peer is not taken for
// silent because nobody reads.
func (c *Conn) Pause() { c.beat.pause() }

// Resume ends what Pause began: a peer that promised to send something has as much
// time as it had at first.
func (c *Conn) Resume() { c.beat.resume() }
