package stream

import (
	"io"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// viewer shows the messages of a socket to people.
type viewer struct {
	view.View
	kind    sockets.Type
	Columns func() int
	now     time.Time
}

// NewViewer makes a viewer that shows messages on w.
func NewViewer(asked line.Output, kind sockets.Type, w io.Writer) *viewer {
	shown := view.View{Color: asked.Colour.Onto(w), Full: asked.Full, ASCII: !say.UTF8()}
	return &viewer{View: shown, kind: kind, Columns: func() int { return say.Columns(w) }}
}

// begin notes when messages came, and how wide they may be shown.
func (s *viewer) begin() { s.now, s.Width = time.Now(), s.Columns() }

// show appends the first message of b and takes it off.
func (s *viewer) show(dst []byte, b *frames.Batch) []byte {
	m := view.Message{Kind: s.kind, Time: s.now, Peer: b.Source().Peer}
	m.Frames = b.Next()
	return s.Append(dst, m)
}
