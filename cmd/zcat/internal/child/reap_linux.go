package child

import (
	"errors"
	"os"
	"os/signal"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Reap reaps what the commands leave behind until the returned function is called,
// where the program is process 1, as in a container: a process that loses its
// parent becomes a child of process 1, and stays as a zombie unless it is waited
// for.
func (s *Set) Reap() (end func()) {
	if os.Getpid() != 1 {
		return func() {}
	}
	news, over := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(news, unix.SIGCHLD)
	s.mu.Lock()
	s.reaped = make(chan struct{}, 1)
	reaped := s.reaped
	s.mu.Unlock()
	go func() {
		for {
			select {
			case <-news:
			case <-reaped: // a command stood in front of others
			case <-over:
				return
			}
			for s.reapOne() {
			}
		}
	}()
	return func() {
		signal.Stop(news)
		close(over)
	}
}

// reapOne reaps one child that is not a command of s, and reports whether there may
// be another.
func (s *Set) reapOne() bool {
	s.mu.Lock() // no command is being started: all that exist are known
	pid := endedChild()
	for p := range s.running {
		if p.cmd.Process.Pid == pid {
			pid = 0 // whoever waits for it reaps it, and wakes us
		}
	}
	s.mu.Unlock()
	if pid <= 0 {
		return false
	}
	_, err := unix.Wait4(pid, nil, unix.WNOHANG, nil)
	return err == nil || errors.Is(err, unix.EINTR)
}

// endedChild returns the process id of a child that has ended and was not reaped
// yet, 0 where there is none. It looks without reaping.
func endedChild() int {
	// What waitid(2) reports of a child: the beginning of a siginfo_t.
	var info struct {
		_   [3]int32
		_   [unsafe.Sizeof(uintptr(0)) - 4]byte // the union behind is aligned as a pointer is
		pid int32
		_   [128]byte
	}
	at := unsafe.Pointer(&info) //nolint:gosec // x/sys has no name for the field
	err := unix.Waitid(unix.P_ALL, 0, (*unix.Siginfo)(at), unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	if err != nil {
		return 0
	}
	return int(info.pid)
}
