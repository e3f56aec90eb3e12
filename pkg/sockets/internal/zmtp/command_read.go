package zmtp

import (
	"bytes"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// commandHead is the part of a long command that is looked at, in bytes: the
// longest name and the longest reason of an ERROR, with their lengths.
const commandHead = 1 + 255 + 1 + 255

// longestName is that of a subscription, with its length; those of groups are shorter.
const longestName = len("\x09SUBSCRIBE")

// parseCommand deals with the command at the front of rest. on says that it is
// done, so that parsing can go on.
func (c *Conn) parseCommand(rest []byte, header int, size uint64) (on bool, err error) {
	in := &c.in
	if size > maxCommand {
		taken, err := c.longCommand(rest[header:], header, size)
		if err != nil || taken {
			return err == nil, err
		}
		if in.need > 0 {
			return false, nil
		}
	}
	if uint64(len(rest)-header) < size {
		in.need = uint64(header) + size
		return false, nil
	}
	end := header + int(size)
	body := rest[header:end]
	if in.frames > 0 && in.count > 0 && c.subscribes(body) {
		in.stopped = true // what came before is taken in first
		return false, nil
	}
	in.next += end
	in.commands += end
	in.stopped = c.takeCommand(in.slab.Wire, body)
	return !in.stopped, nil
}

// longCommand deals with a command of more than maxCommand bytes, of which body
// has arrived. As with libzmq it does no harm to the connection; its end is skipped
// as it comes and takes no memory. taken says that it was dealt with. Where it was
// not, in.need is the number of bytes to await first, or it is a subscription to be
// read whole.
func (c *Conn) longCommand(body []byte, header int, size uint64) (taken bool, err error) {
	in := &c.in
	in.need = 0
	if c.publisher {
		if len(body) < longestName {
			in.need = uint64(header + longestName)
			return false, nil
		}
		if c.subscribes(body) {
			return false, c.checkSubscribe(body, size)
		}
	}
	if limit := c.limits.MaxSize; limit > 0 && size > uint64(limit) {
		return false, tooBig("a command of %d bytes, the limit is %d", size, limit)
	}
	if len(body) < commandHead {
		in.need = uint64(header + commandHead)
		return false, nil
	}
	c.command(body[:commandHead])
	in.next += header + commandHead
	in.commands += header + commandHead
	in.skip = size - uint64(commandHead)
	return true, nil
}

// checkSubscribe compares a long subscription with the limit of its prefix.
func (c *Conn) checkSubscribe(body []byte, size uint64) error {
	name := uint64(body[0]) + 1
	if limit := c.limits.MaxPrefix; limit > 0 && size > max(maxCommand, name+uint64(limit)) {
		if c.groups {
			return tooBig("a group of %d bytes, the limit is %d", size-name, limit)
		}
		return tooBig("a subscription to a prefix of %d bytes, the limit is %d", size-name, limit)
	}
	return nil
}

// passOver skips what is there of the end of a long command.
func (in *input) passOver() {
	n := min(in.skip, uint64(len(in.slab.Wire)-in.next))
	in.skip -= n
	in.next += int(n)
	in.commands += int(n)
}

// subscribes reports whether a command is a subscription or its end, and this
// side publishes.
func (c *Conn) subscribes(body []byte) bool {
	if !c.publisher {
		return false
	}
	name, _, ok := cutName(body)
	if c.groups {
		return ok && (string(name) == joinName[1:] || string(name) == leaveName[1:])
	}
	return ok && (string(name) == "SUBSCRIBE" || string(name) == "CANCEL")
}

// takeCommand acts on the command in body. It replaces a subscription by a message,
// which is always shorter than the command. That of a group keeps the COMMAND flag: a
// message of these bytes is none.
//
// A subscription that comes inside a message is taken in at once, as in libzmq: it
// does not wait for the end of the message, which may never come. It is returned by
// itself. In the place of the command, it is also made ready as the last frame of
// the message, for a caller that calls EndMessage.
func (c *Conn) takeCommand(buf, body []byte) (inside bool) {
	in := &c.in
	first, prefix, subscription := c.command(body)
	if !subscription {
		return false
	}
	at, flags := in.kept, byte(0)
	if c.groups {
		flags = framing.FlagCommand
	}
	if in.frames > 0 {
		in.inside = slab.New(framing.MaxHeader + 1 + len(prefix))
		in.inside.Count, in.inside.Inside = 1, true
		wire := append(framing.AppendHeader(in.inside.Wire, flags, 1+len(prefix)), first)
		in.inside.Wire = append(wire, prefix...)
	}
	wire := append(framing.AppendHeader(buf[:at], flags, 1+len(prefix)), first)
	end := len(wire) + copy(buf[len(wire):], prefix)
	if in.frames > 0 {
		in.ending = end - at
		return true
	}
	in.kept, in.whole = end, end
	in.count++
	return false
}

// EndMessage ends the message in progress with the subscription that came inside it
// and that Read returned last: libzmq shows an application its frames and then the
// subscription as the last one. What follows is a message of its own.
func (c *Conn) EndMessage() {
	in := &c.in
	if in.ending == 0 {
		return
	}
	in.kept += in.ending
	in.whole, in.ending, in.size, in.frames, in.delimited, in.told = in.kept, 0, 0, 0, false, true
	in.count++
}

// mendSubscription reads the header of a command to a publisher. libzmq up to
// 4.3.4 sends subscriptions to prefixes of 246 to 255 bytes with a size of eight
// octets but without the LONG flag; read literally, that is an empty command
// and garbage.
func mendSubscription(wire []byte) (flags byte, size uint64, header int) {
	flags, size, header = framing.ParseHeader(wire)
	if size != 0 {
		return flags, size, header
	}
	long := []byte{framing.FlagCommand, 0, 0, 0, 0, 0, 0, 1}
	if !bytes.HasPrefix(wire, long) {
		if len(wire) < len(long) && bytes.HasPrefix(long, wire) {
			return 0, 0, 0
		}
		return flags, size, header
	}
	if len(wire) < framing.MaxHeader+2 {
		return 0, 0, 0
	}
	if name := wire[framing.MaxHeader:]; name[0] == 9 && name[1] == 'S' || name[0] == 6 && name[1] == 'C' {
		return flags, 256 + uint64(wire[8]), framing.MaxHeader
	}
	return flags, size, header
}
