package sockets

import (
	"bytes"
	"fmt"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// MaxGroup is the longest group of a RADIO and DISH in bytes, as in libzmq since 4.3.5:
// older ones end at 15, and cannot be told apart.
const MaxGroup = 255

const errGrouped formError = "it sends two frames, a group and a body"

// unfitGroup is the unfit of a RADIO.
func unfitGroup(message []byte) error {
	group, more, body := framing.CutFrame(message)
	switch {
	case !more || body[0]&framing.FlagMore != 0:
		return errGrouped
	case badGroup(group):
		return fmt.Errorf("%w: a group, the first frame, has up to %d bytes, none of them zero", ErrMessage, MaxGroup)
	}
	return nil
}

// CheckGroup returns the fault of a group, an ErrGroup, or nil.
func CheckGroup(group []byte) error {
	if badGroup(group) {
		return fmt.Errorf("%w: it has up to %d bytes, none of them zero", ErrGroup, MaxGroup)
	}
	return nil
}

// badGroup reports whether a group is none: in libzmq it ends at a zero byte.
func badGroup(group []byte) bool {
	return len(group) > MaxGroup || bytes.IndexByte(group, 0) >= 0
}

// joinsGroups is a pattern that joins groups. The socket's lock is held.
type joinsGroups interface {
	join(group []byte) error
	leave(group []byte) error
}

// Join asks for the messages of a group, all that RADIO peers send to exactly it. DISH
// only, else ErrDirection. It fails with ErrClosed, and with ErrGroup where the group is
// none, or is joined already.
func (s *Socket) Join(group []byte) error { return s.withGroups(group, joinsGroups.join) }

// Leave ends what Join began. It fails as Join does, and with ErrGroup where the group
// is not joined.
func (s *Socket) Leave(group []byte) error { return s.withGroups(group, joinsGroups.leave) }

func (s *Socket) withGroups(group []byte, do func(joinsGroups, []byte) error) error {
	g, ok := s.pattern.(joinsGroups)
	if !ok {
		return ErrDirection
	}
	if err := CheckGroup(group); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.unlock()
	if s.closing {
		return ErrClosed
	}
	return do(g, group)
}
