//go:build unix

package child

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
)

// Supported reports whether commands can be run on this system.
const Supported = true

// process is one command that runs, and its group.
type process struct {
	cmd  *exec.Cmd
	mu   sync.Mutex
	gone bool // reaped, so that the number of its group may be another's
	told bool // to end, by us
}

func newProcess(j Job) *process {
	cmd := exec.Command(shellPath, "-c", j.Script) //nolint:noctx // endWith ends it, its group with it
	cmd.Env = j.Env
	if j.Stdout != nil {
		cmd.Stdout = j.Stdout
	}
	if j.Stderr != nil {
		cmd.Stderr = j.Stderr
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return &process{cmd: cmd}
}

// start starts the command. Until that leads a group of its own, what the terminal or
// timeout(1) sends to ours, as at Ctrl-C, would end it: then it is started anew, since the
// message in hand is still to be handled.
func (p *process) start() error {
	heedPipes()
	for tries := 0; ; tries++ {
		err := p.cmd.Start()
		if err != nil || tries == mostTries || runs(p.cmd.Process.Pid) {
			return err
		}
		_ = p.cmd.Wait()                 // a signal ended it
		again := exec.Command(shellPath) //nolint:noctx // as above
		again.Args, again.Env, again.SysProcAttr = p.cmd.Args, p.cmd.Env, p.cmd.SysProcAttr
		again.Stdin, again.Stdout, again.Stderr = p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr
		p.cmd = again
	}
}

// heedPipes has commands end by SIGPIPE, as they would in a shell: what this process
// ignores, a command that it starts would ignore, too.
func heedPipes() {
	if signal.Ignored(syscall.SIGPIPE) {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	}
}

const (
	shellPath, shellName = "/bin/sh", "sh"
	// mostTries bounds what a flood of signals can have started anew.
	mostTries = 100
)

// wait waits for the end of the command and kills what is left of its group.
func (p *process) wait() error {
	var err error
	known := awaitExit(p.cmd.Process.Pid)
	if !known {
		err = p.cmd.Wait()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.signal(syscall.SIGKILL)
	p.gone = true
	if known {
		err = p.cmd.Wait()
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return &ExitError{Signal: status.Signal().String()}
	}
	return &ExitError{Status: exit.ExitCode()}
}

func (p *process) terminate() { p.end(syscall.SIGTERM) }
func (p *process) kill()      { p.end(syscall.SIGKILL) }

func (p *process) end(sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.gone {
		p.told = true
		p.signal(sig)
		// A stopped process takes no other signal.
		p.signal(syscall.SIGCONT)
	}
}

// signal reaches the whole group. Nobody may be left in it.
func (p *process) signal(sig syscall.Signal) { _ = syscall.Kill(-p.cmd.Process.Pid, sig) }
