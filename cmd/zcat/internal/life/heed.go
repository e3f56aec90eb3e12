package life

import (
	"os"
	"os/signal"
	"syscall"
)

// Go asks the kernel for each signal through a thread of its own, which takes two
// changes of threads: a tenth of the time of a short command. So what can go on
// meanwhile does, and a command that ends is not rid of them.

// Heed waits until signals are heeded. A command that began before that calls it
// before it does anything that a signal must not cut short.
func (l *Life) Heed() { <-l.heeding }

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
