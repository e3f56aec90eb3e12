//go:build !race

package sockets

// raced says that the race detector is at work.
const raced = false
