package line

import (
	"strings"
)

// flagKind says what a flag takes.
type flagKind uint8

// What a flag may take.
const (
	TakesNothing  flagKind = iota // a boolean, true where it stands; --name=false takes it back
	TakesNothings                 // a boolean that counts: -vv
	TakesValue
	MayTakeValue // a value, or nothing before another flag and at the end
)

// Flag is one flag: the only place that knows it.
type Flag struct {
	Name    string
	Letter  string // "" where it has none
	Kind    flagKind
	Group   string // the heading it stands under in the help
	Meta    string // its value in the help: "N"
	Example string // a value that works, for hints
	Company string // other flags that it works with only
	Leader  string // the same, where it stands behind them
	Help    string
	Brief   string             // the same in a few words, for -h, which shows the flags that have it
	Bare    string             // mayTakeValue: the value it has without one
	Has     func(Command) bool // the commands that have it; nil: those that name it, and whose own it is
	// set stores a value, as often as the flag is given. What it returns for a
	// bad value quotes it and says what was expected.
	Set func(*Config, string) error
	// rivals are flags whose default from the environment no longer counts when
	// this one stands on the command line.
	Rivals []string
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

// Dashed is the flag as a user types it.
func (f Flag) Dashed() string { return "--" + f.Name }

// sample is the flag with a value that works.
func (f Flag) sample() string {
	sample := f.Dashed()
	if f.Example != "" {
		sample += "=" + Quoted(f.Example)
	}
	return strings.TrimSpace(f.Leader + " " + sample + " " + f.Company)
}
