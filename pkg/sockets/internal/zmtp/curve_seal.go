package zmtp

import (
	"encoding/binary"
	"net"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/box"
	"github.com/zcat/zcat/pkg/sockets/internal/locks"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// messageName begins the body of each sealed frame; the nonce and the box follow.
const messageName = "\x07MESSAGE"

// sealedSize is the number of bytes that sealing adds to a body: the name, the
// nonce, the box's overhead, and the flags, which go inside.
const sealedSize = len(messageName) + shortSize + box.Overhead + 1

// The flags inside a box. RFC 26 knows MORE; COMMAND is libzmq's, for PING, PONG
// and subscriptions.
const (
	innerMore    = 0x01
	innerCommand = 0x02
)

// sealedWrite is the size that is sealed for one write(2), in bytes: the best one
// for tcp (transport.Traits).
const sealedWrite = 65483

// sealer encrypts what a connection writes, whole frames at a time. Its owner sees
// progress in bytes of the clear frames: a frame that is partly written counts as
// its first byte, one that is not begun counts as none. So what its owner takes for
// unwritten really is.
type sealer struct {
	mu     locks.Mutex[locks.Conn] // against close
	key    *box.Key
	sent   uint64 // the last nonce
	closed bool
	beats  bool // PING and PONG stay in clear: they become WebSocket's own

	buffer *slab.Slab // sealed frames, nil where there are none
	off    int        // bytes of them that are written
	frames []inClearAndSealed
	begun  bool // the first one is partly written
	kept   bool // what is sealed and unwritten stays so: it comes next
}

// inClearAndSealed is one frame in the buffer: its size before, and where it ends.
type inClearAndSealed struct{ size, end int }

func newSealer(s *secrets) *sealer {
	prefix := clientNonce
	if s.server {
		prefix = serverNonce
	}
	return &sealer{key: box.NewKey(s.key, prefix), sent: s.sent}
}

// write seals wire and passes it to put, up to most bytes at a time, until put
// takes less. n is the number of bytes of wire that count as written.
func (s *sealer) write(wire []byte, most int, put func([]byte) (int, error)) (n int, err error) {
	for n < len(wire) {
		part := s.next(wire[n:])
		if part == nil {
			return n, net.ErrClosed
		}
		part = part[:min(len(part), most)]
		k, err := put(part)
		n += s.took(k)
		if err != nil || k < len(part) {
			if !s.kept {
				s.takeBack()
			}
			return n, err
		}
	}
	return n, nil
}

// next returns what to write next of the frames at the start of wire; nil after
// close.
func (s *sealer) next(wire []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	if len(s.frames) == 0 {
		s.fill(wire)
	}
	return s.buffer.Wire[s.off:]
}

// fill seals frames into the empty buffer: at least one, and no more than one
// write takes.
func (s *sealer) fill(wire []byte) {
	_, size, _ := framing.ParseHeader(wire)
	first := framing.MaxHeader + sealedSize + int(size)
	s.buffer = slab.New(max(first, min(len(wire)+len(wire)/4, sealedWrite)))
	out, room := s.buffer.Wire, cap(s.buffer.Wire)
	var run box.Run
	for len(wire) > 0 {
		flags, size, header := framing.ParseHeader(wire)
		end := header + int(size)
		if s.beats && flags&framing.FlagCommand != 0 && isBeat(wire[header:end]) {
			if len(out)+end > room {
				break
			}
			out = append(out, wire[:end]...)
			s.frames = append(s.frames, inClearAndSealed{end, len(out)})
			wire = wire[end:]
			continue
		}
		sealed := len(out) + framing.MaxHeader + sealedSize + int(size)
		if len(s.frames) > 0 && (sealed > sealedWrite || sealed > room) {
			break
		}
		out = framing.AppendHeader(out, 0, sealedSize+int(size))
		out = append(out, messageName...)
		s.sent++
		out = binary.BigEndian.AppendUint64(out, s.sent)
		out = s.key.Seal(&run, out, s.sent, innerFlags(flags), wire[header:end])
		s.frames = append(s.frames, inClearAndSealed{end, len(out)})
		wire = wire[end:]
	}
	run.Wipe()
	s.buffer.Wire = out
}

// isBeat reports whether the body of a command is that of a PING or a PONG.
func isBeat(body []byte) bool {
	return len(body) >= len("\x04PING") && (string(body[:5]) == "\x04PING" || string(body[:5]) == "\x04PONG")
}

func innerFlags(flags byte) byte {
	var inner byte
	if flags&framing.FlagMore != 0 {
		inner |= innerMore
	}
	if flags&framing.FlagCommand != 0 {
		inner |= innerCommand
	}
	return inner
}

// took accounts for n more bytes that are written, and returns the bytes of the
// clear frames that count as written for them.
func (s *sealer) took(n int) (written int) {
	start := s.off
	s.off += n
	done := 0
	for _, f := range s.frames {
		if f.end > s.off {
			break
		}
		written += f.size
		start = f.end
		done++
	}
	if s.begun && done > 0 {
		written-- // it was counted when it was begun
		s.begun = false
	}
	s.frames = s.frames[:copy(s.frames, s.frames[done:])]
	if len(s.frames) > 0 && s.off > start && !s.begun {
		s.begun = true
		written++
	}
	if len(s.frames) == 0 {
		s.release()
	}
	return written
}

// takeBack forgets the frames that are not begun. They are sealed again when their
// time comes, under new nonces: something else may come first.
func (s *sealer) takeBack() {
	switch {
	case s.buffer == nil:
	case !s.begun:
		s.release()
	default:
		s.frames = s.frames[:1]
		s.buffer.Wire = s.buffer.Wire[:s.frames[0].end]
	}
}

func (s *sealer) release() {
	s.buffer.Recycle()
	s.buffer, s.off, s.frames, s.begun = nil, 0, s.frames[:0], false
}

// close overwrites the key. A write under way goes on.
func (s *sealer) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.key.Wipe()
}
