package life

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Go asks the kernel for each signal through a thread of its own, which takes two
// changes of threads, and starts three threads for that: a tenth of the time of a short
// command. So what can go on meanwhile does, a command that ends is not rid of them, and
// a request that is over soon (0.90 of its time) never asks.

// briefly is the time within which a single request mostly has its reply.
const briefly = 5 * time.Millisecond

// heeds is when signals are heeded.
type heeds int

const (
	atFirst   heeds = iota // before anything begins
	meanwhile              // while connections are made
	ifLasting              // once the command has lasted for briefly
)

// Heed waits until signals are heeded. A command that began before that calls it
// before it does anything that a signal must not cut short. One that heeds them only if
// it lasts has nothing of the kind: a signal would give up its request, and say no more
// than the status, as it does when it ends the process.
func (l *Life) Heed() {
	if l.when != ifLasting {
		<-l.heeding
	}
}

// heed has signals come to Lead, now or a little later.
func (l *Life) heed() (forget func()) {
	switch l.when {
	case atFirst: // New did
	case meanwhile:
		l.catch()
	case ifLasting:
		later := time.AfterFunc(briefly, l.catch)
		return func() { later.Stop() }
	}
	return func() {}
}

// keepPipes makes a write to a closed stdout or stderr fail instead of ending the
// process before its files are removed. Package child sees to it that a command which is
// started does not ignore the signal as well.
func keepPipes() { signal.Ignore(syscall.SIGPIPE) }

// catch has signals come to Lead from now on, and to the end of the process: before anything
// is printed, opened or started, and behind the summary. One that came between would end the
// process at once, without a word, and leave files, commands and a terminal as they are.
func (l *Life) catch() {
	defer close(l.heeding)
	signal.Notify(l.signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGQUIT) {
		signal.Notify(l.signals, syscall.SIGQUIT) // else Go's runtime prints what all goroutines do
	}
	if l.hangUp {
		signal.Notify(l.signals, syscall.SIGHUP)
	}
}
