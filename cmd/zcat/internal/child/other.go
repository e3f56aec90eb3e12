//go:build !unix

package child

import (
	"context"
	"errors"
	"os"
	"time"
)

// Supported reports whether commands can be run on this system.
const Supported = false

var errUnsupported = errors.New("commands need sh, which is not on this system")

// ErrEnded is returned by a Write to a filter that takes no more input.
var ErrEnded = errors.New("the filter takes no more")

// ErrSlow is returned by a Write that took longer than it may.
var ErrSlow = errors.New("the filter does not read")

type process struct{}

func (*process) start() error { return errUnsupported }
func (*process) kill()        {}
func (*process) terminate()   {}

// Run is for systems with sh.
func (s *Set) Run(_ context.Context, _ Job, out []byte) ([]byte, error) { return out, errUnsupported }

// Filter is for systems with sh.
type Filter struct{ Output *os.File }

// Start is for systems with sh.
func (s *Set) Start(context.Context, Job) (*Filter, error) { return nil, errUnsupported }

// Write is for systems with sh.
func (f *Filter) Write([]byte) (int, error) { return 0, errUnsupported }

// Patience is for systems with sh.
func (f *Filter) Patience(time.Duration) error { return errUnsupported }

// Input is for systems with sh.
func (f *Filter) Input() *os.File { return nil }

// CloseInput is for systems with sh.
func (f *Filter) CloseInput() {}

// Ended is for systems with sh.
func (f *Filter) Ended() <-chan struct{} { return nil }

// Wait is for systems with sh.
func (f *Filter) Wait() error { return errUnsupported }

// Told is for systems with sh.
func (f *Filter) Told() bool { return false }
