package zmtp

import (
	"bytes"
	"math"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/transport"
)

// input is the reading side of a Conn: a slab that fills with what arrives. Its
// first whole bytes are messages ready to hand over, up to kept lie the frames
// of a message in progress, from next on what was not looked at yet. Between
// kept and next may be a hole, where commands were taken out.
type input struct {
	slab              *Slab // nil while nothing is pending: an idle peer holds no memory
	whole, kept, next int
	count             int    // messages in the first whole bytes
	want              int    // the size of a slab to go on with that was not granted yet
	size, frames      int    // of the message in progress
	need              uint64 // bytes from next on that the frame at next takes, 0 if not known
	late              []byte // subscriptions that came inside a message, as messages
	lateCount         int
	commands          int   // bytes of them since the last rest
	busy              bool  // the last read filled its slab
	err               error // to be returned once what came before it was
}

// A peer that sends commands without end is read with rests in between. Without
// them its reader would keep a processor busy, and the runtime looks for input of
// others only where a processor has nothing to do.
const (
	commandBurst = 64 << 10
	commandRest  = time.Millisecond
)

// maxLate bounds the subscriptions that are held back inside one message.
const maxLate = 1 << 20

// begin starts with what arrived behind the handshake.
func (in *input) begin(rest []byte) {
	if len(rest) > 0 {
		in.slab = newSlab(len(rest) > smallSlab)
		in.slab.Wire = append(in.slab.Wire, rest...)
	}
}

// Read waits for input and returns a slab of whole messages, at least one,
// which the caller owns. Commands are acted upon on the way. A publisher gets
// subscriptions as messages of one frame: 01 or 00 and the prefix. An error
// ends the connection; what came before it has been returned.
func (c *Conn) Read() (*Slab, error) {
	return c.read(c.reader.Read, nil)
}

// CanPoll reports whether Poll works.
func (c *Conn) CanPoll() bool { return c.reader.CanTry() }

// Poll is Read, but looks again and again instead of waiting, until enough says
// so: it then returns nil and no error. Between two looks it offers the
// processor to other processes.
func (c *Conn) Poll(enough func() bool) (*Slab, error) {
	return c.read(c.reader.TryRead, enough)
}

func (c *Conn) read(once func(get func() []byte, put func([]byte)) ([]byte, int, error), enough func() bool) (*Slab, error) {
	in := &c.in
	for {
		if in.err == nil {
			in.err = c.look()
		}
		if in.count > 0 {
			slab := c.handOver()
			c.granted = min(c.granted, c.Held())
			return slab, nil
		}
		if in.err != nil {
			return nil, in.err
		}
		if in.commands > commandBurst && enough == nil {
			in.commands = 0
			rest := time.NewTimer(commandRest)
			<-rest.C
		}
		if size := c.wanted(); size > c.mayHold() {
			if !c.ask(size, enough == nil) {
				return nil, nil // it is for Read to wait
			}
			continue
		}
		buf, n, err := once(c.get, c.put)
		switch {
		case n > 0:
			// A publisher takes subscriptions in small bites: each is taken in under
			// its socket's lock, which its sender needs as well.
			busy := n == len(buf) && !c.publisher
			if c.opener != nil {
				c.opener.took(n, busy)
			} else {
				in.slab.Wire, in.busy = in.slab.Wire[:len(in.slab.Wire)+n], busy
			}
			c.received.Add(int64(n))
			c.beat.alive()
		case err == nil && enough():
			return nil, nil
		case err == nil:
			transport.Yield() // runtime.Gosched would wake another thread each time
		case c.beat.silent():
			in.err = errSilent
		default:
			in.err = err
		}
	}
}

// look parses what arrived and, where messages have to be waited for, makes room
// for more.
func (c *Conn) look() error {
	if c.opener != nil {
		return c.lookSealed()
	}
	in := &c.in
	if in.slab == nil {
		return nil
	}
	err := c.parse()
	if err == nil && in.count == 0 {
		in.makeRoom(c.mayHold())
	}
	return err
}

