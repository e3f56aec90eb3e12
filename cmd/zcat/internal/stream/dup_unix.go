//go:build unix && !linux

package stream

import "golang.org/x/sys/unix"

// dup makes descriptor to another name of from.
func dup(from, to int) error { return unix.Dup2(from, to) }
