package line

import (
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/sockets"
)

// Every scheme of the library has a row, and what completion and the manual say of it
// is one of its endpoints.
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
	last := len(names) - 1
	all := strings.Join(names[:last], ", ") + " and " + names[last]
	if err := sockets.CheckConnect("nothing://x"); err == nil || !strings.Contains(err.Error(), "there are "+all) {
		t.Errorf("the rows are %s: %v", all, err)
	}
}

func TestInnerName(t *testing.T) {
	for endpoint, want := range map[string]string{"inproc://a/b": "a/b", "ipc://a": "", "inproc:a": "", "@inproc": "", "tcp://h:1": ""} {
		if name, inner := InnerName(endpoint); name != want || inner != (want != "") || IsInner(endpoint) != inner {
			t.Errorf("%s: %q, %v", endpoint, name, inner)
		}
	}
}
