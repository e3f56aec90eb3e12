package sockets

// A routing id outlives its peer: whoever starts again comes back with it, and to the
// application both are one, as it has nothing but the id. So what one peer sent is received,
// and that it left is told, before anything of the next with its id. The next is not read
// any slower for it: its messages wait in its own queue.

// successions are the peers that gave up a routing id while there is more of them to receive, the
// newest for each id. The socket's lock guards them, and the fields of peers named here.
type successions map[string]*peer

// give notes that p gives up its routing id. One that the ROUTER invented is not used again.
func (l *successions) give(p *peer) {
	if p.leaving || p.id[0] == 0 {
		return
	}
	if *l == nil {
		*l = successions{}
	}
	(*l)[p.id] = p
}

// inherit has p, which has just got its routing id, wait for who had it before.
func (l successions) inherit(p *peer) {
	if before := l[p.id]; before != nil && before != p {
		before.heir, p.before = p, before
	}
}

// count returns the number of messages of peers that wait for who was before them.
func (l successions) count() (n int) {
	for _, last := range l {
		if last.heir != nil {
			n += last.heir.in.Count()
		}
		for p := last; p.before != nil; p = p.before {
			n += p.in.Count()
		}
	}
	return n
}

// settle is called where nothing more of p may be to receive: who has its routing id now
// waits for it no longer.
func (f *fairQueue) settle(p *peer) {
	more := p.waits() || p.conn != nil && !p.leaving && !f.ending
	if more || p.heir == nil && f.former[p.id] != p {
		return
	}
	before, heir := p.before, p.heir
	p.before, p.heir = nil, nil
	if before != nil {
		before.heir = heir
	}
	if f.former[p.id] == p {
		if delete(f.former, p.id); before != nil {
			f.former[p.id] = before
		}
	}
	if heir != nil {
		heir.before = before
		f.activate(heir)
		heir.socket.wakeReceiver()
	}
}

// settleAll ends the waits for peers of which there is nothing to receive now.
func (f *fairQueue) settleAll(all map[*peer]struct{}) {
	for p := range all {
		f.settle(p)
	}
}
