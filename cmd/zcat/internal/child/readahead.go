package child

import (
	"errors"
	"io"
	"os"
	"sync"
)

// ReadAhead reads what a filter writes before it is asked for. A filter that writes many
// requests before it reads a reply would else wait for us to read them, while we wait
// for it to read the reply. It serves one reader.
type ReadAhead struct {
	most int // bytes that may wait; 0 is no limit

	mu     sync.Mutex
	change sync.Cond // of what follows
	// What waits is in pieces: one buffer that grows would be there two or three times when
	// a line of many megabytes makes it grow.
	pieces [][]byte
	taken  int    // bytes of the first piece
	waits  int    // bytes in all
	spare  []byte // a piece to use again
	err    error  // what the reading ended with
	over   bool   // nobody wants more
}

// pieceSize is the size of a piece, of which a read fills half at least where there is as
// much to read.
const pieceSize = 128 << 10

// NewReadAhead reads r until its end, or until Stop. No more than most bytes wait, or one
// piece of 128 KiB where that is more; 0 is no limit.
func NewReadAhead(r io.Reader, most int) *ReadAhead {
	a := &ReadAhead{most: most}
	a.change.L = &a.mu
	go a.work(r)
	return a
}

func (a *ReadAhead) work(r io.Reader) {
	for {
		// Nobody else touches the end of the last piece, so that it is read into without the
		// lock.
		n, err := r.Read(a.room())
		if errors.Is(err, os.ErrClosed) {
			err = io.EOF // nobody wants more, and what came before is whole
		}
		a.mu.Lock()
		for a.most > 0 && a.waits > 0 && a.waits+n > a.most && !a.over {
			a.change.Wait()
		}
		last := &a.pieces[len(a.pieces)-1]
		*last = (*last)[:len(*last)+n]
		a.waits += n
		a.err = err
		end := err != nil || a.over
		a.change.Signal()
		a.mu.Unlock()
		if end {
			return
		}
	}
}

// room is the free part of the last piece, or a new one.
func (a *ReadAhead) room() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := len(a.pieces); n > 0 && cap(a.pieces[n-1])-len(a.pieces[n-1]) >= pieceSize/2 {
		last := a.pieces[n-1]
		return last[len(last):cap(last)]
	}
	piece := a.spare
	if a.spare = nil; piece == nil {
		piece = make([]byte, 0, pieceSize)
	}
	a.pieces = append(a.pieces, piece)
	return piece[:pieceSize]
}

// Read waits for something to read.
func (a *ReadAhead) Read(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.waits == 0 && a.err == nil && !a.over {
		a.change.Wait()
	}
	switch {
	case a.waits > 0:
		n := a.take(p)
		a.change.Signal()
		return n, nil
	case a.err != nil:
		return 0, a.err
	}
	return 0, io.EOF
}

// take copies what waits to p. The lock is held.
func (a *ReadAhead) take(p []byte) (n int) {
	for n < len(p) && a.waits > 0 {
		if a.taken == len(a.pieces[0]) {
			a.spare, a.taken = a.pieces[0][:0], 0
			a.pieces[0] = nil // else the array would keep it
			a.pieces = a.pieces[1:]
		}
		c := copy(p[n:], a.pieces[0][a.taken:])
		n += c
		a.taken += c
		a.waits -= c
	}
	return n
}

// Stop ends it. Its reader has to be closed besides, if it waits for more.
func (a *ReadAhead) Stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	a.change.Broadcast()
}
