//go:build unix

package main

import (
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
)

var (
	taken sync.Map // the ports that freePort gave
	asked atomic.Int64
)

// freePort returns a port on which nobody listens, below those that the system
// gives to programs that ask for any: whatever tests run beside this one.
func freePort() string {
	for {
		port := fmt.Sprint(12000 + (os.Getpid()*37+int(asked.Add(1))*7)%18000)
		if _, mine := taken.LoadOrStore(port, true); mine {
			continue
		}
		listener, err := net.Listen("tcp", ":"+port) //nolint:gosec // to see that nobody has it anywhere
		if err != nil {
			continue
		}
		_ = listener.Close()
		return port
	}
}
