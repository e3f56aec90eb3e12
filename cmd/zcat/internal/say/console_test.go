package say

import (
	"strings"
	"testing"
)

// Neither speech nor messages share a line with the progress.
func TestConsole(t *testing.T) {
	var errs, out strings.Builder
	c := &Console{Errs: &errs}
	said, shown := c.Share(&errs), c.Share(&out)
	write := func(w interface{ Write([]byte) (int, error) }, text string) {
		t.Helper()
		if n, err := w.Write([]byte(text)); n != len(text) || err != nil {
			t.Errorf("%d %v", n, err)
		}
	}
	write(said, "one\n")
	c.SetProgress("10")
	c.SetProgress("10")
	write(said, "two\n")
	write(shown, "message\n")
	c.SetProgress("20")
	c.SetProgress("")
	write(said, "three\n")
	want := "one\n10" + ClearLine + "two\n10" + ClearLine + "10" + ClearLine + "20" + ClearLine + "three\n"
	if errs.String() != want || out.String() != "message\n" {
		t.Errorf("got %q and %q", &errs, &out)
	}
	// Several lines: the cursor stands in the last of them.
	errs.Reset()
	c.SetProgress("a\nb\nc")
	write(said, "four\n")
	c.SetProgress("d")
	c.SetProgress("")
	if got, want := errs.String(), "a\nb\nc\r\x1b[2A\x1b[Jfour\na\nb\nc\r\x1b[2A\x1b[Jd"+ClearLine; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// What was there before somebody else wrote stays, and is drawn again below.
	errs.Reset()
	c.SetProgress("a\nb")
	c.Forget()
	c.SetProgress("a\nb")
	c.SetProgress("")
	if got, want := errs.String(), "a\nba\nb\r\x1b[1A\x1b[J"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	errs.Reset()
	errs.WriteString(want)
	var above strings.Builder
	c.SetAbove(func(b []byte) { above.Write(b) })
	write(said, "above\n")
	write(shown, "above too\n")
	c.SetProgress("30") // there is no room for both
	c.SetAbove(nil)
	write(shown, "after\n")
	if above.String() != "above\nabove too\n" || errs.String() != want || out.String() != "message\nafter\n" {
		t.Errorf("got %q, %q and %q", &above, &errs, &out)
	}
}
