package outcome

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"github.com/zcat/zcat/pkg/sockets"
)

// Where several hold, the first of 141, 2, 129 to 143, 124, 1, 4, 3.
func TestStatusPrecedence(t *testing.T) {
	order := []Status{
		Pipe, Usage, Interrupt, Timeout, Failed, Unsent, Refused, Done,
	}
	for i, high := range order {
		for _, low := range order[i:] {
			var one, other Verdict
			one.Add(high)
			one.Add(low)
			other.Add(low)
			other.Add(high)
			if one.Status() != high || other.Status() != high {
				t.Errorf("%d and %d end with %d and %d", high, low, one.Status(), other.Status())
			}
		}
	}
	var v Verdict
	v.Add(Terminate)
	v.Add(Interrupt)
	if v.Status() != Terminate {
		t.Errorf("the second signal counts: %d", v.Status())
	}
}

func TestStatusOfErrors(t *testing.T) {
	reason := errors.New("reason")
	for _, c := range []struct {
		err  error
		want Status
	}{
		{nil, 0},
		{reason, 1},
		{&UsageError{Sentence: "sentence", Hint: "hint"}, 2},
		{&sockets.RefusedError{Err: reason}, 3},
		{&sockets.RefusedError{Err: reason, Protocol: true}, 1},
		{&sockets.UnsentError{Messages: 1}, 4},
		{&TimeoutError{"no peer"}, 124},
		{ErrClosedOutput, 141},
		{fmt.Errorf("wrapped: %w", &sockets.RefusedError{Err: reason}), 3},
	} {
		if got := OfError(c.err); got != c.want {
			t.Errorf("%v: got %d, want %d", c.err, got, c.want)
		}
	}
	if OfSignal(os.Interrupt) != 130 || OfSignal(syscall.SIGTERM) != 143 || OfSignal(syscall.SIGHUP) != 129 {
		t.Error("signals")
	}
}
