//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package prompt

import (
	"os"
	"os/signal"
	"sync"

	"golang.org/x/sys/unix"
)

// Mode is a terminal whose keys arrive one by one.
type Mode struct {
	fd    int
	usual unix.Termios

	mu   sync.Mutex
	over bool
}

// Enter makes the keys of a terminal arrive one by one and without echo. Ctrl-C and
// the like stay signals, and a line feed stays a new line for all who write.
func Enter(f *os.File) (*Mode, error) {
	m := &Mode{fd: int(f.Fd())}
	t, err := unix.IoctlGetTermios(m.fd, getTermios)
	if err != nil {
		return nil, err
	}
	m.usual = *t
	return m, m.Again()
}

// Again enters the mode once more, after Leave; after End it does nothing.
func (m *Mode) Again() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over {
		return nil
	}
	t := m.usual
	t.Iflag &^= unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.IEXTEN
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(m.fd, setTermios, &t)
}

// Leave restores the terminal. It may be called more than once.
func (m *Mode) Leave() error { return unix.IoctlSetTermios(m.fd, setTermios, &m.usual) }

// End is Leave for good: a process that goes on after a stop may end at the same time.
func (m *Mode) End() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = true
	return m.Leave()
}

// Resumed returns what tells that the process goes on after a stop, in which others wrote to
// the terminal, until stop is called.
func Resumed() (resumed <-chan os.Signal, stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGCONT)
	return signals, func() { signal.Stop(signals) }
}

// Foreground reports whether the process may use the terminal: a shell's
// background job would be stopped, or draw over what the user types.
func Foreground(f *os.File) bool {
	group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
