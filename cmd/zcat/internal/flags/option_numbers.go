package flags

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/zcat/zcat/pkg/sockets"
)

// span is the range of an option whose value is a whole number, and what is said of it.
type span struct {
	least, most int
	unit        string // "milliseconds", say; empty for a plain number
	minus       string // what -1 stands for, below least; empty where it is not taken
	meanings    string // of the few numbers that there are
}

// libzmq's numbers are C's int.
func anyCount() span  { return span{most: math.MaxInt32} }
func anyMillis() span { return span{most: math.MaxInt32, unit: "milliseconds"} }

// longestTTL is that of a PING, in milliseconds: it carries tenths of a second in 16 bits,
// and what is below one is cut off.
const longestTTL = 0x10000*100 - 1

// from is s that begins at another number.
func (s span) from(least int) span {
	s.least = least
	return s
}

// orMinus is s that takes -1 too.
func (s span) orMinus(meaning string) span {
	s.minus = meaning
	return s
}

// read returns the number that text is; -1 where it stands for something else.
func (s span) read(text string) (int, error) {
	if text == "-1" && s.minus != "" {
		return -1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < s.least || n > s.most || strings.HasPrefix(text, "+") {
		return 0, fmt.Errorf("%q: expected %s", text, s)
	}
	return n, nil
}

// String tells what is taken.
func (s span) String() string {
	if s.meanings != "" {
		return s.meanings
	}
	text := fmt.Sprintf("a whole number from %d to %d", s.least, s.most)
	if s.unit != "" {
		text += " (" + s.unit + ")"
	}
	if s.minus != "" {
		text += ", or -1 for " + s.minus
	}
	return text
}

func number(name, help string, at func(*sockets.Options) *int) optionRow {
	return spanned(name, help, anyCount(), at)
}

// spanned is a number of a range; where -1 is taken it is kept as 0, the system's.
func spanned(name, help string, in span, at func(*sockets.Options) *int) optionRow {
	return optionRow{
		Name: name, help: help,
		Get: func(o *sockets.Options) string {
			if n := *at(o); n != 0 || in.least == 0 {
				return strconv.Itoa(n)
			}
			return "-1"
		},
		set: func(o *sockets.Options, text string) error {
			n, err := in.read(text)
			if err == nil {
				*at(o) = max(n, 0)
			}
			return err
		},
	}
}

// buffer is the size of a buffer of the kernel, of which libzmq calls the system's own -1.
func buffer(name, help string, at func(*sockets.Options) *int) optionRow {
	return spanned(name, help, anyCount().orMinus("the system's"), at)
}

// millis is a time in milliseconds; a negative one, where that is allowed, is -1.
func millis(name, help string, in span, at func(*sockets.Options) *time.Duration) optionRow {
	return optionRow{
		Name: name, help: help,
		Get: func(o *sockets.Options) string { return inMillis(*at(o)) },
		set: func(o *sockets.Options, text string) error {
			n, err := in.read(text)
			if err == nil {
				*at(o) = ofMillis(n)
			}
			return err
		},
	}
}

func inMillis(d time.Duration) string {
	if d < 0 {
		return "-1"
	}
	return strconv.FormatInt(d.Milliseconds(), 10)
}

func ofMillis(n int) time.Duration {
	if n < 0 {
		return -1
	}
	return time.Duration(n) * time.Millisecond
}

func getMaxSize(o *sockets.Options) string { return orSystem(o.MaxSize) }

func setMaxSize(o *sockets.Options, text string) error {
	// It is wider than C's int. A limit of 0 would take empty messages only.
	n, err := span{least: 1, most: math.MaxInt, unit: "bytes", minus: "no limit"}.read(text)
	if err == nil {
		o.MaxSize = max(n, 0)
	}
	return err
}

func getStall(o *sockets.Options) string { return orSystem(int(o.StallTimeout.Milliseconds())) }

func setStall(o *sockets.Options, text string) error {
	// After 0 every peer that is waited for would be closed.
	n, err := anyMillis().from(1).orMinus("never").read(text)
	if err == nil {
		o.StallTimeout = max(ofMillis(n), 0)
	}
	return err
}

// orSystem writes a number of which 0 stands for the system's, or no limit: -1.
func orSystem(n int) string {
	if n == 0 {
		return "-1"
	}
	return strconv.Itoa(n)
}

// What the kernel takes for keep-alive; libzmq takes more and fails later.
func keepSeconds() span {
	return span{least: 1, most: math.MaxInt16, unit: "seconds", minus: "the system's"}
}
func keepProbes() span { return span{least: 1, most: math.MaxInt8, minus: "the system's"} }

func getKeepIdle(o *sockets.Options) string { return orSystem(int(o.KeepAliveIdle / time.Second)) }

func setKeepIdle(o *sockets.Options, text string) error {
	n, err := keepSeconds().read(text)
	if err == nil {
		o.KeepAliveIdle = time.Duration(max(n, 0)) * time.Second
	}
	return err
}

func getKeepAlive(o *sockets.Options) string {
	switch {
	case o.KeepAlive < 0:
		return "0"
	case o.KeepAlive > 0:
		return "1"
	}
	return "-1"
}

// keepAlive is the interval that tcp_keepalive=1 stands for.
const keepAlive = 15 * time.Second

func setKeepAlive(o *sockets.Options, text string) error {
	n, err := span{least: -1, most: 1, meanings: "1 (on), 0 (off) or -1 (the system's)"}.read(text)
	switch {
	case err != nil:
		return err
	case n < 0:
		o.KeepAlive = 0
	case n == 0:
		o.KeepAlive = -1
	default:
		o.KeepAlive = max(o.KeepAlive, keepAlive)
	}
	return nil
}

func getKeepAliveInterval(o *sockets.Options) string {
	return orSystem(int(max(o.KeepAlive, 0) / time.Second))
}

func setKeepAliveInterval(o *sockets.Options, text string) error {
	n, err := keepSeconds().read(text)
	if n > 0 {
		o.KeepAlive = time.Duration(n) * time.Second
	}
	return err
}

func getNotify(o *sockets.Options) string {
	n := 0
	if o.NotifyJoined {
		n++
	}
	if o.NotifyLeft {
		n += 2
	}
	return strconv.Itoa(n)
}

func setNotify(o *sockets.Options, text string) error {
	n, err := span{most: 3, meanings: "1 (there), 2 (left), 3 (both) or 0"}.read(text)
	if err == nil {
		o.NotifyJoined, o.NotifyLeft = n&1 != 0, n&2 != 0
	}
	return err
}
