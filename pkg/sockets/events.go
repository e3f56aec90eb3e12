package sockets

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/locks"
)

// eventRoom is the largest number of events that wait for a reader of Events.
const eventRoom = 1024

// Events returns a queue of the socket's events from now on. It is closed once ctx
// is done, or after EventMonitorStopped when the socket has closed. The socket
// never waits for its reader: events that come while 1024 wait are left out. One
// EventLost gives their number in their place, and Stats counts them.
//
// EventCommand is reported for connections that are made after the first call of
// Events, or for all where there is an Options.Monitor.
func (s *Socket) Events(ctx context.Context) <-chan Event {
	q := &eventQueue{events: make(chan Event, eventRoom+1), lost: &s.watchers.lost}
	q.mu.Lock() // with a context that is done already, the function is called at once
	q.forget = context.AfterFunc(orBackground(ctx), func() {
		q.close()
		s.watchers.remove(q)
	})
	q.mu.Unlock()
	if s.open() != nil || !s.watchers.add(q) {
		q.close()
	}
	return q.events
}

// eventQueue is the queue of one reader of events. It has one place more than
// events may take, for an EventLost at the end.
type eventQueue struct {
	events chan Event
	lost   *atomic.Uint64 // of all readers
	forget func() bool    // ends the wait for the reader's context

	mu     locks.Mutex[locks.Reader]
	missed int64 // events since the last one in the queue
	closed bool
}

// put queues an event, if there is room.
func (q *eventQueue) put(e Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	if q.missed > 0 && len(q.events) < eventRoom {
		q.tellMissed()
	}
	if len(q.events) >= eventRoom {
		q.missed++
		q.lost.Add(1)
		return
	}
	q.events <- e
}

func (q *eventQueue) tellMissed() {
	q.events <- Event{Time: time.Now(), Kind: EventLost, Value: q.missed}
	q.missed = 0
}

// close ends the queue; what is in it can still be read.
func (q *eventQueue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	if q.missed > 0 {
		q.tellMissed()
	}
	q.closed = true
	close(q.events)
	q.forget()
}

func (q *eventQueue) left() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

// watchers are the readers of a socket's events.
type watchers struct {
	any  atomic.Bool // there are some: without readers no event is made
	lost atomic.Uint64

	mu     locks.Mutex[locks.Watchers]
	queues map[*eventQueue]struct{}
	ended  bool
}

// add adds a reader, unless the last event has been reported or the reader has left
// already.
func (w *watchers) add(q *eventQueue) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended || q.left() {
		return false
	}
	if w.queues == nil {
		w.queues = map[*eventQueue]struct{}{}
	}
	w.queues[q] = struct{}{}
	w.any.Store(true)
	return true
}

func (w *watchers) remove(q *eventQueue) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.queues, q)
	w.any.Store(len(w.queues) > 0)
}

// tell gives an event to all readers.
func (w *watchers) tell(e Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for q := range w.queues {
		q.put(e)
	}
}

// end closes the queues of all readers.
func (w *watchers) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	for q := range w.queues {
		q.close()
	}
	w.queues = nil
	w.any.Store(false)
}
