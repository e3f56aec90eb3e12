//go:build unix

package paths

import (
	"io/fs"
	"os"
	"syscall"
)

// OthersWrite reports whether anyone but its owner may write to a file.
func OthersWrite(info fs.FileInfo) bool {
	return info.Mode().IsRegular() && info.Mode().Perm()&0o022 != 0
}

// OwnOrRoot reports whether a file belongs to the user, or to the system.
func OwnOrRoot(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || !info.Mode().IsRegular() || stat.Uid == 0 || int(stat.Uid) == os.Geteuid()
}
