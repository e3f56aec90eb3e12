package line

import (
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// Formats has every format of frames, in their order, and each is whole: what it
// names is found by its name, and its examples are messages.
func TestFormatRows(t *testing.T) {
	all := frames.Formats()
	letters := map[string]string{}
	for i, row := range Formats() {
		name := row.Name()
		if i < len(all) != !row.View || !row.View && row.Format != all[i] {
			t.Errorf("row %d is %s, and the formats are %v", i, name, all)
		}
		if row.Manual == "" || !row.Asked || row.View != (row.Help == "") {
			t.Errorf("%s: the row is not whole: %+v", name, row)
		}
		if other := letters[row.Letter]; other != "" && row.Letter != "" {
			t.Errorf("%s and %s are both -%s", other, name, row.Letter)
		}
		letters[row.Letter] = name
		if c, err := ParseFormat(name, true); err != nil || c != row.Choice {
			t.Errorf("%s for the output: got %+v, %v", name, c, err)
		}
		if _, err := ParseFormat(name, false); (err == nil) == row.View {
			t.Errorf("%s for the input: %v", name, err)
		}
		for _, has := range []sockets.Traits{{}, {Addressed: true, LeastFrames: 2}, {Grouped: true, LeastFrames: 2, MostFrames: 2}, {MostFrames: 1}} {
			example := strings.Fields(strings.TrimPrefix(frameExample(row.Format, has), "--in "+name))
			o := frames.DecoderOptions{MinFrames: has.LeastFrames, MaxFrames: has.MostFrames}
			if m, err := frames.ParseArgs(row.Format, example, o); err != nil {
				t.Errorf("%s: %q is %q, %v", name, example, m, err)
			}
		}
	}
	for _, f := range all {
		if row := plainFormat(f); row.Manual == "" || row.Help == "" || row.Letter != "" || !row.Asked || row.Name() != f.String() {
			t.Errorf("%v without a row: %+v", f, row)
		}
	}
	if len(letters) == 0 || len(Formats()) <= len(all) {
		t.Errorf("%d rows for %d formats and those of the output", len(Formats()), len(all))
	}
}

// An unknown format is answered with all the names that would have worked, and no
// more.
func TestUnknownFormat(t *testing.T) {
	for _, output := range []bool{false, true} {
		_, err := ParseFormat("nonsense", output)
		if err == nil {
			t.Fatal("no error")
		}
		_, expected, _ := strings.Cut(err.Error(), "expected ")
		names := strings.FieldsFunc(strings.ReplaceAll(expected, " or ", ", "), func(r rune) bool { return r == ',' || r == ' ' })
		for _, name := range names {
			if _, err := ParseFormat(name, output); err != nil {
				t.Error(err)
			}
		}
		if len(names) != len(FormatNames(output)) {
			t.Errorf("got %q", names)
		}
	}
}

// A line is whole for people where its format says so, and its separators end it.
func TestInLines(t *testing.T) {
	for _, name := range FormatNames(true) {
		c, err := ParseFormat(name, true)
		if err != nil {
			t.Fatal(err)
		}
		usual, own := c.InLines(&Separators{}), c.InLines(&Separators{Message: []byte{0}})
		if want := c.View || c.Format.Lines(); usual != want {
			t.Errorf("%s: in lines: %v", name, usual)
		}
		if want := usual && !c.Separated(); own != want {
			t.Errorf("%s that a NUL ends: in lines: %v", name, own)
		}
	}
}
