//go:build unix && !linux

package transport

import "errors"

// awaitEnd is not supported here: an end is known only once everything before it is
// read.
func (*fdReader) awaitEnd() error { return errors.ErrUnsupported }
