//go:build !linux

package stream

import "os"

// pending is not known here: what was written counts as read.
func pending(*os.File) int { return 0 }
