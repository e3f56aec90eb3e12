package sockets

import (
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
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
	dialer   *dialer // the dialer that connects to it, if any

	out queue.Outbox

	serial     uint64      // of all peers of the socket
	unanswered *unanswered // nil where they are not kept

	resume chan struct{} // ends the rest of its reader

	// The socket's lock guards what follows.
	in       queue.Inbox
	notices  []notice        // of the peer, between its messages; see presence.go
	part     queue.Part      // of the memory for what comes in
	arrives  queue.Gauge     // how fast what comes in arrives
	rest     rest            // the reason why its reader rests
	conn     *zmtp.Conn      // nil while there is no connection
	remote   string          // the other side, for people
	source   *framing.Source // of its messages; nil before its first handshake is done
	gone     bool            // detached: nothing more is sent to it
	leaving  bool            // nothing new is sent to it, and nothing taken from it: see letGo
	detached bool            // the pattern has forgotten it
	active   bool            // waits in the fair queue
	parked   bool            // has messages, which are not taken until there is room for replies to it
	ending   bool            // its connection is: what it sent is read beyond the marks, to the end
	id       string          // a ROUTER's routing id of it
	before   *peer           // who had that id, as long as there is more of it to receive; see succession.go
	heir     *peer           // who has it after this one, and waits
	idWire   []byte          // the same as a frame in wire form, MORE set
	strict   string          // its type, if that discards what has no delimiter; a ROUTER's
	gates    bool            // it takes nothing of us while it has no room for replies; the same
	received uint64          // messages of it that the application took
	unread   int             // bytes of memory of what it left behind
	counted  bool            // Close counts what is queued for it, and nobody else

	// What a fan-out looks at for each message stands together: with thousands of
	// peers a cache line more of each is a tenth of its time (BenchmarkFanOut). The
	// fan-out's lock guards it, but for touched, which is the sender's.
	touched bool                 // messages were put into out that are not written yet
	parting bool                 // it left, and its topics are being taken away
	matched uint64               // the message that last matched one of its topics
	topics  topics.Holder[*peer] // what it subscribed to, if we publish
	feed    feed                 // of last values
	unfed   bool                 // it gets no last values any more

	asker *asker // what it asked for, with Options.Manual; the fan-out's lock guards that

	// The same of who is fed; the socket's lock guards it.
	feeding bool          // a goroutine feeds it
	late    *arrival      // what it sent and the pattern has not taken in, as it is fed; its reader's
	spared  chan struct{} // there is room for its feed; nil where none is fed
}

func newPeer(s *Socket, endpoint string, dialed bool) *peer {
	p := &peer{socket: s, endpoint: endpoint, dialed: dialed, remote: endpoint, resume: make(chan struct{}, 1), serial: s.met.Add(1), unanswered: newUnanswered(s)}
	settings := queue.Settings{
		Marks: queue.Marks{Messages: s.opts.SendHWM, Bytes: s.opts.SendHWMBytes}, Conflate: s.opts.Conflate,
		Wake: s.wakeSender, Freed: func() { s.readmit(p) }, Returns: dialed && !s.opts.Immediate,
	}
	if dialed {
		p.part.Exempt()
	} else if s.outgoing != nil {
		settings.Account = s.outgoing
	}
	if p.unanswered != nil {
		settings.Watch = p.unanswered
	}
	p.out.Open(settings)
	if s.row.full != nil {
		p.out.Arrange(s.row.full(s))
	}
	if s.opts.LastValueBytes > 0 {
		p.spared = make(chan struct{}, 1)
		p.out.SpareWith(func() { wake(p.spared) })
	}
	return p
}

// deliver queues a slab from p for the application.
func (p *peer) deliver(s *slab.Slab) {
	if p.unanswered != nil {
		p.unanswered.received(s.Wire, s.Count)
	}
	p.in.Add(s)
	p.arrived()
}

// deliverMessage queues one message, in wire form, as if p had sent it.
func (p *peer) deliverMessage(wire []byte) {
	p.in.AddMessage(wire)
	p.arrived()
}

// held returns the bytes of memory for what p sent that has not been received.
func (p *peer) held() int {
	if p.late != nil {
		return p.in.Held() + cap(p.late.slab.Wire)
	}
	return p.in.Held()
}

func (p *peer) arrived() {
	if p.socket.opts.Conflate {
		p.in.KeepNewest()
	}
	p.socket.intake.Settle(&p.part, p.held())
	p.socket.fair.activate(p)
	if !p.socket.hushed {
		p.socket.wakeReceiver()
	}
}

// give appends the end of the message that was taken last to b. A long one is not copied.
func (p *peer) give(b *framing.Batch, end []byte) {
	if !p.in.Yield(b, end) {
		b.AppendWire(end, 1)
		p.in.Settle()
	}
	b.AppendSource(p.source, 1)
}

// taken is called after messages of p went to the application: its reader goes
// on once the queue is half empty.
func (p *peer) taken() {
	count := p.in.Took()
	p.received += uint64(count)
	p.passed(count)
	p.socket.intake.Settle(&p.part, p.held())
	if p.conn != nil {
		p.conn.Taken(count)
	}
	if p.rest != awake && p.mayGoOn() {
		p.release()
	}
	if p.gone {
		p.socket.countUnread(p)
	}
}
