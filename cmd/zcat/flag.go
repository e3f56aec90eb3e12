package main

import (
	"strings"
)

// flagKind says what a flag takes.
type flagKind uint8

const (
	takesNothing  flagKind = iota // a boolean, true where it stands; --name=false takes it back
	takesNothings                 // a boolean that counts: -vv
	takesValue
	mayTakeValue // a value, or nothing before another flag and at the end
)

// flagRow is one flag: the only place that knows it.
type flagRow struct {
	name    string
	letter  string // "" where it has none
	kind    flagKind
	group   string // the heading it stands under in the help
	meta    string // its value in the help: "N"
	example string // a value that works, for hints
	company string // other flags that it works with only
	leader  string // the same, where it stands behind them
	help    string
	brief   string             // the same in a few words, for -h, which shows the flags that have it
	bare    string             // mayTakeValue: the value it has without one
	has     func(command) bool // the commands that have it; nil: those that name it, and whose own it is
	// set stores a value, as often as the flag is given. What it returns for a
	// bad value quotes it and says what was expected.
	set func(*config, string) error
	// rivals are flags whose default from the environment no longer counts when
	// this one stands on the command line.
	rivals []string
}

// The groups, in the order of the help.
const (
	groupEndpoints = "Endpoints"
	groupFormats   = "Formats"
	groupCourse    = "Course"
	groupHandlers  = "Handling messages"
	groupSocket    = "Socket"
	groupSecurity  = "Security"
	groupLimits    = "Limits"
	groupReports   = "Reports"
)

// flagsOf lists the flags of a command, in the order of its help.
func flagsOf(w command) []flagRow { return w.flags(w) }

// dashed is the flag as a user types it.
func (f flagRow) dashed() string { return "--" + f.name }

// sample is the flag with a value that works.
func (f flagRow) sample() string {
	sample := f.dashed()
	if f.example != "" {
		sample += "=" + f.example
	}
	return strings.TrimSpace(f.leader + " " + sample + " " + f.company)
}
