//go:build unix

package child

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"syscall"
	"time"
)

// The sizes of what goes through pipes.
const (
	// atOnce is the size that any pipe takes without a reader, in bytes.
	atOnce = 4096
	// leastRead is the least room that a read has.
	leastRead = 4096
	// hugeOutput is the size from which on the collector is called where output grows.
	hugeOutput = 16 << 20
)

// Run runs a command for one message and waits for its end. What it wrote is
// appended to out, unless the job has a Stdout. The reply is what it wrote
// until it ended, whoever else may hold its output open. When ctx is done the
// command is told to end, and killed after Grace. The error is ctx's, a
// *FloodError, an *ExitError, or the reason why the command did not start.
func (s *Set) Run(ctx context.Context, j Job, out []byte) ([]byte, error) {
	p := newProcess(j)
	feed, err := p.feed(j.Input)
	if err != nil {
		return out, err
	}
	var reader *os.File
	if j.Stdout == nil {
		r, w, err := os.Pipe()
		if err != nil {
			feed.started()
			feed.close()
			return out, err
		}
		reader, p.cmd.Stdout = r, w
	}
	err = s.start(p)
	if reader != nil {
		_ = p.cmd.Stdout.(*os.File).Close() // the command has it
	}
	feed.started()
	if err != nil {
		if reader != nil {
			_ = reader.Close() // nothing is in it
		}
		feed.close()
		return out, err
	}
	defer s.forget(p)
	spare := endWith(ctx, p)
	defer spare()

	ended := make(chan error, 1)
	go func() {
		err := p.wait()
		if reader != nil {
			// The read that waits looks a last time at what is there.
			_ = reader.SetReadDeadline(time.Unix(1, 0))
		}
		feed.close() // a write that still waits has nobody to go to
		ended <- err
	}()
	var flood error
	if reader != nil {
		out, flood = collect(reader, out, j.Max)
		if flood != nil {
			p.kill()
		}
	}
	exit := <-ended
	if reader != nil {
		_ = reader.Close() // it was only read
	}
	switch {
	case flood != nil:
		return out, flood
	case ctx.Err() != nil && exit != nil:
		return out, ctx.Err()
	}
	return out, exit
}

// collect appends to out what comes until the end, or until the deadline that
// the end of the command sets, and then what is there.
func collect(r *os.File, out []byte, most int) ([]byte, error) {
	begin, size := len(out), cap(out)
	for {
		if out = slices.Grow(out, leastRead); cap(out) > hugeOutput && cap(out) != size {
			// What it was copied from would else stay until the heap has doubled.
			debug.FreeOSMemory()
		}
		size = cap(out)
		n, err := r.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		if most > 0 && len(out)-begin > most {
			return out, &FloodError{most}
		}
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return rest(r, out, begin, most)
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return out, err
		}
	}
}

// rest appends what a pipe holds now, without waiting for more.
func rest(r *os.File, out []byte, begin, most int) ([]byte, error) {
	if err := r.SetReadDeadline(time.Time{}); err != nil {
		return out, err
	}
	raw, err := r.SyscallConn()
	if err != nil {
		return out, err
	}
	var failed error
	err = raw.Read(func(fd uintptr) bool {
		for {
			out = slices.Grow(out, leastRead)
			n, err := syscall.Read(int(fd), out[len(out):cap(out)])
			switch {
			case errors.Is(err, syscall.EINTR):
				continue
			case err != nil || n <= 0:
				return true // nothing more is there
			}
			if out = out[:len(out)+n]; most > 0 && len(out)-begin > most {
				failed = &FloodError{most}
				return true
			}
		}
	})
	return out, errors.Join(err, failed)
}

// feeding is the stdin of a command.
type feeding struct {
	r, w  *os.File // nil where there is nothing to feed
	input []byte   // what is not in the pipe yet
	done  chan struct{}
}

// feed gives the command its input. A small one is in the pipe before it starts.
func (p *process) feed(input []byte) (*feeding, error) {
	f := &feeding{}
	if len(input) == 0 {
		return f, nil // an empty file
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	f.r, f.w, f.input = r, w, input
	p.cmd.Stdin = r
	if len(input) <= atOnce {
		_, err = w.Write(input)
		err = errors.Join(err, w.Close())
		f.input = nil
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return f, nil
}

// started has to be called once the command has its end of the pipe, or will never
// have it.
func (f *feeding) started() {
	if f.r == nil {
		return
	}
	_ = f.r.Close() // the command has it
	if f.input == nil {
		return
	}
	f.done = make(chan struct{})
	go func() {
		defer close(f.done)
		// A command that does not read all of its input is free to do so.
		_, _ = f.w.Write(f.input)
		_ = f.w.Close()
	}()
}

// close ends the input; when it returns, the bytes are the caller's again.
func (f *feeding) close() {
	if f.input == nil {
		return
	}
	_ = f.w.Close() // it may be closed already
	if f.done != nil {
		<-f.done
	}
}
