package line

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// Format is a format as the command line and its help know it, beside the row of package
// frames.
type Format struct {
	Choice        // what a user who names it asks for
	Letter string // of the flag that is short for it, "" where that has none
	Help   string // of that flag; a format without has no flag
	Manual string // what the manual says of it

	Frames string // FRAMEs that are a message, for hints; "" where text is one
	Single string // the same of one frame
	ToPeer string // the same with a routing id in front
}

// formats has what the help says of each; a format without a row has a plainFormat.
var formats = []Format{ //nolint:gochecknoglobals // a table that is only read
	{
		Choice: Choice{Format: frames.JSON, Asked: true}, Letter: "J",
		Help: `an array a line: ["text",{"hex":"00ff"}], {"base64":..} and {"json":..} in input`,
		Manual: `An array of frames a line. A frame is a string where its bytes are UTF-8, else {"hex":"00ff"}. ` +
			`Input takes also {"base64":"AP8="}, {"json":VALUE}, a bare string, and a record with "frames".`,
	},
	{
		Choice: Choice{Format: frames.Hex, Asked: true}, Letter: "x",
		Help:   "hex digits, a space between frames, - for an empty one",
		Manual: "The frames of a message in hex, a space between, - for an empty one.",
		Frames: "00ff -", Single: "00ff", ToPeer: "0001 ff",
	},
	{
		Choice: Choice{Format: frames.Text, Asked: true}, Letter: "T",
		Help:   "a line is a message, a TAB between frames",
		Manual: "A line is a message, a TAB stands between frames. It has no way to write either within a frame.",
	},
	{
		Choice: Choice{Format: frames.Raw, Asked: true},
		Help:   "frames' bytes, nothing added; all of stdin is one frame",
		Manual: "The bytes of the frames and nothing else. As input, all of stdin is one frame.",
	},
	{
		Choice: Choice{View: true, Asked: true},
		Manual: "For people, and for output only: each frame on a line, marked as what it is in the envelope. What is long is cut.",
	},
}

// viewName is the name of the format for people, which zcat does not read back.
const viewName = "view"

// Formats lists the formats, the default first and those of the output only last.
func Formats() []Format {
	all := make([]Format, 0, len(formats))
	for _, f := range frames.Formats() {
		i := slices.IndexFunc(formats, func(row Format) bool { return !row.View && row.Format == f })
		if i < 0 {
			all = append(all, plainFormat(f))
			continue
		}
		all = append(all, formats[i])
	}
	for _, row := range formats {
		if row.View {
			all = append(all, row)
		}
	}
	return all
}

// plainFormat is what is true of any format.
func plainFormat(f frames.Format) Format {
	row := Format{Choice: Choice{Format: f, Asked: true}, Help: "messages as " + f.String(), Manual: "A message is a line."}
	if !f.Lines() {
		row.Manual = "All of the input is one message."
	}
	return row
}

// Choice is a format, and whether the user asked for it.
type Choice struct {
	Format frames.Format
	Asked  bool
	View   bool // in place of a format, which then keeps its default
}

// Name is the format's name.
func (c Choice) Name() string {
	if c.View {
		return viewName
	}
	return c.Format.String()
}

// Separated reports whether the format uses the separators of Separators.
func (c Choice) Separated() bool { return !c.View && c.Format.Separated() }

// InLines reports whether, with the separators s, a message ends where its line
// does.
func (c Choice) InLines(s *Separators) bool {
	return c.View || c.Format.Lines() && (!c.Format.Separated() || s.Ending() == "\n")
}

// FormatNames lists the names of the formats: those of the input, or all.
func FormatNames(all bool) []string {
	var names []string
	for _, f := range Formats() {
		if all || !f.View {
			names = append(names, f.Name())
		}
	}
	return names
}

// ParseFormat finds a format by its name, for the input or for the output, which
// takes all of them.
func ParseFormat(name string, output bool) (Choice, error) {
	formats := Formats()
	i := slices.IndexFunc(formats, func(f Format) bool { return f.Name() == name })
	switch expected := OneOf(FormatNames(output)); {
	case i < 0:
		return Choice{}, fmt.Errorf("unknown format %q: expected %s", name, expected)
	case formats[i].View && !output:
		return Choice{}, fmt.Errorf("%q is for output only: expected %s", name, expected)
	}
	return formats[i].Choice, nil
}

// Sides lists the sides of recorded traffic that --from may name: those of a proxy, and of
// packets who connected and who listened.
func Sides() []string { return []string{"front", "back", "client", "server"} }

// IsName reports whether a text may be the name of a hub's socket: a letter, then letters, digits and underscores.
func IsName(text string) bool {
	for i, r := range text {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return text != ""
}

// CheckSide returns the fault of what --from is to name: a side, or a socket of a hub.
func CheckSide(text string) error {
	if IsName(text) || text == StdoutName {
		return nil
	}
	return fmt.Errorf("%q is none of %s, nor a name that a hub's socket may have", text, OneOf(Sides()))
}

// LadderName is the name of the form that draws a sequence diagram.
const LadderName = "ladder"

// Shows lists the forms in which recorded traffic is shown.
func Shows() []string { return []string{"view", "json", "hex", LadderName, "svg"} }

// OneOf lists words from which one is to be chosen: "a, b or c".
func OneOf(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// frameExample returns FRAMEs that are a message in a format, with the flag for it
// where they need that.
func frameExample(f frames.Format, has sockets.Traits) string {
	for _, row := range formats {
		switch {
		case row.View || row.Format != f || row.Frames == "":
		case has.LeastFrames > 1:
			return "--in " + row.Name() + " " + row.ToPeer
		case has.MostFrames == 1:
			return "--in " + row.Name() + " " + row.Single
		default:
			return "--in " + row.Name() + " " + row.Frames
		}
	}
	switch {
	case has.Grouped:
		return "news hello"
	case has.Addressed:
		return "peer-id hello"
	}
	return "hello"
}
