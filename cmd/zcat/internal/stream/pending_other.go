//go:build !linux

package stream

import "os"

// Pending is not known here: what was written counts as read.
func Pending(*os.File) int { return 0 }
