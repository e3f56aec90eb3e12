//go:build !unix

package stream

import (
	"context"
	"os"
)

// FileTap reads from f until ctx is done.
func FileTap(ctx context.Context, f *os.File) tap {
	return newPump(ctx, f)
}

// sizedTap is FileTap for a regular file that is not empty.
func sizedTap(ctx context.Context, f *os.File) tap { return FileTap(ctx, f) }

// PipeTap reads from a pipe until ctx is done.
func PipeTap(ctx context.Context, f *os.File) tap {
	return newPump(ctx, f)
}

// AwaitUnread cannot tell on this system.
func AwaitUnread(*os.File) bool { return false }
