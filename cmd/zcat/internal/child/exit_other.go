//go:build unix && !linux

package child

// awaitExit reports that it cannot wait without reaping.
func awaitExit(int) bool { return false }
