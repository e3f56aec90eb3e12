package line

import (
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/shell"
)

// flagKind is the kind of value that a flag takes.
type flagKind uint8

// What a flag may take.
const (
	TakesNothing  flagKind = iota // a boolean, true where it stands; --name=false takes it back
	TakesNothings                 // a boolean that counts: -vv
	TakesValue
	MayTakeValue // a value, or nothing before another flag and at the end
)

// Flag describes one flag, and is the only place that does.
type Flag struct {
	Name    string
	Letter  string // "" where it has none
	Kind    flagKind
	Group   string // the heading it stands under in the help
	Meta    string // its value in the help: "N"
	Example string // a value that works, for hints
	Company string // the flags without which it does not work
	Leader  string // the same, where it stands behind them
	Help    string
	Brief   string             // the same in a few words, for -h, which shows the flags that have it
	Bare    string             // MayTakeValue: the value it has without one
	Has     func(Command) bool // the commands that have it; nil: those that name it, and whose own it is
	// Set stores a value, and is called each time that the flag stands on the line.
	// Its error for a bad value quotes the value and says what was expected.
	Set func(*Config, string) error
	// Rivals are flags whose default, from the environment, a file or the line around,
	// no longer counts when this one stands on the command line.
	Rivals []string
	// Serves are the flags that this one goes with, one of which is enough: where a
	// rival takes their place, it goes too.
	Serves []string
}

// The groups, in the order of the help.
const (
	GroupEndpoints = "Endpoints"
	GroupFormats   = "Formats"
	GroupCourse    = "Course"
	GroupHandlers  = "Handling messages"
	GroupSocket    = "Socket"
	GroupSecurity  = "Security"
	GroupLimits    = "Limits"
	GroupReports   = "Reports"
)

// FlagsOf lists the flags of a command, in the order of its help.
func FlagsOf(w Command) []Flag { return w.Flags(w) }

// Dashed returns the flag as a user types it.
func (f Flag) Dashed() string { return "--" + f.Name }

// sample returns the flag with a value that works.
func (f Flag) sample() string {
	sample := f.Dashed()
	if f.Example != "" {
		sample += "=" + shell.Quoted(f.Example)
	}
	return strings.TrimSpace(f.Leader + " " + sample + " " + f.Company)
}
