package board

import (
	"context"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// A port's turn, where others wait for theirs; one alone gives more at a time, since a
// pipe takes that with fewer calls.
const (
	turnMessages = 64
	turnBytes    = 256 << 10
	aloneBytes   = 64 << 10
)

// Feed gives the command the messages of a batch that came at a port, and takes them
// off it. It waits for the port's turn, for the gate, and for the command to read. A
// batch of notices, which come alone, is told as far as that was asked for.
func (b *Board) Feed(ctx context.Context, name string, batch *frames.Batch) error {
	p := b.byName[name]
	if kind := batch.Source().Notice; kind != 0 {
		return b.announce(ctx, p, batch)
	}
	n := uint64(batch.Len())
	p.received.Add(n)
	p.receivedBytes.Add(uint64(batch.Payload()))
	if b.See != nil {
		b.See(p.Name, "", batch)
	}
	err := b.feed(ctx, p, batch)
	b.unread.Add(uint64(batch.Len() + p.part.Len()))
	batch.Reset()
	p.part.Reset()
	return err
}

func (b *Board) feed(ctx context.Context, p *port, batch *frames.Batch) error {
	for batch.Len() > 0 {
		if err := b.gate.pass(ctx, p); err != nil {
			return err
		}
		if err := b.takeTurn(ctx); err != nil {
			return err
		}
		count := b.cut(p, batch)
		now := stream.Stamp(time.Now())
		err := b.records.EncodeRecords(&p.part, func(s frames.Source) frames.Record {
			return frames.Record{Time: now, Peer: s.Peer, Endpoint: s.Endpoint, User: s.User, From: p.Name}
		})
		<-b.turn
		if err != nil {
			return b.Gone(err)
		}
		b.fed.Add(uint64(count))
	}
	return nil
}

// cut moves what is given in one turn.
func (b *Board) cut(p *port, batch *frames.Batch) int {
	most, size := turnMessages, turnBytes
	if b.queued.Load() == 0 {
		most, size = batch.Len(), aloneBytes
	}
	if batch.Size() <= size && batch.Len() <= most {
		batch.Shift(&p.part, batch.Len())
		return p.part.Len()
	}
	for p.part.Len() < most && p.part.Size() < size && batch.Len() > 0 {
		batch.Shift(&p.part, 1)
	}
	return p.part.Len()
}

// takeTurn waits for the right to write to the command, first come first served.
func (b *Board) takeTurn(ctx context.Context) error {
	select {
	case b.turn <- struct{}{}:
		return nil
	default:
	}
	b.queued.Add(1)
	defer b.queued.Add(-1)
	select {
	case b.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// announce tells of peers that came or left.
func (b *Board) announce(ctx context.Context, p *port, batch *frames.Batch) error {
	defer batch.Reset()
	if !b.Presence {
		return nil
	}
	for batch.Len() > 0 {
		source := batch.Source()
		id := batch.Next()[0]
		if err := b.tell(ctx, stream.Presence(p.Name, source, id)); err != nil {
			return err
		}
	}
	return nil
}

// tell writes a line that is no message.
func (b *Board) tell(ctx context.Context, line []byte) error {
	if err := b.takeTurn(ctx); err != nil {
		return err
	}
	_, err := b.To.Write(line)
	<-b.turn
	if err != nil {
		return b.Gone(err)
	}
	return nil
}

// End tells the command that the input of a port is at its end.
func (b *Board) End(ctx context.Context, name string) error {
	return b.tell(ctx, stream.Event("end", name, nil))
}
