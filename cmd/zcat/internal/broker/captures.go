package broker

import (
	"io"

	"github.com/zcat/zcat/cmd/zcat/internal/capture"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/sockets"
)

// place is the point at which captures are taken.
func (b *broker) place(stdout io.Writer) capture.Place {
	std := b.std
	std.Out = stdout
	return capture.Place{
		Life: b.Life, Name: b.command.Name, Shown: b.shown, Stdout: stdout, Prints: std.Prints(), Records: std.Records(), Limit: b.options.RecvHWMBytes,
		Open: func(kind sockets.Type, a line.Attachment) (*sockets.Socket, error) {
			return b.open("capture", sideConfig{kind, []line.Attachment{a}})
		},
		Look: b.look,
	}
}

// look returns the view of a message of a side. What a ROUTER gives a DEALER is still what
// the ROUTER received, and the other way round.
func (b *broker) look(from, _ string) view.Message {
	side, way := sockets.Front, view.FrontToBack
	if from == sockets.Back.String() {
		side, way = sockets.Back, view.BackToFront
	}
	kind := b.asked.Sides[side].Kind
	if other := b.asked.Sides[1-side].Kind; other.Traits().Addressed {
		kind = other
	}
	return view.Message{Kind: kind, Way: way}
}
