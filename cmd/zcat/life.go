package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
)

// Ends that are no failures.
var (
	errHalted = errors.New("told to stop")
	errIdle   = errors.New("nothing for --idle long")
)

// life is what every command that runs for a while has: signals, an end in two
// steps, a verdict, an endpoint file. Once stop is done, no input is taken and
// nothing is waited for, but what is under way may finish. Once hard is done, a
// linger later or at the second signal, that is given up too.
type life struct {
	say     *speech
	verdict verdict
	linger  time.Duration // negative: for ever
	parent  bool          // it starts commands
	hangUp  bool          // SIGHUP ends it

	children child.Set // what --exec and --filter started

	stop, hard context.Context
	halt, kill context.CancelFunc

	leave func() // sets the terminal as it was, nil where it was left alone
	tally tally
	atEnd func(status) // says the summary, nil without one

	file  string      // of --endpoint-file, "" without
	wrote atomic.Bool // it is there
}

func newLife(c *config, say *speech) *life {
	l := &life{say: say, linger: c.options.Linger, parent: c.runs(), file: c.endpointFile, tally: tally{begun: time.Now()}}
	// Under nohup it ends nothing, and where there are lists it has them read again.
	l.hangUp = !signal.Ignored(syscall.SIGHUP) && !c.access.Lists()
	l.hard, l.kill = context.WithCancel(context.Background())
	l.stop, l.halt = context.WithCancel(l.hard)
	return l
}

// lead does what a command is for, heeds the signals meanwhile, and returns the
// exit status.
func (l *life) lead(do func()) status {
	defer l.kill()
	// Asking for SIGPIPE makes a write to a closed stdout fail instead of ending
	// the process before its files are removed.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	if l.parent && l.hangUp {
		// It would end the process, but not the commands it has started.
		signal.Notify(signals, syscall.SIGHUP)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	l.await(done, signals)
	l.children.Kill() // at an orderly end none is left
	signal.Stop(signals)
	if l.leave != nil {
		l.leave()
	}
	l.retract()
	result := l.verdict.status()
	if l.atEnd != nil {
		l.atEnd(result)
	}
	if result == statusPipe {
		dieOfPipe()
	}
	return result
}

// await returns when all is done, or at once at the second signal.
func (l *life) await(done <-chan struct{}, signals <-chan os.Signal) {
	for got := 0; ; {
		select {
		case <-done:
			return
		case sig := <-signals:
			l.verdict.add(ofSignal(sig))
			if got++; got > 1 || sig == syscall.SIGHUP {
				return
			}
			l.say.event("%v: ending; another signal ends at once", sig)
			if n := l.children.Running(); n > 0 {
				l.say.notice("%v: waiting for %s, %s; another signal ends at once", sig, plural(n, "command"), within(l.linger))
			}
			l.wind()
		}
	}
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

// publish writes the endpoint file, where one was asked for.
func (l *life) publish(endpoints []string) error {
	if l.file == "" {
		return nil
	}
	if err := writeEndpointFile(l.file, endpoints); err != nil {
		return err
	}
	l.wrote.Store(true)
	return nil
}

// retract takes the endpoint file away, if it is ours.
func (l *life) retract() {
	if l.wrote.Load() {
		// Whoever asked for it may have removed it already.
		_ = os.Remove(l.file)
	}
}
