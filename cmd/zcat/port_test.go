//go:build unix

package main

import (
	"strconv"

	"github.com/zcat/zcat/scripts/ports"
)

// freePort returns a port on which nobody listens, and which no other program gets as
// long as the tests run.
func freePort() string {
	held, _, err := ports.Hold()
	if err != nil {
		panic(err)
	}
	return strconv.Itoa(held)
}
