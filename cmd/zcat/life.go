package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/pkg/sockets"
)

// life is what every command that runs for a while has: signals, an end in two
// steps, a verdict, an endpoint file. Once stop is done, no input is taken and
// nothing is waited for, but what is under way may finish. Once hard is done, a
// linger later or at the second signal, that is given up too.
type life struct {
	say     *speech
	verdict verdict
	linger  time.Duration // negative: for ever
	hangUp  bool          // SIGHUP ends it

	children child.Set // what --exec and --filter started

	stop, hard context.Context
	halt, kill context.CancelFunc

	leave   func() // sets the terminal as it was, nil where it was left alone
	abandon func() // says what is left where the command did not end, nil without
	tally   tally
	atEnd   func(status) // says the summary, nil without one

	place place // of --endpoint-file

	mu     sync.Mutex
	opened []*sockets.Socket // all that the command has opened
}

// lifeConfig is what a command line asks of a life.
type lifeConfig struct {
	linger       time.Duration // negative: for ever
	endpointFile string
	lists        bool // of who may come in, which SIGHUP has read again
}

func newLife(asked lifeConfig, std streams) *life {
	l := &life{say: std.say, linger: asked.linger, tally: tally{begun: time.Now()}}
	l.place = place{name: asked.endpointFile, stdout: std.out, late: func(err error) {
		l.verdict.add(statusFailed)
		l.say.failure(err)
	}}
	// Under nohup it ends nothing, and where there are lists it has them read again.
	l.hangUp = !signal.Ignored(syscall.SIGHUP) && !asked.lists
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
	if !signal.Ignored(syscall.SIGQUIT) {
		signal.Notify(signals, syscall.SIGQUIT) // or Go's runtime prints what all goroutines do
	}
	if l.hangUp {
		// It would end the process, but neither its files nor the commands that it has
		// started.
		signal.Notify(signals, syscall.SIGHUP)
	}
	defer l.children.Reap()()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	ended := l.await(done, signals)
	l.children.Kill() // at an orderly end none is left
	signal.Stop(signals)
	if l.leave != nil {
		l.leave()
	}
	l.place.retract()
	result := l.farewell(ended)
	if result == statusPipe {
		dieOfPipe()
	}
	return result
}
