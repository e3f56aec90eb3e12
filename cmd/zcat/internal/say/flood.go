package say

import (
	"sync"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/throttle"
)

// Kind names things that are reported one by one, for the sum of those that are not.
type Kind struct {
	Before string // of the sum, as "name: "
	One    string // of them
	After  string // as " without a peer"
}

// Flood reports things of which a stranger, a command or a file decides how many come: of
// each kind the first Most within a second, and then how many more there were. It serves
// several goroutines.
type Flood struct {
	Say  *Speech
	Most int

	mu    sync.Mutex
	paced throttle.Throttle[Kind]
}

// ManyLines is the Most where each report says what is to be mended, and where: most files
// have fewer bad lines.
const ManyLines = 100

// Fail reports a thing, or counts it.
func (f *Flood) Fail(kind Kind, format string, args ...any) {
	if f.Pass(kind) {
		f.Say.Fail(format, args...)
	}
}

// Pass reports whether a thing is to be reported; else it is counted.
func (f *Flood) Pass(kind Kind) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	passes := f.paced.Pass(kind, f.Most, now)
	f.sum(f.paced.Sums(now))
	return passes
}

// End reports what was only counted.
func (f *Flood) End() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sum(f.paced.Rest())
}

func (f *Flood) sum(sums []throttle.Sum[Kind]) {
	for _, s := range sums {
		f.Say.Fail("%sand %s%s within %v", s.Kind.Before, Plural(s.More, "more "+s.Kind.One), s.Kind.After, s.Within)
	}
}
