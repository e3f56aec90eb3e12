package life

import "github.com/zcat/zcat/pkg/sockets"

// origins knows the endpoint through which each peer came, for sockets that have
// several.
type origins struct {
	now, before map[string]string // by peer; the older half is forgotten as a whole
}

// mostOrigins bounds the number of peers that are remembered, including those that
// are gone and whose messages may still be there: more than --max-peers allows at a
// time.
const mostOrigins = 1 << 16

func (o *origins) note(e sockets.Event) {
	if len(o.now) >= mostOrigins {
		o.now, o.before = nil, o.now
	}
	if o.now == nil {
		o.now = map[string]string{}
	}
	o.now[e.Peer] = e.Endpoint
}

func (o *origins) of(peer string) string {
	if endpoint, ok := o.now[peer]; ok {
		return endpoint
	}
	return o.before[peer]
}

// Origin returns the endpoint through which a peer came, "" if that is not known.
func (w *Monitor) Origin(peer string) string {
	w.Mu.Lock()
	defer w.Mu.Unlock()
	return w.origins.of(peer)
}
