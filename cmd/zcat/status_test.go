package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"github.com/zcat/zcat/pkg/sockets"
)

// Where several hold, the first of 2, 129 to 143, 124, 1, 4, 3.
func TestStatusPrecedence(t *testing.T) {
	order := []status{
		statusPipe, statusUsage, statusInterrupt, statusTimeout, statusFailed, statusUnsent, statusRefused, statusDone,
	}
	for i, high := range order {
		for _, low := range order[i:] {
			var one, other verdict
			one.add(high)
			one.add(low)
			other.add(low)
			other.add(high)
			if one.status() != high || other.status() != high {
				t.Errorf("%d and %d end with %d and %d", high, low, one.status(), other.status())
			}
		}
	}
	var v verdict
	v.add(statusTerminate)
	v.add(statusInterrupt)
	if v.status() != statusTerminate {
		t.Errorf("the second signal counts: %d", v.status())
	}
}

func TestStatusOfErrors(t *testing.T) {
	reason := errors.New("reason")
	for _, c := range []struct {
		err  error
		want status
	}{
		{nil, 0},
		{reason, 1},
		{&usageError{"sentence", "hint"}, 2},
		{&sockets.RefusedError{Err: reason}, 3},
		{&sockets.RefusedError{Err: reason, Protocol: true}, 1},
		{&sockets.UnsentError{Messages: 1}, 4},
		{&timeoutError{"no peer"}, 124},
		{errClosedOutput, 141},
		{fmt.Errorf("wrapped: %w", &sockets.RefusedError{Err: reason}), 3},
	} {
		if got := ofError(c.err); got != c.want {
			t.Errorf("%v: got %d, want %d", c.err, got, c.want)
		}
	}
	if ofSignal(os.Interrupt) != 130 || ofSignal(syscall.SIGTERM) != 143 || ofSignal(syscall.SIGHUP) != 129 {
		t.Error("signals")
	}
}
