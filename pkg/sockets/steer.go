package sockets

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/zcat/zcat/pkg/frames"
)

// Steer takes commands for p from control, as libzmq's zmq_proxy_steerable does:
// PAUSE, RESUME, TERMINATE and STATISTICS, each a message of one frame. control is
// a REP, a PAIR, a PULL or a SUB. STATISTICS is answered with eight frames, each a
// 64-bit number in the host's byte order: messages received, bytes received,
// messages sent, bytes sent at the front, then the same at the back. A REP answers
// everything else, unknown commands too, with one empty frame. Steer returns when
// ctx is done, control is closed, or after TERMINATE; nil unless control failed.
func (p *Proxy) Steer(ctx context.Context, control *Socket) error {
	if p.ctx == nil || control == nil || control.pattern == nil {
		return ErrClosed
	}
	ctx = orBackground(ctx)
	for {
		m, err := control.Recv(ctx)
		if err == nil {
			err = p.answer(ctx, control, m)
		}
		switch {
		case ctx.Err() != nil, errors.Is(err, ErrClosed):
			return nil //nolint:nilerr // the end that was asked for is no failure
		case err != nil:
			return err
		case order(m) == "TERMINATE":
			p.Terminate()
			return nil
		}
	}
}

// order returns the command in a control message.
func order(m frames.Message) string {
	if len(m) != 1 {
		return ""
	}
	return string(m[0])
}

// answer carries out and answers a command. TERMINATE is only answered: its answer
// has to leave first.
func (p *Proxy) answer(ctx context.Context, control *Socket, m frames.Message) error {
	reply := frames.Message{nil}
	switch order(m) {
	case "PAUSE":
		p.Pause()
	case "RESUME":
		p.Resume()
	case "STATISTICS":
		reply = p.statistics()
	}
	if control.row.Answers || control.row.sends && len(reply) > 1 {
		return control.Send(ctx, reply)
	}
	return nil
}

func (p *Proxy) statistics() frames.Message {
	var m frames.Message
	front, back := p.Stats()
	for _, side := range []SideStats{front, back} {
		for _, n := range []uint64{side.Received, side.ReceivedBytes, side.Sent, side.SentBytes} {
			m = append(m, binary.NativeEndian.AppendUint64(nil, n))
		}
	}
	return m
}
