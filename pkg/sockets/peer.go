package sockets

import (
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
	"github.com/zcat/zcat/pkg/sockets/internal/topics"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// peer is one partner of a socket with the queues between them. A peer that was
// connected to exists from Connect on and outlives its connections; one that
// was accepted exists as long as its connection.
type peer struct {
	socket   *Socket
	endpoint string // as bound or connected
	dialed   bool
	dialer   *dialer // what connects to it, if anything

	out outbox
	in  inbox

	resume chan struct{} // ends the rest of a reader whose connection was lent

	// The socket's lock guards what follows.
	conn    *zmtp.Conn           // nil while there is no connection
	remote  string               // the other side, for people
	gone    bool                 // detached: nothing more is sent to it
	active  bool                 // waits in the fair queue
	parked  bool                 // has messages, which are not taken until there is room for replies to it
	ending  bool                 // its connection is: what it sent is read beyond the marks, to the end
	id      string               // a ROUTER's routing id of it
	idWire  []byte               // the same as a frame in wire form, MORE set
	asks    bool                 // it is a REQ, as far as a ROUTER knows
	unread  int                  // bytes that it left behind in its queue
	topics  topics.Holder[*peer] // what it subscribed to, if we publish
	matched uint64               // the message that last matched one of its topics
	touched bool                 // a fan-out has put messages into out that are not written yet

	held     int   // bytes of memory that stand for it in the account of what comes in
	queued   int   // of them for messages that are whole
	arriving int   // and for one that is not
	arrives  gauge // how fast that comes
	starved  bool  // its reader waits for memory

	parting bool // it left, and its topics are being taken away
}

func newPeer(s *Socket, endpoint string, dialed bool) *peer {
	p := &peer{socket: s, endpoint: endpoint, dialed: dialed, remote: endpoint}
	p.out = outbox{
		hwm: s.opts.SendHWM, hwmBytes: s.opts.SendHWMBytes, conflate: s.opts.Conflate,
		wake: s.wakeSender, freed: func() { s.readmit(p) }, returns: dialed && !s.opts.Immediate,
	}
	if !dialed {
		p.out.account = s.outgoing
	}
	p.arrange()
	p.in.room = make(chan struct{}, 1)
	p.resume = make(chan struct{}, 1)
	return p
}

// arrange settles what a sender does that finds no room for a message to p.
func (p *peer) arrange() {
	s := p.socket
	p.out.mu.Lock()
	defer p.out.mu.Unlock()
	switch s.kind {
	case Push, Dealer, Pair, Req:
		p.out.paced, p.out.reoffered = true, true
	case Router:
		if s.waits() {
			p.out.paced, p.out.reoffered, p.out.twice, p.out.alone = true, true, true, s.lonely
		}
	case Pub, XPub:
		p.out.paced = s.opts.NoDrop
	case Rep, Sub, XSub, Pull: // they drop
	}
}

// deliver queues a slab from p for the application.
func (p *peer) deliver(s *slab.Slab) {
	p.in.add(s)
	p.arrived()
}

// deliverMessage queues one message, in wire form, as if p had sent it.
func (p *peer) deliverMessage(wire []byte) {
	p.in.addMessage(wire)
	p.arrived()
}

func (p *peer) arrived() {
	if p.socket.opts.Conflate {
		p.in.keepNewest()
	}
	p.socket.account(p)
	p.socket.fair.activate(p)
	p.socket.wakeReceiver()
}

// taken is called after messages of p went to the application: its reader goes
// on once the queue is half empty.
func (p *peer) taken() {
	o := &p.socket.opts
	p.in.pace.took()
	p.socket.account(p)
	if p.conn != nil {
		p.conn.Taken(p.in.taken)
	}
	p.in.taken = 0
	if p.in.waiting && (!p.in.pace.waits || p.in.size <= paceSize/2) && (p.in.count == 0 || p.socket.incoming.allows(p)) &&
		(p.ending || p.in.count <= o.RecvHWM/2) && (o.RecvHWMBytes == 0 || p.in.size <= o.RecvHWMBytes/2) {
		p.release()
	}
	if p.gone {
		p.socket.unread += p.in.size - p.unread
		p.unread = p.in.size
	}
}

// unwait takes back the word that there is room from a reader that knows it.
func (p *peer) unwait() {
	select {
	case <-p.in.room:
	default:
	}
}

// release lets the reader go on.
func (p *peer) release() {
	if p.in.watching && p.conn != nil {
		p.in.watching = false
		p.conn.Interrupt()
	}
	p.in.waiting, p.in.pace.waits = false, false
	select {
	case p.in.room <- struct{}{}:
	default:
	}
}
