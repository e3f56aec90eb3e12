//go:build !unix

package paths

import "io/fs"

// OthersWrite is false: a file's mode does not tell here who may write to it.
func OthersWrite(fs.FileInfo) bool { return false }

// OwnOrRoot is true: a file's mode does not tell here whose it is.
func OwnOrRoot(fs.FileInfo) bool { return true }
