package sockets

import "github.com/zcat/zcat/pkg/internal/framing"

// push spreads messages over its peers (RFC 30).
type push struct {
	unable
	out roundRobin
}

func pushRow() typeRow {
	return typeRow{
		name: "PUSH", number: 8, peers: []Type{Pull}, pattern: newPush,
		sends: true, Traits: Traits{Conflates: true},
		full: patiently, left: lost,
	}
}

func newPush(s *Socket) pattern { return &push{unable: unable{s}} }

func (p *push) attach(q *peer) error {
	p.out.add(q)
	return nil
}

func (p *push) detach(q *peer) { p.out.remove(q) }
func (p *push) sole() *peer    { return p.out.sole() }
func (p *push) ready() bool    { return p.out.ready() }

func (p *push) send(b *framing.Batch) error {
	p.out.send(p.socket, b)
	return nil
}
