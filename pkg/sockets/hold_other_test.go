//go:build !linux

package sockets

import "testing"

// holdPort returns that of a wildcard: elsewhere a socket that is bound keeps others from
// listening, and a port that is let go again may be given to others.
func holdPort(testing.TB) string { return "*" }
