package frames

import (
	"bytes"
	"errors"
	"io"
	"math"
)

const (
	// readSize is the first length of the buffer: larger reads gain nothing.
	readSize = 128 << 10
	// mostRead is the most that is read at a time into the buffer of a long line: of the
	// line after it, it is not to read more than can be moved.
	mostRead = 1 << 20
	// keptBuffer is the largest buffer that is kept once its lines are taken.
	keptBuffer = 16 << 20
	// slack is the number of bytes after a line that its decoder may look at: a
	// line feed that stops every loop, and a word that begins there.
	slack = 1 + wordLen
	// maxEmptyReads is the number of times that a reader may return neither bytes
	// nor an error.
	maxEmptyReads = 100
)

// lines cuts a stream into lines without copying them.
type lines struct {
	r         io.Reader
	delimiter []byte
	most      int    // the longest line, without its delimiter
	buf       []byte // buf[at:end] has been read and not been taken
	at, end   int
	seen      int   // buf[at:at+seen] is searched: no delimiter begins there
	number    int   // of the line taken last, from 1
	skipping  bool  // buf[at:] is the rest of a line that was too long
	err       error // the error that the reader ended with
	cut       bool  // no delimiter stood behind the line taken last
	grown     func(size int)

	// buf[at:at+looked] was looked at, as long as number is lookedAfter.
	looked, lookedAfter int
	lookedInto          bool // what follows is the rest of a line that was too long
}

// lineState is the result of next.
type lineState uint8

const (
	linePartial lineState = iota // the line is not whole: fill, then try again
	lineWhole
	lineTooLong // it is left out; the line after it comes next
)

// next takes a line that is at hand: buf[start:start+n], without its delimiter,
// until the next fill. The line is followed by slack bytes, and where the
// delimiter is a line feed, the first of them is one.
func (l *lines) next() (start, n int, state lineState) {
	for {
		n, whole := l.search()
		start := l.at
		switch {
		case whole && l.skipping:
			l.take(n + len(l.delimiter))
			l.skipping = false
			continue
		case l.skipping:
			// The bytes that may begin a delimiter are kept.
			l.take(l.seen)
			return 0, 0, linePartial
		case whole:
			l.take(n + len(l.delimiter))
		case l.at < l.end && errors.Is(l.err, io.EOF):
			n = l.end - l.at
			l.take(n)
			l.cut = true
			l.buf[l.end] = '\n'
		case l.seen > l.most:
			l.take(l.seen)
			l.number++
			l.skipping = true
			return 0, 0, lineTooLong
		default:
			return 0, 0, linePartial
		}
		l.number++
		if n > l.most {
			return 0, 0, lineTooLong
		}
		return start, n, lineWhole
	}
}

// search looks for the end of the line at buf[at:].
func (l *lines) search() (n int, whole bool) {
	rest := l.buf[l.at+l.seen : l.end]
	if len(l.delimiter) == 1 {
		n = bytes.IndexByte(rest, l.delimiter[0])
	} else {
		n = bytes.Index(rest, l.delimiter)
	}
	if n >= 0 {
		return l.seen + n, true
	}
	l.seen = max(l.seen, l.end-l.at-len(l.delimiter)+1)
	return 0, false
}

func (l *lines) take(n int) {
	l.at += n
	l.seen = 0
}

// fill reads once. It fails only where the reader has ended before.
func (l *lines) fill() error {
	if l.err != nil {
		return l.err
	}
	if l.buf == nil {
		l.buf = make([]byte, readSize)
	}
	if l.at > 0 { // else a long line would be moved onto itself by every read
		l.shrink() // of one that was too long
		l.end = copy(l.buf, l.buf[l.at:l.end])
		l.at = 0
	}
	if l.end == len(l.buf)-slack {
		l.grow(l.most)
	}
	n := 0
	for tries := 0; n == 0 && l.err == nil; tries++ {
		if tries == maxEmptyReads {
			l.err = io.ErrNoProgress
			break
		}
		n, l.err = l.r.Read(l.buf[l.end:min(l.end+mostRead, len(l.buf)-slack)])
	}
	l.end += n
	return nil
}

// ready reports whether to read on while messages wait for it: the reader has more at
// hand, and what is left of the last read is so little that no line in it is long.
func (l *lines) ready() bool {
	more, ok := l.r.(interface{ Ready() bool })
	return ok && l.err == nil && !l.skipping && l.end-l.at < readSize/4 && more.Ready()
}

// shrink lets a huge buffer go whose lines are taken, but for the beginning of another.
func (l *lines) shrink() {
	if rest := l.buf[l.at:l.end]; len(l.buf) > keptBuffer && len(rest) < len(l.buf)/4 {
		l.buf = make([]byte, max(readSize, len(rest)+slack))
		l.at, l.end = 0, copy(l.buf, rest)
	}
}

// grow doubles the buffer, but makes it no larger than a line of most bytes needs.
func (l *lines) grow(most int) {
	size := 2 * len(l.buf)
	if rest := len(l.delimiter) + slack; most < size-rest {
		size = most + rest
	}
	buf := make([]byte, size)
	copy(buf, l.buf[:l.end])
	l.buf = buf
	l.outgrew(size)
}

// outgrew tells that what the buffer was copied from is nobody's any more: it has size
// bytes now.
func (l *lines) outgrew(size int) {
	if l.grown != nil && size > keptBuffer {
		l.grown(size)
	}
}

// maxLine is the longest line that is read for a message of maxSize bytes: JSON
// may spend six bytes on one (\u0000), and white space is free.
func maxLine(maxSize int) int {
	const factor, extra = 8, 64 << 10
	if maxSize <= 0 || maxSize > (math.MaxInt-extra)/factor {
		return math.MaxInt
	}
	return factor*maxSize + extra
}
