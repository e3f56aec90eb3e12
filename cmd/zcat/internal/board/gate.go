package board

import (
	"context"
	"errors"
	"sync"
)

// gate says which ports may be read: none that the command has paused, and while a
// port has no room for what the command wrote to it, only such ports, whose peers may
// wait for us to read before they do.
type gate struct {
	mu      sync.Mutex
	ports   []*port
	changed chan struct{} // closed at the next change
	ending  bool          // nothing more is read
}

// errShut is the reason why a port is read no more.
var errShut = errors.New("nothing more is read")

// entry is the state of a port at a gate.
type entry struct {
	paused, full bool
	open         context.Context //nolint:containedctx // done once the port is not to be read any more
	shut         context.CancelFunc
}

func newGate(ports []*port) *gate {
	g := &gate{ports: ports, changed: make(chan struct{})}
	for _, p := range ports {
		p.entry.open, p.entry.shut = context.WithCancel(context.Background())
	}
	return g
}

// set changes what is known of a port.
func (g *gate) set(p *port, change func(*entry)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := p.entry.paused || p.entry.full
	change(&p.entry)
	if after := p.entry.paused || p.entry.full; !before && !after {
		return
	}
	g.settle()
}

// close has nothing more read. What came is still given to the command, but for what
// is of a paused port.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ending = true
	g.settle()
}

// settle makes known who may be read. The lock is held.
func (g *gate) settle() {
	crowded := false
	for _, q := range g.ports {
		crowded = crowded || q.entry.full
	}
	for _, q := range g.ports {
		e := &q.entry
		may := !g.ending && !e.paused && (e.full || !crowded)
		switch {
		case !may:
			e.shut()
		case e.open.Err() != nil:
			e.open, e.shut = context.WithCancel(context.Background())
		}
	}
	close(g.changed)
	g.changed = make(chan struct{})
}

// await waits until p may be read, and returns a context that is done once it may not
// any more; or ctx's error, or errShut.
func (g *gate) await(ctx context.Context, p *port) (context.Context, error) {
	for {
		g.mu.Lock()
		open, changed, ending := p.entry.open, g.changed, g.ending
		g.mu.Unlock()
		switch {
		case ending:
			return nil, errShut
		case open.Err() == nil:
			return open, ctx.Err()
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// opens reports whether p may be read.
func (g *gate) opens(p *port) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return p.entry.open.Err() == nil
}

// pass waits until what came at p may be given to the command.
func (g *gate) pass(ctx context.Context, p *port) error {
	_, err := g.await(ctx, p)
	if !errors.Is(err, errShut) {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.entry.paused {
		return errShut
	}
	return nil
}
