package top

import (
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
)

// nameOf names a peer: where it is, and the routing id that it has.
func (p *page) nameOf(o *one) string {
	const longest = 40
	name := addressOf(o)
	if id := o.ID; len(id) > 0 {
		name += " " + view.Printable(frames.FormatBytes(id[:min(len(id), longest)]))
	}
	if !o.Connected {
		name += " (down)"
	}
	return name
}

// addressOf is where a peer is.
func addressOf(o *one) string { return view.Printable(strings.TrimPrefix(o.Peer, "tcp://")) }

// fitPeer cuts a peer's name down to a number of columns: its address is the last to go,
// and of that the end, where its port is.
func (p *page) fitPeer(o *one, columns int) string {
	address := addressOf(o)
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
