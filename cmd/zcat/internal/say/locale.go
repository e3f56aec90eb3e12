package say

import (
	"os"
	"runtime"
	"strings"
)

// UTF8 reports whether the user's terminal shows more than ASCII, as the locale says:
// the first of LC_ALL, LC_CTYPE and LANG that is set. None is the locale C, which has
// ASCII; Windows knows no locale.
func UTF8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(os.Getenv(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return runtime.GOOS == "windows"
}
