package sockets

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

// A reader of Events gets the same as a Monitor, and its queue ends after the
// socket.
func TestEventsTellWhatAMonitorHears(t *testing.T) {
	log, monitored := monitor(t)
	s := newSocket(t, Pull, monitored)
	events := s.Events(t.Context())
	p := meet(t, bind(t, s, anyPort), "PUSH")
	p.settle()
	p.hangUp()
	eventually(t, func() bool { return s.Stats().Peers == 0 })
	try(t, s.Close())
	var got []EventKind
	for e := range events {
		if e.Time.IsZero() {
			t.Errorf("%v came at no time", e.Kind)
		}
		got = append(got, e.Kind)
	}
	log.mu.Lock()
	defer log.mu.Unlock()
	if len(got) != len(log.events) {
		t.Fatalf("%d events %v, the monitor heard of %d", len(got), got, len(log.events))
	}
	if last := got[len(got)-1]; last != EventMonitorStopped {
		t.Errorf("the last is %s", last)
	}
	if n := s.Stats().EventsLost; n != 0 {
		t.Errorf("%d lost", n)
	}
}

// A reader that was too slow learns the number of lost events, in their place:
// however it reads, the events that it gets and those lost add up to all.
func TestSlowReaderOfEventsLosesNoCount(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		s := newSocket(t, Pull)
		events := s.Events(t.Context())
		slow := s.Events(t.Context()) // a reader that reads nothing holds up nobody
		told, lost := 0, int64(0)
		next := int64(0) // the Value of the next event
		read := func(e Event) {
			if e.Kind == EventLost {
				lost += e.Value
				next += e.Value
				return
			}
			if e.Kind == EventCommand {
				if e.Value != next {
					t.Fatalf("seed %d: event %d came as number %d", seed, e.Value, next)
				}
				told++
				next++
			}
		}
		const all = 4 * eventRoom
		reads := 0
		for i := range int64(all) {
			if i%700 == 0 {
				reads = r.IntN(3) // 0: the queue runs over; 2: the reader catches up
			}
			s.report(Event{Kind: EventCommand, Value: i})
			for range reads {
				select {
				case e := <-events:
					read(e)
				default:
				}
			}
		}
		for len(events) > 0 {
			read(<-events)
		}
		try(t, s.Close())
		for e := range events {
			read(e)
		}
		if int64(told)+lost != all {
			t.Errorf("seed %d: %d told and %d lost of %d", seed, told, lost, all)
		}
		count := 0
		for e := range slow {
			if count++; e.Kind == EventLost {
				lost += e.Value
			}
		}
		// The slow one has a full queue, and at its end the number of those lost.
		if count != eventRoom+1 || s.Stats().EventsLost != uint64(lost) {
			t.Errorf("seed %d: the slow one has %d events; %d lost, and counted %d", seed, count, lost, s.Stats().EventsLost)
		}
	}
}

// A reader whose context ends, before or after, finds a queue that ends, and leaves
// nothing behind.
func TestEventsEndWithTheirContext(t *testing.T) {
	s := newSocket(t, Pull)
	for range s.Events(over()) {
		t.Error("an event for who had left")
	}
	ctx, cancel := context.WithCancel(t.Context())
	events := s.Events(ctx)
	s.report(Event{Kind: EventCommand})
	cancel()
	count := 0
	for range events {
		count++
	}
	if count > 1 {
		t.Errorf("%d events", count)
	}
	for end := time.Now().Add(watchdog); s.watchers.any.Load(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("the socket still tells him")
		}
	}
	try(t, s.Close())
	for range s.Events(t.Context()) {
		t.Error("an event of a closed socket")
	}
	var zero Socket
	for range zero.Events(nil) { //nolint:staticcheck // nil is allowed here
		t.Error("an event of no socket")
	}
}
