package say

import (
	"runtime"
	"testing"
)

// The first variable that is set counts.
func TestLocales(t *testing.T) {
	for _, c := range []struct {
		all, ctype, lang string
		want             bool
	}{
		{"", "", "", runtime.GOOS == "windows"},
		{"", "", "C", false},
		{"", "", "de_DE.UTF-8", true},
		{"", "C.utf8", "C", true},
		{"POSIX", "C.UTF-8", "en_US.UTF-8", false},
		{"", "", "de_DE@euro", false},
	} {
		t.Setenv("LC_ALL", c.all)
		t.Setenv("LC_CTYPE", c.ctype)
		t.Setenv("LANG", c.lang)
		if UTF8() != c.want {
			t.Errorf("%+v", c)
		}
	}
}
