package stream

import "golang.org/x/sys/unix"

// dup makes descriptor to another name of from. Some of Linux's architectures
// have no dup2.
func dup(from, to int) error { return unix.Dup3(from, to, 0) }
