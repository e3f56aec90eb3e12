//go:build linux

package faults

import "fmt"

// play is what this program does when a test starts it as a peer.
func play(role string) error {
	return fmt.Errorf("unknown role %q", role)
}
