//go:build !unix

package main

import (
	"context"
	"os"
)

// fileTap reads from f until ctx is done.
func fileTap(f *os.File, ctx context.Context) tap { //nolint:revive // the context belongs to the reader
	return newPump(f, ctx)
}
