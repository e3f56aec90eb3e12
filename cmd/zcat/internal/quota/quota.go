// Package quota tells how much memory the system lets a process have: Linux kills a
// process whose control group, for example that of a container, takes more.
package quota

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// unlimited is more than any machine has: the first version of control groups
// reports such a number where there is no limit.
const unlimited = 1 << 60

// Memory returns the limit in bytes of the control groups that this process is in;
// 0 means none, as on systems without such groups. root is the root of the file
// system.
func Memory(root fs.FS) int64 {
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0
	}
	least := int64(unlimited)
	for line := range strings.Lines(string(groups)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3) // its number, controllers and path
		switch {
		case len(fields) < 3:
		case fields[1] == "":
			least = min(least, lowest(root, "sys/fs/cgroup", fields[2], "memory.max"))
		case slices.Contains(strings.Split(fields[1], ","), "memory"):
			least = min(least, lowest(root, "sys/fs/cgroup/memory", fields[2], "memory.limit_in_bytes"))
		}
	}
	if least == unlimited {
		return 0
	}
	return least
}

// lowest returns the lowest limit of a group and of those that it is in. A
// container may know its group under a path that it cannot see: then the limit is
// at the top.
func lowest(root fs.FS, top, group, file string) int64 {
	least := int64(unlimited)
	for group = path.Clean("/" + group); ; group = path.Dir(group) {
		text, err := fs.ReadFile(root, path.Join(top, group, file))
		if err == nil {
			n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
			if err == nil && n > 0 { // else it is "max"
				least = min(least, n)
			}
		}
		if group == "/" {
			return least
		}
	}
}
