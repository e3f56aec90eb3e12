//go:build unix

package line

import (
	"io/fs"
	"os"
	"syscall"
)

// othersWrite reports whether anyone but its owner may write to a file.
func othersWrite(info fs.FileInfo) bool {
	return info.Mode().IsRegular() && info.Mode().Perm()&0o022 != 0
}

// ownOrRoot reports whether a file belongs to the user, or to the system.
func ownOrRoot(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || !info.Mode().IsRegular() || stat.Uid == 0 || int(stat.Uid) == os.Geteuid()
}
