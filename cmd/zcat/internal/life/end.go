package life

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/sockets"
)

const (
	// SameSignal is the time within which the same signal counts as one: timeout(1)
	// sends its signal to the process and then to the process's group.
	SameSignal = 200 * time.Millisecond
	// lastGrace is the time that what was given up may take to end. What has not
	// ended by then is stuck in a write that nobody reads.
	lastGrace = 500 * time.Millisecond
	// longWait is the time that a wait for commands lasts before it is reported.
	longWait = time.Second
)

// await returns when all is done, or when what was given up, after a signal or
// because a reader is gone, still does not end.
func (l *Life) await(done <-chan struct{}) (ended bool) {
	var (
		got    int
		last   os.Signal
		at     time.Time
		halted = l.Stop.Done()
		given  <-chan struct{}
		stuck  <-chan time.Time
		moved  = l.moves()
	)
	for {
		select {
		case <-done:
			return true
		case <-stuck:
			now := l.moves()
			if now == moved {
				return false
			}
			moved, stuck = now, time.After(lastGrace)
		case <-halted:
			halted, given = nil, l.Hard.Done()
		case <-given:
			given, moved, stuck = nil, l.moves(), time.After(l.grace())
		case sig := <-l.signals:
			if sig == last && time.Since(at) < SameSignal {
				continue
			}
			last, at = sig, time.Now()
			l.Verdict.Add(outcome.OfSignal(sig))
			switch got++; {
			case got > 2:
				return false
			case got > 1 || sig == syscall.SIGHUP || sig == syscall.SIGQUIT:
				l.Kill()
				l.Children.Kill()
			default:
				l.begin(sig)
			}
		}
	}
}

// Follow has the end wait for what was given up for as long as moves grows: it is not
// stuck, but slow, as on a machine under load.
func (l *Life) Follow(moves func() uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.moved = moves
}

// moves returns how far what was given up has come.
func (l *Life) moves() uint64 {
	l.mu.Lock()
	moved := l.moved
	l.mu.Unlock()
	if moved == nil {
		return 0
	}
	return moved()
}

// grace returns the time that is left to what was given up: a command is killed
// only after it was asked to end.
func (l *Life) grace() time.Duration {
	if l.Children.Running() > 0 {
		return child.Grace + 4*lastGrace
	}
	return lastGrace
}

// begin begins the end that a signal asks for. It does not wait for stderr.
func (l *Life) begin(sig os.Signal) {
	l.signalled.Store(true)
	go l.Say.Event("%v: ending; another signal ends at once", sig)
	l.Wind()
	time.AfterFunc(longWait, func() {
		if n := l.Children.Running(); n > 0 && l.Hard.Err() == nil {
			l.Say.Notice("%v: waiting for %s, %s; another signal ends at once", sig, say.Plural(n, "command"), within(l.linger))
		}
	})
}

// MentionEnd reports what an end waits for that no signal began, where that takes long.
// over is closed once it is there.
func (l *Life) MentionEnd(what string, over <-chan struct{}) {
	timer := time.NewTimer(longWait)
	defer timer.Stop()
	select {
	case <-over:
		return
	case <-l.Hard.Done():
		return
	case <-timer.C:
	}
	if !l.signalled.Load() {
		l.Say.Notice("waiting for the end of %s, %s (--linger); a signal, given twice, ends at once", what, within(l.linger))
	}
}

// within says how long the wait may last.
func within(linger time.Duration) string {
	if linger < 0 {
		return "as long as it takes"
	}
	return "up to " + linger.String()
}

// Wind begins the end: no more input, and what is under way has the linger.
func (l *Life) Wind() {
	l.Halt()
	l.LimitEnd()
}

// LimitEnd gives what is under way the linger from now on.
func (l *Life) LimitEnd() {
	l.Ending()
	if l.linger >= 0 {
		time.AfterFunc(l.linger, l.Kill)
	}
}

// ReaderGone ends a command whose stdout nobody reads any more.
func (l *Life) ReaderGone() {
	l.Verdict.Add(outcome.Pipe)
	l.Wind()
}

// Opens notes a socket that the command has opened.
func (l *Life) Opens(s *sockets.Socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opened = append(l.opened, s)
}

// shut closes the sockets of a command that did not end, so that their files are
// removed, too.
func (l *Life) shut() {
	gone, cancel := context.WithCancel(l.Hard)
	cancel()
	l.mu.Lock()
	opened := l.opened
	l.mu.Unlock()
	for _, socket := range opened {
		var left *sockets.UnsentError
		if errors.As(socket.CloseContext(gone), &left) {
			l.Tally.Leave(uint64(left.Messages))
			l.Tally.Undo(socket, left.Messages)
		}
	}
}

// farewell reports what there is to report at the end, and returns the status. Where a
// signal ended the command, or comes now, it does not wait long for a reader that reads no
// more.
func (l *Life) farewell(ended bool) outcome.Status {
	soon := func(do func()) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			do()
		}()
		var late <-chan time.Time
		if l.Stop.Err() != nil {
			late = time.After(lastGrace)
		}
		for {
			select {
			case <-done:
				return
			case <-late:
				return
			case <-l.signals:
				if late == nil {
					late = time.After(lastGrace)
				}
			}
		}
	}
	if !ended {
		if l.Abandon != nil {
			soon(l.Abandon)
		}
		soon(l.shut)
	}
	if l.AtEnd != nil {
		soon(func() { l.AtEnd(l.Verdict.Status()) })
	}
	return l.Verdict.Status()
}

// Limited returns ctx with a time limit, where there is one.
func Limited(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if limit <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, limit)
}