// get lends the free end of the slab to a read that has data to put there.
func (in *input) get() []byte {
	if in.slab == nil {
		in.slab = newSlab(in.busy)
	}
	return in.slab.Wire[len(in.slab.Wire):cap(in.slab.Wire)]
}

// put takes it back from a read that found nothing.
func (in *input) put([]byte) {
	if len(in.slab.Wire) == 0 {
		in.slab.Recycle()
		in.slab = nil
	}
}

// parse looks at what arrived, up to the first frame that is not whole.
func (c *Conn) parse() error {
	in := &c.in
	buf := in.slab.Wire
	for {
		rest := buf[in.next:]
		flags, size, header := frames.ParseHeader(rest)
		if c.publisher && flags == frames.FlagCommand && c.opener == nil {
			flags, size, header = mendSubscription(rest)
		}
		if header == 0 {
			in.need = 0
			return nil
		}
		if err := c.checkFrame(flags, size); err != nil {
			return err
		}
		if uint64(len(rest)-header) < size {
			in.need = uint64(header) + size
			return nil
		}
		end := header + int(size)
		in.next += end
		if flags&frames.FlagCommand != 0 {
			in.commands += end
			if err := c.takeCommand(buf, rest[header:end]); err != nil {
				return err
			}
			continue
		}
		if in.kept+end != in.next {
			copy(buf[in.kept:], rest[:end])
		}
		in.kept += end
		in.size += int(size)
		in.frames++
		if flags&frames.FlagMore == 0 {
			in.whole, in.size, in.frames = in.kept, 0, 0
			in.count++
			if in.lateCount > 0 {
				return nil // they come before what follows: a later CANCEL, say
			}
		}
	}
}

// checkFrame holds a frame's header against the rules and the limits, before
// any memory is given to its body.
func (c *Conn) checkFrame(flags byte, size uint64) error {
	in := &c.in
	switch {
	case flags&^(frames.FlagMore|frames.FlagLong|frames.FlagCommand) != 0:
		return protocolError("reserved bits in a frame's flags: %02x", flags)
	case size > math.MaxInt64/2:
		return protocolError("a frame of %d bytes", size)
	case flags&frames.FlagCommand != 0:
		if flags&frames.FlagMore != 0 {
			return protocolError("a command with the MORE flag")
		}
		if limit := c.commandLimit(); limit > 0 && size > uint64(limit) {
			return protocolError("a command of %d bytes, the limit is %d", size, limit)
		}
	case c.limits.MaxSize > 0 && size+uint64(in.size) > uint64(c.limits.MaxSize):
		return protocolError("a message of at least %d bytes, the limit is %d", size+uint64(in.size), c.limits.MaxSize)
	case c.limits.MaxFrames > 0 && in.frames >= c.limits.MaxFrames:
		return protocolError("a message of more than %d frames", c.limits.MaxFrames)
	}
	if size > math.MaxInt/2 { // where a word has 32 bits
		return protocolError("a frame of %d bytes", size)
	}
	return nil
}

func (c *Conn) commandLimit() int {
	const name = len("\x09SUBSCRIBE")
	switch {
	case !c.publisher:
		return maxCommand
	case c.limits.MaxPrefix == 0:
		return 0
	}
	return max(maxCommand, name+c.limits.MaxPrefix)
}

// takeCommand acts on the command in body and leaves a subscription behind as a
// message, which is always shorter than the command that it replaces.
func (c *Conn) takeCommand(buf, body []byte) error {
	in := &c.in
	first, prefix, subscription, err := c.command(body)
	if err != nil || !subscription {
		return err
	}
	if in.frames > 0 {
		in.late = append(frames.AppendHeader(in.late, 0, 1+len(prefix)), first)
		in.late = append(in.late, prefix...)
		in.lateCount++
		if len(in.late) > maxLate {
			return protocolError("more than %d bytes of subscriptions inside one message", maxLate)
		}
		return nil
	}
	wire := append(frames.AppendHeader(buf[:in.kept], 0, 1+len(prefix)), first)
	in.kept = len(wire) + copy(buf[len(wire):], prefix)
	in.whole = in.kept
	in.count++
	return nil
}

