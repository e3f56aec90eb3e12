package child

import (
	"bytes"
	"io"
	"sync"
)

// ReadAhead reads what a filter writes before it is asked for. A filter that writes many
// requests before it reads a reply would else wait for us to read them, while we wait
// for it to read the reply. It serves one reader.
type ReadAhead struct {
	most int // bytes that may wait; 0 is no limit

	mu     sync.Mutex
	change sync.Cond // of what follows
	waits  bytes.Buffer
	err    error // what the reading ended with
	over   bool  // nobody wants more
}

// NewReadAhead reads r until its end, or until Stop. No more than most bytes wait, or one
// piece of 64 KiB where that is more; 0 is no limit.
func NewReadAhead(r io.Reader, most int) *ReadAhead {
	a := &ReadAhead{most: most}
	a.change.L = &a.mu
	go a.work(r)
	return a
}

func (a *ReadAhead) work(r io.Reader) {
	chunk := make([]byte, 64<<10)
	for {
		n, err := r.Read(chunk)
		a.mu.Lock()
		for a.most > 0 && a.waits.Len() > 0 && a.waits.Len()+n > a.most && !a.over {
			a.change.Wait()
		}
		_, _ = a.waits.Write(chunk[:n]) // it never fails
		a.err = err
		end := err != nil || a.over
		a.change.Signal()
		a.mu.Unlock()
		if end {
			return
		}
	}
}

// Read waits for something to read.
func (a *ReadAhead) Read(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.waits.Len() == 0 && a.err == nil && !a.over {
		a.change.Wait()
	}
	switch {
	case a.waits.Len() > 0:
		n, _ := a.waits.Read(p) // not at its end
		a.change.Signal()
		return n, nil
	case a.err != nil:
		return 0, a.err
	}
	return 0, io.EOF
}

// Stop ends it. Its reader has to be closed besides, if it waits for more.
func (a *ReadAhead) Stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	a.change.Broadcast()
}
