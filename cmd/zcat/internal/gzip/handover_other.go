//go:build !unix

package gzip

import (
	"errors"
	"os"
)

// become replaces this process by another command: not on this system.
func become(argv, environ []string) error { return errors.ErrUnsupported }

// killedBy returns the signal that ended a process: there are none here.
func killedBy(*os.ProcessState) (int, bool) { return 0, false }
