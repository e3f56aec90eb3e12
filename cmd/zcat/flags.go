package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// flagKind says what a flag takes.
type flagKind uint8

const (
	takesNothing  flagKind = iota // a claim, true where it stands; --name=false takes it back
	takesNothings                 // a claim that counts: -vv
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
	bare    string          // mayTakeValue: the value it has without one
	has     func(word) bool // the commands that have it
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
	groupProxy     = "Proxy"
	groupProbe     = "Probe"
	groupReplay    = "Replay"
	groupBench     = "Bench"
	groupMan       = "Manual"
	groupFormats   = "Formats"
	groupCourse    = "Course"
	groupHandlers  = "Handling messages"
	groupSocket    = "Socket"
	groupSecurity  = "Security"
	groupLimits    = "Limits"
	groupReports   = "Reports"
)

// flagsOf lists the flags of a command, in the order of its help.
func flagsOf(w word) []flagRow {
	all := slices.Concat(
		endpointFlags(), proxyFlags(), probeFlags(), replayFlags(), benchFlags(), manFlags(), formatFlags(), courseFlags(), expectFlags(), handleFlags(),
		socketFlags(), securityFlags(), limitFlags(), reportFlags(),
	)
	return slices.DeleteFunc(all, func(f flagRow) bool { return !f.has(w) || w.tool == keygenTool && f.name != "help" })
}

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

// The commands that have a flag. A replay may be any socket that sends, so that
// it has the flags of all of them, but those for its input.
func every(word) bool         { return true }
func opens(w word) bool       { return attaches(w) || w.tool == proxyTool }
func converses(w word) bool   { return w.tool == noTool || w.tool == replayTool }
func speaks(w word) bool      { return opens(w) || w.tool == probeTool }
func attaches(w word) bool    { return converses(w) || w.tool == benchTool }
func senders(w word) bool     { return w.tool == noTool && w.sends() }
func skippers(w word) bool    { return w.sends() }
func printers(w word) bool    { return w.tool == replayTool || w.prints() }
func readsText(w word) bool   { return senders(w) || printers(w) }
func listeners(w word) bool   { return printers(w) && w.name != "req" }
func paced(w word) bool       { return senders(w) && w.name != "rep" }
func publishers(w word) bool  { return named("pub", "xpub", "replay")(w) }
func subscribers(w word) bool { return named("sub", "xsub")(w) }
func named(names ...string) func(word) bool {
	return func(w word) bool { return slices.Contains(names, w.name) }
}

// The setters that several flags share.

func toClaim(at func(*config) *bool) func(*config, string) error {
	return func(c *config, text string) (err error) {
		*at(c), err = parseBool(text)
		return err
	}
}

func toText(at func(*config) *string) func(*config, string) error {
	return func(c *config, text string) error {
		if text == "" {
			return fmt.Errorf("the value is empty")
		}
		*at(c) = text
		return nil
	}
}

func toTime(least time.Duration, at func(*config) *time.Duration) func(*config, string) error {
	return func(c *config, text string) error {
		d, err := parseDuration(text)
		if err == nil && d < least {
			err = fmt.Errorf("%q is too short: expected more than 0", text)
		}
		if err == nil {
			*at(c) = d
		}
		return err
	}
}

func toSize(at ...func(*config) *int) func(*config, string) error {
	return func(c *config, text string) error {
		n, err := parseSize(text)
		for _, a := range at {
			if err == nil {
				*a(c) = n
			}
		}
		return err
	}
}

func toCount(least int, at ...func(*config) *int) func(*config, string) error {
	return func(c *config, text string) error {
		n, err := parseCount(text, least)
		for _, a := range at {
			if err == nil {
				*a(c) = n
			}
		}
		return err
	}
}

// unescape reads a separator: as it stands, but that \n \r \t \0 \\ and \xNN
// mean what they mean in C. A backslash alone is a backslash.
func unescape(text string) ([]byte, error) {
	out := []byte{}
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || len(text) == 1 {
			out = append(out, text[i])
			continue
		}
		i++
		at := -1
		if i < len(text) {
			at = strings.IndexByte(`nrt0\`, text[i])
		}
		switch {
		case at >= 0:
			out = append(out, "\n\r\t\x00\\"[at])
		case i+2 < len(text) && text[i] == 'x' && isHex(text[i+1]) && isHex(text[i+2]):
			out = append(out, hexDigit(text[i+1])<<4|hexDigit(text[i+2]))
			i += 2
		default:
			return nil, fmt.Errorf(`%q has a backslash that is none of \n \r \t \0 \\ \xNN`, text)
		}
	}
	return out, nil
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

func hexDigit(c byte) byte {
	at := strings.IndexByte("0123456789abcdef", c|0x20)
	return byte(at)
}
