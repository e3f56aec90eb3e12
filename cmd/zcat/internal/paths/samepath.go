package paths

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// SameFile reports whether two names lead to the same plain file, which need not
// be there yet.
func SameFile(a, b string) bool {
	_, first := descriptorOf(a)
	if _, second := descriptorOf(b); first && second {
		return false
	}
	aInfo, aErr := os.Stat(a)
	bInfo, bErr := os.Stat(b)
	if aErr == nil && bErr == nil {
		return aInfo.Mode().IsRegular() && os.SameFile(aInfo, bInfo)
	}
	return errors.Is(aErr, fs.ErrNotExist) && errors.Is(bErr, fs.ErrNotExist) && leadsTo(a) == leadsTo(b)
}

// leadsTo returns the place where a file that is not there yet would be made:
// behind links, under the one name that its directory has.
func leadsTo(name string) string {
	for range mostLinks {
		target, err := os.Readlink(name)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(name), target)
		}
		name = target
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(name))
	if err != nil {
		dir = filepath.Dir(name)
	}
	if whole, err := filepath.Abs(dir); err == nil {
		dir = whole
	}
	return filepath.Join(dir, filepath.Base(name))
}
