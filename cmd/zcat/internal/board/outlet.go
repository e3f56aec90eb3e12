package board

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/pkg/frames"
)

// outlet is the queue of what the command wrote for a port. Whoever reads the command's
// lines sends what can be sent at once; what cannot waits here, for the outlet's own
// goroutine. So a port without room holds up no other until its queue is full: then the
// other ports are not read (gate.go), and once more is written for it, no more lines are.
type outlet struct {
	board  *Board
	port   *port
	staged frames.Batch // of the lines' reader alone: what it has not handed over yet

	mu      sync.Mutex
	queue   frames.Batch
	going   int  // messages that are being sent
	sending bool // somebody sends
	lost    int  // messages that found no room when all was given up
	overdue int  // messages at the front that have waited for as long as they may; the sender's
	full    bool
	room    chan struct{} // closed once there is room again; nil while there is
	wake    chan struct{}
}

const (
	// stageBytes is the size of what is staged before it is handed over.
	stageBytes = 64 << 10
	// sendMessages is the number of messages that leave the queue at a time.
	sendMessages = 64
	// longWait is the time that the command's lines go unread before that is reported.
	longWait = time.Second
)

func newOutlet(b *Board, p *port) *outlet {
	return &outlet{board: b, port: p, wake: make(chan struct{}, 1)}
}

// stage takes a message of the command.
func (o *outlet) stage(message *frames.Batch) {
	message.Shift(&o.staged, message.Len())
	if o.staged.Size() >= stageBytes {
		o.flush()
	}
}

// flush hands over what is staged, and waits while there is no room for more.
func (o *outlet) flush() {
	if o.staged.Len() == 0 {
		return
	}
	life.Sweep(o.staged.Size()) // of the line
	if see := o.board.See; see != nil {
		see("", o.port.Name, &o.staged)
	}
	o.mu.Lock()
	direct := !o.sending && o.queue.Len() == 0 && !o.port.Single && !o.port.Blocks
	o.sending = o.sending || direct
	o.mu.Unlock()
	if direct {
		o.send(atOnce, &o.staged)
	}
	o.mu.Lock()
	if direct {
		o.sending = false
	}
	o.staged.Shift(&o.queue, o.staged.Len())
	if o.overfull() && !o.full {
		o.full, o.room = true, make(chan struct{})
		o.board.gate.set(o.port, func(e *entry) { e.full = true })
	}
	beyond, room := o.beyond(), o.room
	if beyond && o.board.Hard.Err() != nil {
		o.shed()
	}
	o.mu.Unlock()
	life.Rouse(o.wake)
	if beyond {
		o.await(room)
	}
}

// await waits until there is room, and reports a wait that is long.
func (o *outlet) await(room <-chan struct{}) {
	long := time.NewTimer(longWait)
	defer long.Stop()
	for {
		select {
		case <-room:
			return
		case <-o.board.Hard.Done():
			return
		case <-long.C:
			o.board.Say.Notice("%s has no room for what %s writes: no more of that is read", o.port.Name, o.board.Name)
		}
	}
}

// overfull reports whether one of the marks is reached, beyond whether one is exceeded.
func (o *outlet) overfull() bool {
	p := o.port
	return p.Messages > 0 && o.queue.Len() >= p.Messages || p.Bytes > 0 && o.queue.Size() >= p.Bytes
}

func (o *outlet) beyond() bool {
	p := o.port
	return o.full && o.queue.Len() > 1 && (p.Messages > 0 && o.queue.Len() > p.Messages || p.Bytes > 0 && o.queue.Size() > p.Bytes)
}

// work sends what is queued, until nothing more comes.
func (o *outlet) work() {
	var batch frames.Batch
	for {
		last := o.board.ending.Err() != nil // before the look at the queue: nothing comes after it
		o.mu.Lock()
		free := !o.sending && o.queue.Len() > 0
		if free {
			most := sendMessages
			if o.port.Single {
				most = 1
			}
			o.queue.Shift(&batch, most)
			o.going, o.sending = batch.Len(), true
			o.relieve()
		}
		empty := o.queue.Len() == 0 && !o.sending
		o.mu.Unlock()
		if free {
			size := batch.Size()
			life.Sweep(size) // what it was copied from
			ok := o.send(o.board.Hard, &batch)
			life.Sweep(size)
			o.mu.Lock()
			o.sending, o.going = false, batch.Len()
			o.mu.Unlock()
			if !ok {
				return
			}
			continue
		}
		if empty && last {
			return
		}
		select {
		case <-o.wake:
		case <-o.board.ending.Done():
		}
	}
}

// shed drops what is beyond the marks, and counts it. The lock is held.
func (o *outlet) shed() {
	for o.beyond() {
		n := max(1, o.queue.Len()-max(1, o.port.Messages))
		o.queue.Truncate(o.queue.Len() - n)
		o.lost += n
	}
}

// relieve ends the want of room, once half of the queue has left. The lock is held.
func (o *outlet) relieve() {
	p := o.port
	half := (p.Messages == 0 || o.queue.Len() <= p.Messages/2) && (p.Bytes == 0 || o.queue.Size() <= p.Bytes/2)
	if !o.full || !half {
		return
	}
	o.full = false
	close(o.room)
	o.board.gate.set(p, func(e *entry) { e.full = false })
}

// send sends the messages of a batch, and gives those back that cannot be sent. What
// is left was not sent since ctx is done; it reports whether the port can go on.
func (o *outlet) send(ctx context.Context, batch *frames.Batch) bool {
	b, p := o.board, o.port
	for batch.Len() > 0 {
		limited, cancel := o.limit(ctx)
		count, size, waiting := batch.Len(), batch.Payload(), o.waiting()
		err := p.Send(limited, batch)
		cancel()
		sent, bytes := count-batch.Len(), size-batch.Payload()
		o.overdue = max(0, o.overdue-sent)
		var back *ReturnedError
		if errors.As(err, &back) {
			sent--
			bytes -= back.Message.Size()
		}
		p.sent.Add(uint64(sent))
		p.sentBytes.Add(uint64(bytes))
		switch {
		case err == nil:
		case back != nil:
			b.giveBack(p, back)
		case ctx.Err() != nil:
			return false
		case limited.Err() != nil && errors.Is(err, limited.Err()):
			// What stood behind it has waited for as long.
			o.overdue = max(o.overdue, count-sent+waiting) - 1
			b.giveBack(p, &ReturnedError{Message: batch.Next().Clone(), Reason: "no room within " + p.Patience.String()})
		default:
			b.Fail(err)
			return false
		}
	}
	return true
}

// limit is the time that the next message has.
func (o *outlet) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	switch patience := o.port.Patience; {
	case patience == 0 || ctx != o.board.Hard:
		return ctx, func() {}
	case o.overdue > 0:
		return atOnce, func() {}
	default:
		return context.WithTimeout(ctx, patience)
	}
}

// waiting is how many messages wait in the queue.
func (o *outlet) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queue.Len()
}

// othersWait reports whether a message waits that is for another peer than the one with
// this routing id. Where there is no more room, everybody waits.
func (o *outlet) othersWait(id []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.full {
		return true
	}
	for m := range o.queue.Messages() {
		if !bytes.Equal(m[0], id) {
			return true
		}
	}
	return false
}

// left returns the number of messages that wait.
func (o *outlet) left() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return uint64(o.queue.Len() + o.going + o.lost)
}

// atOnce is the context of a send that does not wait.
var atOnce = func() context.Context { //nolint:gochecknoglobals // it never changes
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()
