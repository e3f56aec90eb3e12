//go:build race

package sockets

// raced says that the race detector is at work. It takes ten times as long, and sees a
// race whichever of the two comes first: it needs fewer schedules than a test of what
// comes out, which make test runs without it.
const raced = true
