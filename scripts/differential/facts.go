//go:build linux

package main

import "slices"

// facts is the content of a peer's stream, as libzmq reads it.
type facts struct {
	greeting  []byte      // as far as it goes
	cut       bool        // it is not whole
	zmtp2     bool        // it is of ZMTP 2.0
	handshake []wireFrame // the commands of the handshake
	traffic   []wireFrame // what follows
	rest      []byte      // no whole frame
}

func factsOf(s *scenario, peer int) facts {
	b := s.stream(peer)
	n := min(s.greetingSize(), len(b))
	f := facts{greeting: b[:n], cut: n < s.greetingSize(), zmtp2: s.old, rest: b[n:]}
	if s.raw() {
		return f
	}
	turns := turnsOf(s)
	for {
		flags, size, header := parseHeader(f.rest)
		if header == 0 || uint64(len(f.rest)-header) < size {
			return f
		}
		end := header + int(size)
		frame := wireFrame{flags, f.rest[header:end]}
		if len(f.handshake) < turns {
			f.handshake = append(f.handshake, frame)
		} else {
			f.traffic = append(f.traffic, frame)
		}
		f.rest = f.rest[end:]
	}
}

// header returns the header of a frame that is not there as a whole.
func (f *facts) header() (flags byte, size uint64, ok bool) {
	if f.cut || len(f.rest) == 0 {
		return 0, 0, false
	}
	flags, size, n := parseHeader(f.rest)
	return f.rest[0] | flags, size, n > 0 || len(f.rest) > 0
}

// any reports whether is() holds for a frame of the traffic.
func (f *facts) any(is func(f wireFrame) bool) bool { return slices.ContainsFunc(f.traffic, is) }

// command returns the name and the data of a command; for another frame they are
// empty.
func (f *wireFrame) command() (name string, data []byte) {
	if f.flags&flagCommand != 0 {
		name, data = cutCommand(f.body)
	}
	return name, data
}

// metadata returns the metadata of the peer's READY or INITIATE, or nil.
func (f *facts) metadata() [][2]string {
	if len(f.handshake) == 0 {
		return nil
	}
	_, data := cutCommand(f.handshake[len(f.handshake)-1].body)
	list, _ := properties(data)
	return list
}

// identity returns the peer's Identity, "" if it has none.
func (f *facts) identity() (id string) {
	if f.zmtp2 && len(f.handshake) > 0 {
		return string(f.handshake[0].body)
	}
	for _, p := range f.metadata() {
		if p[0] == "Identity" {
			id = p[1]
		}
	}
	return id
}

// mechanismOf returns the mechanism of a case.
func mechanismOf(s *scenario) string {
	if turnsOf(s) == 2 {
		return "PLAIN"
	}
	return "NULL"
}

// turnsOf returns the number of commands that each side sends in the handshake; in ZMTP
// 2.0 the frame of the identity stands for one.
func turnsOf(s *scenario) int {
	if s.raw() {
		return 0
	}
	if s.has("plain_server") || s.has("plain_username") {
		return 2
	}
	return 1
}
