package main

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/pkg/sockets"
)

const (
	// sameSignal is how long the same signal is one signal: timeout(1) sends its own
	// to the process and then to the process's group.
	sameSignal = 200 * time.Millisecond
	// lastGrace is how long what was given up may take to end. What then has not is
	// stuck in a write to somebody who reads no more.
	lastGrace = 500 * time.Millisecond
	// longWait is how long a wait for commands lasts before it is said.
	longWait = time.Second
)

// await returns when all is done, or when what a signal ends, or a reader that is
// gone, was given up and still does not end.
func (l *life) await(done <-chan struct{}, signals <-chan os.Signal) (ended bool) {
	var (
		got    int
		last   os.Signal
		at     time.Time
		halted = l.stop.Done()
		given  <-chan struct{}
		stuck  <-chan time.Time
	)
	for {
		select {
		case <-done:
			return true
		case <-stuck:
			return false
		case <-halted:
			halted, given = nil, l.hard.Done()
		case <-given:
			given, stuck = nil, time.After(l.grace())
		case sig := <-signals:
			if sig == last && time.Since(at) < sameSignal {
				continue
			}
			last, at = sig, time.Now()
			l.verdict.add(ofSignal(sig))
			switch got++; {
			case got > 2:
				return false
			case got > 1 || sig == syscall.SIGHUP || sig == syscall.SIGQUIT:
				l.kill()
				l.children.Kill()
			default:
				l.begin(sig)
			}
		}
	}
}

// grace is what is left to who was given up: a command is killed only after it was
// asked to end.
func (l *life) grace() time.Duration {
	if l.children.Running() > 0 {
		return child.Grace + 4*lastGrace
	}
	return lastGrace
}

// begin begins the end that a signal asks for. It does not wait for stderr.
func (l *life) begin(sig os.Signal) {
	go l.say.event("%v: ending; another signal ends at once", sig)
	l.wind()
	time.AfterFunc(longWait, func() {
		if n := l.children.Running(); n > 0 && l.hard.Err() == nil {
			l.say.notice("%v: waiting for %s, %s; another signal ends at once", sig, plural(n, "command"), within(l.linger))
		}
	})
}

// within says how long is waited.
func within(linger time.Duration) string {
	if linger < 0 {
		return "as long as it takes"
	}
	return "up to " + linger.String()
}

// wind begins the end: no more input, and what is under way has the linger.
func (l *life) wind() {
	l.halt()
	l.limitEnd()
}

// limitEnd gives what is under way the linger from now on.
func (l *life) limitEnd() {
	if l.linger >= 0 {
		time.AfterFunc(l.linger, l.kill)
	}
}

// readerGone ends a command whose stdout nobody reads any more.
func (l *life) readerGone() {
	l.verdict.add(statusPipe)
	l.wind()
}

// opens notes a socket that the command has opened.
func (l *life) opens(s *sockets.Socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opened = append(l.opened, s)
}

// shut closes the sockets of a command that did not end: their files are to go, too.
func (l *life) shut() {
	gone, cancel := context.WithCancel(l.hard)
	cancel()
	l.mu.Lock()
	opened := l.opened
	l.mu.Unlock()
	for _, socket := range opened {
		var left *sockets.UnsentError
		if errors.As(socket.CloseContext(gone), &left) {
			l.tally.leave(uint64(left.Messages))
		}
	}
}

// farewell says what there is to say at the end, and returns the status. Where a
// signal ended the command, nobody waits long for whoever reads no more.
func (l *life) farewell(ended bool) status {
	soon := func(do func()) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			do()
		}()
		if l.stop.Err() == nil {
			<-done
			return
		}
		select {
		case <-done:
		case <-time.After(lastGrace):
		}
	}
	if !ended {
		if l.abandon != nil {
			soon(l.abandon)
		}
		soon(l.shut)
	}
	if l.atEnd != nil {
		soon(func() { l.atEnd(l.verdict.status()) })
	}
	return l.verdict.status()
}
