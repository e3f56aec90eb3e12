package habits

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"req", "rep", "router", "dealer", "pub", "push", "pull"}
	for text, want := range map[string]string{"pul": "pull", "psuh": "push", "puhs": "push", "roter": "router", "dealr": "dealer", "xyzzy": "", "": ""} {
		if got := Nearest(text, names); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
