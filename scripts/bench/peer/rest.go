//go:build linux

package main

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// rest sleeps between requests. The timers of Go are far coarser than the pauses, and a
// call that sleeps keeps a processor from the other clients of the process.
type rest struct{ timer *os.File } // nil for who is alone

func newRest(alone bool) (rest, error) {
	if alone {
		return rest{}, nil
	}
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return rest{}, err
	}
	return rest{os.NewFile(uintptr(fd), "timer")}, nil
}

func (r rest) end() {
	if r.timer != nil {
		_ = r.timer.Close() // nobody waits for it
	}
}

// until sleeps, and returns when a request that was due then is to begin. Who is not
// alone keeps no processor busy for the sake of a start in time.
func (r rest) until(due time.Time) (time.Time, error) {
	if r.timer == nil {
		pauseUntil(due)
		return due, nil
	}
	left := time.Until(due)
	if left <= 0 {
		return due, nil
	}
	raw, err := r.timer.SyscallConn()
	if err != nil {
		return due, err
	}
	var set error
	err = raw.Control(func(fd uintptr) {
		set = unix.TimerfdSettime(int(fd), 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(left.Nanoseconds())}, nil)
	})
	if err != nil || set != nil {
		return due, errors.Join(err, set)
	}
	_, err = r.timer.Read(make([]byte, 8))
	return time.Now(), err
}

// pauseUntil sleeps except for the time by which a sleep may be late.
func pauseUntil(due time.Time) {
	if left := time.Until(due) - 100*time.Microsecond; left > 0 {
		t := syscall.NsecToTimespec(left.Nanoseconds())
		_ = syscall.Nanosleep(&t, nil) // an interrupted one is too short, which is as good
	}
	for time.Now().Before(due) {
		_, _, _ = syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0)
	}
}
