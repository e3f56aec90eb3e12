// Package child runs the commands that messages are handed to: one for each
// message (Set.Run), or one that stays (Set.Start).
//
// A command is given to sh -c and leads a process group of its own: the
// terminal's interrupt does not reach it, and all that it leaves behind in that
// group is killed when it ends. Only what takes a session of its own, as setsid
// does, is let go.
package child

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// Grace is the time that a command has to end once it is told to.
const Grace = time.Second

// ErrClosed is returned for a command that was to start after Kill.
var ErrClosed = errors.New("not started: all commands are being ended")

// FloodError says that a command wrote more than it may.
type FloodError struct{ Max int }

func (e *FloodError) Error() string { return fmt.Sprintf("it wrote more than %d bytes", e.Max) }

// ExitError says that a command failed.
type ExitError struct {
	Status int    // 0 where a signal ended it
	Signal string // "killed"; "" where it exited
}

func (e *ExitError) Error() string {
	if e.Signal != "" {
		return "a signal ended it: " + e.Signal
	}
	return fmt.Sprintf("exit status %d", e.Status)
}

// OfBrokenPipe reports whether a command, or what it ran, died of writing to nobody. err is
// how it ended.
func OfBrokenPipe(err error) bool {
	const status = 128 + 13 // of a shell, for SIGPIPE
	var exit *ExitError
	return errors.As(err, &exit) && (exit.Signal == "broken pipe" || exit.Status == status)
}

// Job is one run of a command.
type Job struct {
	Script string
	Env    []string // the whole environment
	Input  []byte   // its stdin
	Max    int      // the most that it may write in bytes; 0 sets no limit
	// Stdout takes its output; where it is nil, Run returns the output.
	Stdout *os.File
	Stderr *os.File
}

// Set holds the commands that one program has started and that still run. The zero
// value is an empty one. It serves several goroutines.
type Set struct {
	mu      sync.Mutex
	running map[*process]struct{}
	closed  bool
	reaped  chan struct{} // notified when a command was reaped; nil where nobody asks
}

// Running returns the number of commands that run.
func (s *Set) Running() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.running)
}

// Kill kills all that run, and lets none start from now on. It does not wait for
// their end.
func (s *Set) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for p := range s.running {
		p.kill()
	}
}

// start starts a process unless Kill was called, and remembers it.
func (s *Set) start(p *process) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if err := p.start(); err != nil {
		return err
	}
	if s.running == nil {
		s.running = map[*process]struct{}{}
	}
	s.running[p] = struct{}{}
	return nil
}

func (s *Set) forget(p *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, p)
	select {
	case s.reaped <- struct{}{}:
	default:
	}
}

// endWith tells a process to end when ctx is done, and kills it if that takes
// longer than Grace. The returned function takes that back.
func endWith(ctx context.Context, p *process) (spare func()) {
	var (
		mu    sync.Mutex
		timer *time.Timer
		over  bool
	)
	stop := context.AfterFunc(ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		if over {
			return
		}
		p.terminate()
		timer = time.AfterFunc(Grace, p.kill)
	})
	return func() {
		stop()
		mu.Lock()
		defer mu.Unlock()
		over = true
		if timer != nil {
			timer.Stop()
		}
	}
}

// Environ returns an environment: base, without the variables whose names begin
// with prefix, without those by which systemd handed sockets to this process
// (sd_listen_fds(3)) and has it report its state (sd_notify(3)), and with room for some
// more.
func Environ(base []string, prefix string) []string {
	env := make([]string, 0, len(base)+8)
	for _, entry := range base {
		name, _, _ := strings.Cut(entry, "=")
		switch name {
		case "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET":
			continue
		}
		if !strings.HasPrefix(name, prefix) {
			env = append(env, entry)
		}
	}
	return env
}
