//go:build !unix

package main

import (
	"context"
	"os"
)

// fileTap reads from f until ctx is done.
func fileTap(ctx context.Context, f *os.File) tap {
	return newPump(ctx, f)
}

// awaitUnread cannot tell on this system.
func awaitUnread(*os.File) bool { return false }
