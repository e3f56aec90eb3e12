// Package life has what every command needs that runs for a while: signals and the
// end in two steps, the time that the linger leaves after a signal (at an orderly end
// it is the socket's, sockets.CloseContext), what happens to connections and how that is
// reported, the endpoint file, what a supervisor is told, and the summary.
package life

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/sockets"
)

// Life is common to the commands that run for a while: signals, an end in two
// steps, a verdict, an endpoint file. Once Stop is done, no input is taken and
// nothing is waited for, but what is under way may finish. Once Hard is done, a
// linger later or at the second signal, that is given up too.
type Life struct {
	Say     *say.Speech
	Verdict outcome.Verdict
	linger  time.Duration // negative: for ever
	hangUp  bool          // SIGHUP ends it
	when    heeds         // when signals are heeded
	heeding chan struct{} // closed once they are

	Children child.Set // what --exec and --filter started

	Stop, Hard context.Context
	Halt, Kill context.CancelFunc

	signals chan os.Signal // that end it

	Leave   func() // sets the terminal as it was, nil where it was left alone
	Abandon func() // reports what is left where the command did not end, nil without
	Tally   Tally
	AtEnd   func(outcome.Status) // writes the summary, nil without one

	Place Place // of --endpoint-file

	ending    sync.Once      // the supervisor is told so
	notices   sync.WaitGroup // to it, that are on their way
	signalled atomic.Bool    // a signal began the end

	mu     sync.Mutex
	opened []*sockets.Socket // all that the command has opened
	moved  func() uint64     // see Follow
}

// Settings are those of a life.
type Settings struct {
	linger       time.Duration // negative: for ever
	endpointFile string
	lists        bool  // of who may come in, which SIGHUP has read again
	when         heeds // behind the beginning it calls Heed
}

// New makes the life of a command that is about to begin.
func New(asked Settings, std say.Streams) *Life {
	l := &Life{
		Say: std.Say, linger: asked.linger, when: asked.when,
		signals: make(chan os.Signal, 4), heeding: make(chan struct{}), Tally: Tally{begun: time.Now()},
	}
	l.Place = Place{name: asked.endpointFile, stdout: std.Out, late: func(err error) {
		l.Verdict.Add(outcome.Failed)
		l.Say.Failure(err)
	}}
	// Under nohup SIGHUP ends nothing, and where there are lists it has them read
	// again.
	l.hangUp = !signal.Ignored(syscall.SIGHUP) && !asked.lists
	l.Hard, l.Kill = context.WithCancel(context.Background())
	l.Stop, l.Halt = context.WithCancel(l.Hard)
	keepPipes()
	if l.when == atFirst {
		l.catch()
	}
	return l
}

// Lead does what a command is for, handles the signals meanwhile, and returns the
// exit status.
func (l *Life) Lead(do func()) outcome.Status {
	defer l.Kill()
	defer l.Children.Reap()()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	defer l.heed()()
	ended := l.await(done)
	l.Children.Kill() // at an orderly end none is left
	if l.Leave != nil {
		l.Leave()
	}
	l.Place.retract()
	result := l.farewell(ended)
	l.ending.Do(func() {}) // from now on there is nothing to tell
	l.notices.Wait()
	if result == outcome.Pipe {
		stream.DieOfPipe()
	}
	return result
}
