package ws

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"strconv"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// The parts of a WebSocket frame's head (RFC 6455, 5.2).
const (
	final        = 0x80
	reserved     = 0x70
	masked       = 0x80
	opContinue   = 0
	opText       = 1
	opBinary     = 2
	opClose      = 8
	opPing       = 9
	opPong       = 10
	maxControl   = 125 // bytes of payload
	size16       = 126 // the size is in the next two bytes
	size64       = 127 // the size is in the next eight bytes
	flagMore     = 0x01
	flagCommand  = 0x02
	maxHeadBytes = 2 + 8 + 4
)

// The codes of a close frame (RFC 6455, 7.4.1).
const (
	CodeNormal      = 1000
	codeGoingAway   = 1001
	CodeProtocol    = 1002
	codeUnsupported = 1003 // a kind of data: text
	codeInvalid     = 1007 // text that is no UTF-8
	CodePolicy      = 1008
	CodeTooBig      = 1009
)

// Breach is what breaks the rules of WebSocket or a limit, with the code that tells the
// peer so.
type Breach struct {
	Code uint16
	text string
}

func (e *Breach) Error() string { return e.text }

// breach is what breaks the protocol.
func breach(format string, args ...any) error {
	return &Breach{CodeProtocol, fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the close frame that answers the end of a connection: for a
// close frame that is the peer's own, if it may be sent at all (RFC 6455, 5.5.1 and 7.4).
func CodeOf(err error) uint16 {
	var broken *Breach
	var closed *ClosedError
	switch {
	case errors.As(err, &broken):
		return broken.Code
	case !errors.As(err, &closed):
		return CodeNormal
	case !mayBeSent(closed.Code):
		return CodeProtocol
	case !utf8.ValidString(closed.Reason):
		return codeInvalid
	}
	return closed.Code
}

// mayBeSent reports whether a close frame may have a code: one that is registered, and not
// for what is noticed without a frame, or one for applications.
func mayBeSent(code uint16) bool {
	return CodeNormal <= code && code <= codeUnsupported || codeInvalid <= code && code <= 1014 || 3000 <= code && code <= 4999
}

// ClosedError is the end of a connection that the peer gave a reason for: an io.EOF.
type ClosedError struct {
	Code   uint16 // of RFC 6455, 7.4; 0 where only half of one came
	Reason string // may be empty
}

func (e *ClosedError) Error() string {
	if e.Code == 0 {
		return "the peer closed the WebSocket with half a code"
	}
	text := "the peer closed the WebSocket with the code " + strconv.Itoa(int(e.Code))
	if e.Reason != "" {
		text += ": " + quoted(e.Reason)
	}
	return text
}

// Unwrap returns io.EOF.
func (e *ClosedError) Unwrap() error { return io.EOF }

// closed returns what a close frame says: io.EOF, unless it tells of more than an end.
func closed(payload []byte) error {
	switch len(payload) {
	case 0:
		return io.EOF
	case 1:
		return &ClosedError{}
	}
	switch code := binary.BigEndian.Uint16(payload); code {
	case CodeNormal, codeGoingAway:
		return io.EOF
	default:
		return &ClosedError{code, string(payload[2:])}
	}
}

// maxRoutingID is the length of the message that begins a connection without a mechanism:
// its flags and a routing id.
const maxRoutingID = 1 + 255

// handshakeLimit is Decoder.Limit before it is set: room for the longest command of a
// handshake.
const handshakeLimit = 8 << 10

// Decoder translates what a peer sends into frames of ZMTP. Of control frames, a ping
// becomes the command PING, without a TTL, and a pong the command PONG.
type Decoder struct {
	masked bool // the peer's frames have to be: it is the client
	opened bool // the handshake is done
	plain  bool // the next message is the peer's routing id
	unsure bool // it is, if it is no command
	simple bool // there is no mechanism

	limit int // bytes of a message that comes in fragments
	grow  func(size int) error

	ready  []byte // translated, and not yet read
	left   uint64 // bytes of the payload of the frame under way
	key    uint32 // of its mask, for the byte that comes next
	gather bool   // the payload is gathered before it is translated
	last   bool   // what is gathered ends with this frame
	inside bool   // a message in fragments is under way
	whole  []byte // what was gathered
	giving []byte // the part of it that was not yet read
	early  bool   // the message is too long for a handshake, which may be done
	idle   int    // bytes that led to nothing since Rested
	ping   []byte // what came in the last ping before the handshake was done
	err    error
}

// NewDecoder returns a Decoder for what a client sends, or a server, after what was agreed
// on. A server may have agreed on NULL and know no mechanism all the same: that of jszmq
// takes whatever is offered first. Its first message then is a routing id.
func NewDecoder(fromClient bool, agreed Agreed) Decoder {
	return Decoder{
		masked: fromClient, plain: agreed.Plain, simple: agreed.Plain, limit: handshakeLimit,
		unsure: !fromClient && agreed.Mechanism == mechanismNull && !agreed.Plain && !agreed.Polite,
	}
}

// Plain reports whether the peer has no mechanism, as far as is known.
func (d *Decoder) Plain() bool { return d.simple }

// Open says that the handshake is done: from here on a message that comes in fragments may
// have limit bytes, 0 for any number. grow is called before it takes size bytes of memory;
// an error of it ends the connection.
func (d *Decoder) Open(limit int, grow func(size int) error) {
	d.opened, d.limit, d.grow = true, math.MaxInt, grow
	if 0 < limit && limit < math.MaxInt {
		d.limit = limit + 1 // with the octet of flags
	}
	if d.ping != nil {
		d.ready = appendPing(d.ready, d.ping)
		d.ping = nil
	}
}

// Restless reports whether much has come that leads to nothing, such as the heads of many
// small fragments, and begins to count anew then.
func (d *Decoder) Restless() bool {
	const much = 64 << 10
	if d.idle <= much {
		return false
	}
	d.idle = 0
	return true
}

// Held returns the memory for a message that comes in fragments, in bytes.
func (d *Decoder) Held() int { return cap(d.whole) }

// Ready reports whether Read would write something, with src behind what it read before.
func (d *Decoder) Ready(src []byte) bool {
	return len(d.ready)+len(d.giving) > 0 || d.err == nil && !d.gather && d.left > 0 && len(src) > 0
}

// Direct returns the number of bytes that come next and are read as they are, once
// Unmask has seen them, where that is many.
func (d *Decoder) Direct() int {
	if d.gather || len(d.ready)+len(d.giving) > 0 || d.err != nil {
		return 0
	}
	return int(min(d.left, math.MaxInt32))
}

// Unmask translates what was read as Direct allows, in place.
func (d *Decoder) Unmask(b []byte) {
	if d.masked {
		d.key = mask(b, b, d.key)
	}
	d.left -= uint64(len(b))
}

// Read translates what it can of src to dst: written bytes of dst from consumed bytes of
// src. Of src it leaves what it needs more for, less than a head and a control frame, and
// before Open a message that is too long for a handshake, which is an error where nothing
// stands in front of it. With an empty dst it goes on until Ready. Any other error, io.EOF
// after a close frame, stays.
func (d *Decoder) Read(dst, src []byte) (written, consumed int, err error) {
	for {
		switch {
		case len(d.ready) > 0:
			n := copy(dst[written:], d.ready)
			d.ready = d.ready[n:]
			written += n
		case len(d.giving) > 0:
			n := copy(dst[written:], d.giving)
			if d.giving = d.giving[n:]; len(d.giving) == 0 {
				d.whole, d.giving = nil, nil
			}
			written += n
		case d.err != nil:
			return written, consumed, d.err
		case d.left > 0 && !d.gather:
			n := d.body(dst[written:], src[consumed:])
			if n == 0 {
				return written, consumed, nil
			}
			written, consumed = written+n, consumed+n
		default:
			if t, n := d.short(dst[written:], src[consumed:]); t > 0 {
				written, consumed = written+t, consumed+n
				continue
			}
			n, err := d.advance(src[consumed:])
			consumed += n
			switch {
			case d.early:
				d.early = false
				if written > 0 {
					err = nil
				}
				return written, consumed, err
			case err == nil && n == 0:
				return written, consumed, nil
			}
			d.err = err
		}
		if written == len(dst) && len(d.ready)+len(d.giving) > 0 {
			return written, consumed, nil
		}
	}
}

// body translates as much as it can of the n bytes at the front of src that are left of a
// frame.
func (d *Decoder) body(dst, src []byte) (n int) {
	b := src[:min(uint64(len(src)), uint64(len(dst)), d.left)]
	if d.masked {
		d.key = mask(dst, b, d.key)
	} else {
		copy(dst, b)
	}
	d.left -= uint64(len(b))
	return len(b)
}

// short translates the whole short message at the front of src, if there is one and room
// for it in dst: written bytes of dst for n bytes of src. With messages of 10 bytes this is
// three times as fast as Read's other way (BenchmarkDecoder).
func (d *Decoder) short(dst, src []byte) (written, n int) {
	const head = 2 + 4 + 1
	if len(src) < head || src[0] != final|opBinary || d.gather || d.plain || d.unsure || d.inside {
		return 0, 0
	}
	size := int(src[1]&^masked) - 1
	if size < 0 || size >= maxControl || (src[1]&masked != 0) != d.masked || len(dst) < 2+size {
		return 0, 0
	}
	if !d.masked {
		if n = 3 + size; len(src) < n || src[2] > flagMore {
			return 0, 0
		}
		dst[0], dst[1] = src[2], byte(size)
		copy(dst[2:], src[3:n])
		return 2 + size, n
	}
	key := binary.LittleEndian.Uint32(src[2:])
	flags := src[6] ^ byte(key)
	if n = head + size; len(src) < n || flags > flagMore {
		return 0, 0
	}
	dst[0], dst[1] = flags, byte(size)
	mask(dst[2:], src[head:n], bits.RotateLeft32(key, -8))
	return 2 + size, n
}

// advance takes the next head, control frame or piece of what is gathered off src; n is
// 0 where more is needed.
func (d *Decoder) advance(src []byte) (n int, err error) {
	if d.gather && d.left > 0 {
		return d.collect(src)
	}
	f, n, err := d.parse(src)
	if n == 0 || err != nil {
		return 0, err
	}
	if f.op >= opClose {
		if f.size > uint64(len(src)-n) {
			return 0, nil
		}
		payload := make([]byte, f.size)
		d.unmask(payload, src[n:], f.key)
		return n + len(payload), d.control(f.op, payload)
	}
	if d.unsure && f.op == opBinary && f.size > 0 {
		if len(src) == n {
			return 0, nil
		}
		d.unsure = false
		d.plain = src[n]&flagCommand == 0
		d.simple = d.plain
	}
	if f.op == opBinary && f.final && !d.plain {
		if f.size == 0 {
			return 0, errEmpty
		}
		if len(src) == n {
			return 0, nil // the flags have to be there as well
		}
		var flags [1]byte
		if d.key = f.key; d.masked {
			d.key = mask(flags[:], src[n:n+1], d.key)
		} else {
			flags[0] = src[n]
		}
		d.left = f.size - 1
		d.ready, err = appendHead(d.ready[:0], flags[0], d.left)
		return n + 1, err
	}
	d.idle += n
	d.key, d.left = f.key, f.size
	d.gather, d.last, d.inside = true, f.final, !f.final
	if d.left == 0 && d.last {
		return n, d.assemble()
	}
	return n, nil
}

func (d *Decoder) unmask(dst, src []byte, key uint32) {
	if d.masked {
		mask(dst, src[:len(dst)], key)
		return
	}
	copy(dst, src)
}

// frame is the head of a WebSocket frame.
type frame struct {
	op    byte
	final bool
	size  uint64
	key   uint32
}

var errEmpty error = &Breach{CodeProtocol, "an empty message, without the octet of flags"}

// parse reads the head of a frame and checks it; n is 0 where more is needed.
func (d *Decoder) parse(b []byte) (f frame, n int, err error) {
	if len(b) < 2 {
		return f, 0, nil
	}
	f.op, f.final = b[0]&0x0F, b[0]&final != 0
	f.size = uint64(b[1] &^ masked)
	n = 2
	switch {
	case b[0]&reserved != 0:
		return f, 0, breach("reserved bits in the head of a WebSocket frame: %02x", b[0])
	case (b[1]&masked != 0) != d.masked && d.masked:
		return f, 0, breach("a frame that is not masked, from a client")
	case (b[1]&masked != 0) != d.masked:
		return f, 0, breach("a masked frame from a server")
	case f.op >= opClose && (!f.final || f.size > maxControl):
		return f, 0, breach("a control frame in fragments or of more than %d bytes", maxControl)
	case f.op > opPong || f.op > opBinary && f.op < opClose:
		return f, 0, breach("a WebSocket frame of the unknown kind %d", f.op)
	case f.op == opText:
		return f, 0, &Breach{codeUnsupported, "a text message: those of " + Protocol + " are binary"}
	case f.op == opContinue && !d.inside:
		return f, 0, breach("a fragment that continues no message")
	case f.op == opBinary && d.inside:
		return f, 0, breach("a message inside another one's fragments")
	case f.size == size16 && len(b) < n+2, f.size == size64 && len(b) < n+8:
		return f, 0, nil
	case f.size == size16:
		f.size = uint64(binary.BigEndian.Uint16(b[n:]))
		n += 2
	case f.size == size64:
		f.size = binary.BigEndian.Uint64(b[n:])
		n += 8
	}
	if f.size > math.MaxInt64 {
		return f, 0, breach("a frame of %d bytes", f.size)
	}
	if d.masked {
		if len(b) < n+4 {
			return f, 0, nil
		}
		f.key = binary.LittleEndian.Uint32(b[n:])
		n += 4
	}
	return f, n, nil
}

// collect gathers what has arrived of a fragment. Memory grows with what arrives, never on
// the peer's word alone.
func (d *Decoder) collect(src []byte) (n int, err error) {
	limit := d.limit
	if d.plain {
		limit = maxRoutingID
	}
	if d.left > uint64(limit-len(d.whole)) {
		d.early = !d.opened && !d.plain
		return 0, &Breach{CodeTooBig, fmt.Sprintf("a message of at least %d bytes, the limit is %d", uint64(len(d.whole))+d.left-1, limit-1)}
	}
	n = int(min(uint64(len(src)), d.left))
	if n == 0 {
		return 0, nil
	}
	if need := len(d.whole) + n; need > cap(d.whole) {
		size := max(need, min(2*cap(d.whole), limit))
		if d.grow != nil {
			if err := d.grow(size); err != nil {
				return 0, err
			}
		}
		d.whole = append(make([]byte, 0, size), d.whole...)
	}
	end := len(d.whole)
	d.whole = d.whole[:end+n]
	if d.masked {
		d.key = mask(d.whole[end:], src[:n], d.key)
	} else {
		copy(d.whole[end:], src[:n])
	}
	if d.left -= uint64(n); d.left == 0 && d.last {
		return n, d.assemble()
	}
	return n, nil
}

// assemble translates the message that was gathered.
func (d *Decoder) assemble() (err error) {
	d.gather, d.inside = false, false
	if len(d.whole) == 0 {
		return errEmpty
	}
	if d.plain {
		if d.whole[0] != 0 {
			return breach("a message with the flags %02x where a routing id was due", d.whole[0])
		}
		d.plain = false
		d.ready, d.whole = appendReady(d.ready[:0], d.whole[1:]), nil
		return nil
	}
	body := d.whole[1:]
	if d.ready, err = appendHead(d.ready[:0], d.whole[0], uint64(len(body))); err != nil || len(body) == 0 {
		d.whole = nil
		return err
	}
	d.giving = body
	return nil
}

// control acts on a control frame. Before the handshake is done, the last ping waits.
func (d *Decoder) control(op byte, payload []byte) error {
	switch {
	case op == opClose:
		return closed(payload)
	case op == opPing && !d.opened:
		d.idle += maxHeadBytes + len(payload)
		d.ping = payload
	case op == opPing:
		d.ready = appendPing(d.ready[:0], payload)
	case d.opened:
		d.ready = append(framing.AppendHeader(d.ready[:0], framing.FlagCommand, 5+len(payload)), "\x04PONG"...)
		d.ready = append(d.ready, payload...)
	}
	return nil
}

// appendHead appends the head of a frame of ZMTP.
func appendHead(dst []byte, flags byte, size uint64) ([]byte, error) {
	if flags&^(flagMore|flagCommand) != 0 {
		return dst, breach("reserved bits in a message's flags: %02x", flags)
	}
	own := flags & flagMore
	if flags&flagCommand != 0 {
		own |= framing.FlagCommand
	}
	if size > math.MaxInt {
		return dst, breach("a message of %d bytes", size)
	}
	return framing.AppendHeader(dst, own, int(size)), nil
}

func appendPing(dst, payload []byte) []byte {
	dst = append(framing.AppendHeader(dst, framing.FlagCommand, 7+len(payload)), "\x04PING\x00\x00"...)
	return append(dst, payload...)
}

// appendReady appends the command READY with an Identity, and nothing else: a peer
// without a mechanism tells no socket type.
func appendReady(dst, id []byte) []byte {
	size := len(readyIdentity) + 4 + len(id)
	dst = append(framing.AppendHeader(dst, framing.FlagCommand, size), readyIdentity...)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(id)))
	return append(dst, id...)
}

// readyIdentity begins a READY whose first property is Identity.
const readyIdentity = "\x05READY\x08Identity"
