package life

import (
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// Go asks the kernel for each signal through a thread of its own, which takes two
// changes of threads: a tenth of the time of a short command. So what can go on
// meanwhile does, and a command that ends does not wait to be rid of them.

// Heed waits until signals are heeded. A command that began before that calls it
// before it does anything that a signal must not cut short.
func (l *Life) Heed() { <-l.heeding }

// keepPipes makes a write to a closed stdout or stderr fail instead of ending the
// process before its files are removed. Package child sees to it that a command which is
// started does not ignore the signal as well.
func keepPipes() { signal.Ignore(syscall.SIGPIPE) }

// listen asks for the signals that end a command.
func (l *Life) listen(signals chan os.Signal) {
	defer close(l.heeding)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGQUIT) {
		signal.Notify(signals, syscall.SIGQUIT) // else Go's runtime prints what all goroutines do
	}
	if l.hangUp {
		// It would end the process without removing its files or ending the
		// commands that it has started.
		signal.Notify(signals, syscall.SIGHUP)
	}
}

// stuckAfter is when an end that is not over is taken for stuck.
const stuckAfter = 10 * time.Millisecond

// unlisten gives signals their usual effect again, one that has come meanwhile too, in
// case what follows is stuck. It does not wait for that. over is called at the end.
func unlisten(signals chan os.Signal) (over func()) {
	var ended atomic.Bool
	time.AfterFunc(stuckAfter, func() {
		signal.Stop(signals)
		select {
		case sig := <-signals:
			if self, err := os.FindProcess(os.Getpid()); err == nil && !ended.Load() {
				_ = self.Signal(sig) // without effect on systems that have none
			}
		default:
		}
	})
	return func() { ended.Store(true) }
}