// mendSubscription reads the header of a command to a publisher. libzmq up to
// 4.3.4 sends subscriptions to prefixes of 246 to 255 bytes with a size of eight
// octets but without the LONG flag; read literally, that is an empty command
// and garbage.
func mendSubscription(wire []byte) (flags byte, size uint64, header int) {
	flags, size, header = frames.ParseHeader(wire)
	if size != 0 {
		return flags, size, header
	}
	long := []byte{frames.FlagCommand, 0, 0, 0, 0, 0, 0, 1}
	if !bytes.HasPrefix(wire, long) {
		if len(wire) < len(long) && bytes.HasPrefix(long, wire) {
			return 0, 0, 0
		}
		return flags, size, header
	}
	if len(wire) < frames.MaxHeader+2 {
		return 0, 0, 0
	}
	if name := wire[frames.MaxHeader:]; name[0] == 9 && name[1] == 'S' || name[0] == 6 && name[1] == 'C' {
		return flags, 256 + uint64(wire[8]), frames.MaxHeader
	}
	return flags, size, header
}

// handOver gives away the whole messages and keeps the rest in a slab of its own.
func (c *Conn) handOver() *Slab {
	in := &c.in
	full := in.slab
	partial, unseen := full.Wire[in.whole:in.kept], full.Wire[in.next:]
	in.slab = nil
	if n := len(partial) + len(unseen); n > 0 {
		in.slab = c.slabFor(n)
		in.slab.Wire = append(append(in.slab.Wire, partial...), unseen...)
	}
	full.Wire, full.Count = full.Wire[:in.whole], in.count
	in.kept -= in.whole
	in.whole, in.next, in.count = 0, in.kept, 0
	if in.frames == 0 && in.lateCount > 0 {
		full.Wire = append(full.Wire, in.late...)
		full.Count += in.lateCount
		in.late, in.lateCount = nil, 0
	}
	return full
}

// slabFor returns a slab for n bytes and what follows them. A peer that fills
// slabs is trusted with the announced size of a message that is not too large.
func (c *Conn) slabFor(n int) *Slab {
	in := &c.in
	switch {
	case in.busy && in.need > largeSlab && in.need <= hugeSlab && c.mayTake(hugeSlab):
		return NewSlab(max(n, int(in.need)))
	case n > largeSlab:
		return NewSlab(n)
	}
	return newSlab(in.busy || n > smallSlab/2)
}

// makeRoom prepares the slab for the next read: it closes the hole that
// commands left and grows a slab that its message does not fit into, in
// proportion to what has arrived, never on the peer's word alone, and not beyond
// most bytes: then in.want is what it would take.
func (in *input) makeRoom(most int) {
	if in.want = 0; in.slab == nil {
		return
	}
	wire := in.slab.Wire
	if in.next > in.kept {
		wire = wire[:in.kept+copy(wire[in.kept:], wire[in.next:])]
		in.next = in.kept
		in.slab.Wire = wire
	}
	if len(wire) == 0 {
		in.slab.Recycle()
		in.slab = nil
		return
	}
	free, want := cap(wire)-len(wire), uint64(in.next)+in.need
	if in.need > 0 && want <= uint64(cap(wire)) || free >= min(cap(wire)/4, smallSlab/2) {
		return
	}
	size := max(2*cap(wire), largeSlab)
	if in.need > 0 && want+smallSlab < uint64(size) {
		size = int(want) + smallSlab
	}
	if size > most {
		in.want = size
		return
	}
	grown := NewSlab(size)
	grown.Wire = append(grown.Wire, wire...)
	in.slab.Recycle()
	in.slab = grown
}
