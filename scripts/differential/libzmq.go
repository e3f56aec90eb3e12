//go:build linux

package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// libzmq drives sockets of libzmq in a process of pyzmq, one socket at a time.
type libzmq struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// startLibzmq starts the program at path, judge.py or judge_drafts.py.
func startLibzmq(path string) (*libzmq, error) {
	z := &libzmq{cmd: exec.Command("/usr/bin/python3", path)} //nolint:noctx // end ends it
	z.cmd.Stderr = os.Stderr
	// An interrupt is for the judge, which ends it.
	z.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if z.in, err = z.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := z.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	z.out = bufio.NewReader(out)
	return z, z.cmd.Start()
}

// errAborted says that libzmq ended its process: it takes something that a peer sent for a
// fault of its own.
var errAborted = errors.New("libzmq aborted")

// end kills the process.
func (z *libzmq) end() {
	_ = z.in.Close()
	_ = z.cmd.Process.Kill()
	_ = z.cmd.Wait() // it was killed
}

// failure is an error that libzmq returned.
type failure string

func (f failure) Error() string { return "libzmq: " + string(f) }

// ask sends a request and puts the answer into answer, if that is not nil.
func (z *libzmq) ask(answer any, request ...any) error {
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err = z.in.Write(append(line, '\n')); err == nil {
		line, err = z.out.ReadBytes('\n')
	}
	if err != nil {
		died := z.cmd.Wait()
		if state, ok := z.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && state.Signal() == syscall.SIGABRT {
			return errAborted
		}
		return errors.Join(fmt.Errorf("judge.py ended at %s: %w", request[0], err), died)
	}
	var got struct {
		OK    json.RawMessage
		Error string
	}
	if err := json.Unmarshal(line, &got); err != nil {
		return err
	}
	if got.Error != "" {
		return failure(got.Error)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(got.OK, answer)
}

func (z *libzmq) open(kind string, options []option) (socket, error) {
	spelt := [][2]string{}
	for _, o := range options {
		spelt = append(spelt, [2]string{o.name, hex.EncodeToString(o.value)})
	}
	return z, z.ask(nil, "new", kind, spelt)
}

func (z *libzmq) bind(endpoint string) (resolved string, err error) {
	return resolved, z.ask(&resolved, "bind", endpoint)
}

func (z *libzmq) connect(endpoint string) error { return z.ask(nil, "connect", endpoint) }

func (z *libzmq) drain(quiet time.Duration) ([]frames.Message, error) {
	var spelt [][]string
	if err := z.ask(&spelt, "drain", quiet.Milliseconds()); err != nil {
		return nil, err
	}
	var all []frames.Message
	for _, m := range spelt {
		message, err := decode(m)
		if err != nil {
			return nil, err
		}
		all = append(all, message)
	}
	return all, nil
}

func (z *libzmq) rest() (frames.Message, error) {
	var spelt []string
	if err := z.ask(&spelt, "rest"); err != nil {
		return nil, err
	}
	return decode(spelt)
}

func decode(spelt []string) (m frames.Message, err error) {
	for _, f := range spelt {
		frame, err := hex.DecodeString(f)
		if err != nil {
			return nil, err
		}
		m = append(m, frame)
	}
	return m, nil
}

func (z *libzmq) send(m frames.Message) (string, error) {
	spelt := []string{}
	for _, f := range m {
		spelt = append(spelt, hex.EncodeToString(f))
	}
	var failed failure
	err := z.ask(nil, "send", spelt)
	switch {
	case err == nil:
		return sentOK, nil
	case errors.As(err, &failed):
		return string(failed), nil
	}
	return "", err
}

func (z *libzmq) subscribe(prefix []byte, cancel bool) error {
	verb := "subscribe"
	if cancel {
		verb = "unsubscribe"
	}
	var failed failure
	if err := z.ask(nil, verb, hex.EncodeToString(prefix)); !errors.As(err, &failed) || failed != "EINVAL" {
		return err
	}
	return nil // a group that cannot be joined or left
}

func (z *libzmq) close() error { return z.ask(nil, "close") }
