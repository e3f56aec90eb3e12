package main

import (
	"cmp"
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
	brief   string          // the same in a few words, for -h, which shows the flags that have it
	bare    string          // mayTakeValue: the value it has without one
	has     func(word) bool // the commands that have it; nil: those that name it, and whose own it is
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
func flagsOf(w word) []flagRow {
	shared := slices.Concat(
		endpointFlags(), formatFlags(), courseFlags(), expectFlags(), handleFlags(),
		socketFlags(), securityFlags(), limitFlags(), reportFlags(),
	)
	all := slices.DeleteFunc(shared, func(f flagRow) bool {
		if w.plain {
			return f.name != "help"
		}
		if f.has == nil {
			return !slices.Contains(w.flagNames, f.name)
		}
		return !f.has(w)
	})
	if w.flags != nil {
		all = append(all, w.flags()...)
		slices.SortStableFunc(all, func(a, b flagRow) int { return cmp.Compare(groupPlace(a.group), groupPlace(b.group)) })
	}
	return all
}

// groupPlace is where a group stands in the help. Those that only one command has
// come behind its endpoints.
func groupPlace(group string) int {
	shared := []string{groupFormats, groupCourse, groupHandlers, groupSocket, groupSecurity, groupLimits, groupReports}
	if group == groupEndpoints {
		return -1
	}
	return 1 + slices.Index(shared, group)
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
func every(word) bool       { return true }
func opens(w word) bool     { return w.use >= useSockets }
func mediates(w word) bool  { return w.use == useSockets }
func attaches(w word) bool  { return w.use >= useEndpoints }
func converses(w word) bool { return w.use == useConversation }
func speaks(w word) bool    { return opens(w) || slices.Contains(w.flagNames, "verbose") }
func senders(w word) bool   { return !w.tool && w.sends() }
func skippers(w word) bool  { return w.sends() }
func printers(w word) bool  { return converses(w) && (w.tool || w.prints()) }
func readsText(w word) bool { return senders(w) || printers(w) }
func listeners(w word) bool { return printers(w) && !w.traits.asks }
func paced(w word) bool     { return senders(w) && !w.traits.answers }

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
