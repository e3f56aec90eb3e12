package frames

import (
	"errors"
	"io"
	"slices"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// rawChunk is the room that is made for input without lines, in bytes.
const rawChunk = 64 << 10

var rawForm = form{ //nolint:gochecknoglobals // a table that is only read
	name: "raw", verbatim: true,
	encode:       func(_ *Encoder, dst []byte, m Message) []byte { return appendFrames(dst, m, nil) },
	encodePieces: func(e *Encoder, m Message) error { return e.addFrames(m, "", "", "", (*Encoder).plainFrame) },
	decodeAll:    decodeRaw,
}

// decodeRaw makes one frame of all the input. It reads straight into the batch,
// after room for a header, so that a large frame is in memory once.
func decodeRaw(d *Decoder, b *Batch) error {
	l := &d.lines
	if l.err != nil {
		return l.err
	}
	own := b.own()
	wire := own.Buffer()
	header := len(wire)
	body := header + framing.MaxHeader
	wire = slices.Grow(wire, framing.MaxHeader)[:body]
	empty := 0
	for l.err == nil {
		if len(wire) == cap(wire) {
			wire = slices.Grow(wire, rawChunk)
			l.outgrew(cap(wire))
		}
		n, err := l.r.Read(wire[len(wire):cap(wire)])
		wire, l.err = wire[:len(wire)+n], err
		if empty++; n > 0 {
			empty = 0
		} else if empty == maxEmptyReads && err == nil {
			l.err = io.ErrNoProgress
		}
		if most := d.options.MaxSize; most > 0 && len(wire)-body > most {
			l.err = io.EOF // an endless input ends here too
		}
	}
	own.SetBuffer(wire[:header], 0)
	if !errors.Is(l.err, io.EOF) {
		return l.err
	}
	if bad := d.options.check(1, len(wire)-body); bad != nil {
		return bad
	}
	own.SetBuffer(framing.CloseFrame(wire, header, body), 1)
	return nil
}
