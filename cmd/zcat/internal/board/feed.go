package board

import (
	"context"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/life"
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
	n, size := uint64(batch.Len()), batch.Size()
	p.received.Add(n)
	p.receivedBytes.Add(uint64(batch.Payload()))
	if b.See != nil {
		b.See(p.Name, "", batch)
	}
	life.Sweep(size) // what came in, before it goes out
	given, err := b.feed(ctx, p, batch)
	b.fed.Add(given)
	b.unread.Add(n - given)
	batch.Reset()
	p.part.Reset()
	life.Sweep(size)
	return err
}

// feed gives the command a batch in turns, and returns the number of messages that it was
// given whole.
func (b *Board) feed(ctx context.Context, p *port, batch *frames.Batch) (given uint64, err error) {
	for ours := false; batch.Len() > 0; {
		if !ours {
			if err := b.gate.pass(ctx, p); err != nil {
				return given, err
			}
			if err := b.turns.take(ctx); err != nil {
				return given, err
			}
		}
		b.cut(p, batch)
		before, now := b.records.Written(), stream.Stamp(time.Now())
		err := b.records.EncodeRecords(&p.part, func(s frames.Source) frames.Record {
			return frames.Record{Time: now, Peer: s.Peer, Endpoint: s.Endpoint, User: s.User, From: p.Name}
		})
		given += b.records.Written() - before
		if err != nil {
			given += b.To.Begun()
			b.turns.pass()
			return given, b.Gone(err)
		}
		if ours = batch.Len() > 0 && b.gate.opens(p); !ours {
			b.turns.pass()
		} else if err := b.turns.again(ctx); err != nil {
			return given, err
		}
	}
	return given, nil
}

// cut moves what is given in one turn.
func (b *Board) cut(p *port, batch *frames.Batch) {
	most, size := turnMessages, turnBytes
	if !b.turns.wanted() {
		most, size = batch.Len(), aloneBytes
	}
	if batch.Size() <= size && batch.Len() <= most {
		batch.Shift(&p.part, batch.Len())
		return
	}
	for p.part.Len() < most && p.part.Size() < size && batch.Len() > 0 {
		batch.Shift(&p.part, 1)
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
	if err := b.turns.take(ctx); err != nil {
		return err
	}
	_, err := b.To.Write(line)
	b.turns.pass()
	if err != nil {
		return b.Gone(err)
	}
	return nil
}

// tellTime writes the time, unless the command has not read yet what time it was.
func (b *Board) tellTime() error {
	if err := b.turns.take(b.Hard); err != nil {
		return err
	}
	defer b.turns.pass()
	if b.To.TickWaits() {
		return nil
	}
	if _, err := b.To.Write(stream.Tick()); err != nil {
		return b.Gone(err)
	}
	b.To.Ticked()
	return nil
}

// End tells the command that the input of a port is at its end.
func (b *Board) End(ctx context.Context, name string) error {
	return b.tell(ctx, stream.Event("end", name, nil))
}
