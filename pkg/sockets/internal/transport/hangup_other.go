//go:build unix && !linux

package transport

import "errors"

// awaitEnd is not to be had here: an end is known once all before it is read.
func (*fdReader) awaitEnd() error { return errors.ErrUnsupported }
