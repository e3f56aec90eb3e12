package line

import (
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/sockets"
)

// Each row is of a scheme of the library, in their order, and what completion and the
// manual say of it is one of its endpoints.
func TestSchemeRows(t *testing.T) {
	var names []string
	for _, s := range schemes {
		names = append(names, s.Name)
		if s.Inner != (s.Manual == "") || s.Inner != (s.Begins == "") {
			t.Errorf("%s: help that is missing, or is for nobody", s.Name)
		}
		if !s.Inner && (!strings.HasPrefix(s.Form, s.Name+"://") || !strings.HasPrefix(s.Begins, s.Name+"://")) {
			t.Errorf("%s: %s, %s", s.Name, s.Form, s.Begins)
		}
	}
	described := slices.DeleteFunc(sockets.Schemes(), func(s string) bool { return !slices.Contains(names, s) })
	if !slices.Equal(names, described) {
		t.Errorf("the rows are %q, the schemes %q", names, sockets.Schemes())
	}
	for _, s := range Schemes() {
		if _, inner := InnerName(s.Begins + "x"); inner || s.Manual == "" {
			t.Errorf("%s: %+v", s.Name, s)
		}
	}
	if s := plainScheme("new"); s.Inner || s.Manual == "" || !strings.HasPrefix(s.Form, s.Begins) {
		t.Errorf("of a scheme without a row: %+v", s)
	}
}

func TestInnerName(t *testing.T) {
	for endpoint, want := range map[string]string{"inproc://a/b": "a/b", "ipc://a": "", "inproc:a": "", "@inproc": "", "tcp://h:1": ""} {
		if name, inner := InnerName(endpoint); name != want || inner != (want != "") || IsInner(endpoint) != inner {
			t.Errorf("%s: %q, %v", endpoint, name, inner)
		}
	}
}
