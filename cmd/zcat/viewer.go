package main

import (
	"io"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// viewer shows the messages of a socket to people.
type viewer struct {
	view.View
	kind    sockets.Type
	columns func() int
	now     time.Time
}

func newViewer(c colouring, kind sockets.Type, w io.Writer) *viewer {
	return &viewer{View: view.View{Color: c.onto(w)}, kind: kind, columns: func() int { return columns(w) }}
}

// begin notes when messages came, and how wide they may be shown.
func (s *viewer) begin() { s.now, s.Width = time.Now(), s.columns() }

// show appends the first message of b and takes it off.
func (s *viewer) show(dst []byte, b *frames.Batch) []byte {
	m := view.Message{Kind: s.kind, Time: s.now, Peer: b.Source().Peer}
	m.Frames = b.Next()
	return s.Append(dst, m)
}
