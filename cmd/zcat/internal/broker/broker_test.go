package broker

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/zcat/zcat/pkg/sockets"
)

// What could not be passed on is counted, and hides nothing that stands beside it.
func TestUnforwarded(t *testing.T) {
	unsent := func(n int) error { return &sockets.UnsentError{Messages: n} }
	for _, c := range []struct {
		err      error
		messages int
		hides    bool // io.EOF is in it
	}{
		{nil, 0, false},
		{io.EOF, 0, true},
		{unsent(2), 2, false},
		{errors.Join(io.EOF, unsent(2)), 2, true},
		{errors.Join(errors.Join(unsent(2)), errors.Join(unsent(3), io.EOF)), 5, true},
		{fmt.Errorf("front: %w", unsent(1)), 1, false},
	} {
		messages, rest := unforwarded(c.err)
		if messages != c.messages || errors.Is(rest, io.EOF) != c.hides || (rest != nil) != c.hides {
			t.Errorf("unforwarded(%v) = %d, %v", c.err, messages, rest)
		}
	}
}
