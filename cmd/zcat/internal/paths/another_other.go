//go:build !unix

package paths

import "os"

// another opens a name; only Unix has descriptors under a name.
func another(_ int, name string) (*os.File, error) { return os.OpenFile(name, os.O_WRONLY, 0) }
