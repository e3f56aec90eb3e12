package top

import (
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
)

// nameOf names a peer: where it is, and the routing id that it has.
func (p *page) nameOf(o *one) string {
	name := addressOf(o)
	if id := idOf(o); id != "" {
		name += " " + id
	}
	if !o.Connected {
		name += " (down)"
	}
	return name
}

// idOf is the routing id of a peer, "" where it has none.
func idOf(o *one) string {
	const longest = 40
	if len(o.ID) == 0 {
		return ""
	}
	return view.Printable(frames.FormatBytes(o.ID[:min(len(o.ID), longest)]))
}

// addressOf is where a peer is.
func addressOf(o *one) string { return view.Printable(strings.TrimPrefix(o.Peer, "tcp://")) }

// fitPeer cuts a peer's name down to a number of columns: its address is the last to go,
// and of that the end, where its port is.
func (p *page) fitPeer(o *one, columns int) string {
	address, id := addressOf(o), idOf(o)
	if id != "" && o.Peer == o.Endpoint && view.Width(o.name) > columns {
		return p.fit(id, columns) // all peers of an ipc socket are at one address
	}
	if view.Width(o.name) <= columns || view.Width(address) < columns-shortName {
		return p.fit(o.name, columns)
	}
	if p.ascii {
		address = plain(address)
	}
	if view.Width(address) <= columns {
		return address
	}
	more := p.more()
	runes := []rune(address)
	for len(runes) > 0 && view.Width(string(runes))+view.Width(more) > columns {
		runes = runes[1:]
	}
	return more + string(runes)
}

// more stands for what was cut.
func (p *page) more() string {
	if p.ascii {
		return "..."
	}
	return "…"
}

// plain is text without what a plain terminal does not show.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0x7e {
			return '?'
		}
		return r
	}, text)
}

// fit cuts text down to a number of columns.
func (p *page) fit(text string, columns int) string {
	if p.ascii {
		text = plain(text)
	}
	if view.Width(text) <= columns {
		return text
	}
	more := p.more()
	runes := []rune(text)
	for len(runes) > 0 && view.Width(string(runes))+view.Width(more) > columns {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + more
}
