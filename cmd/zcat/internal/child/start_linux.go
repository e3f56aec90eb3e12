package child

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
)

// runs reports whether a child runs its command, or did. One that a signal ended before,
// while it was still a copy of this program, in our process group, does not.
func runs(pid int) bool {
	// In a namespace of its own a /proc from outside numbers others.
	if self, err := os.Readlink("/proc/self"); err != nil || self != strconv.Itoa(os.Getpid()) {
		return true
	}
	for range mostLooks {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		// pid (name) state ...; a dead one keeps its name.
		begin, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
		if err != nil || begin < 0 || end < begin || end+2 >= len(stat) {
			return true // as far as can be told
		}
		switch state := stat[end+2]; {
		case string(stat[begin+1:end]) == shellName:
			return true
		case state == 'Z' || state == 'X':
			return false
		}
		runtime.Gosched() // it is about to have its name, or to be dead
	}
	return true
}

// mostLooks bounds the wait for what takes microseconds.
const mostLooks = 10_000
