package main

import (
	"cmp"
	"slices"
)

// allFlags are the flags of a command, in the order of its help: those that it
// shares with others, and its own.
func allFlags(own func() []flagRow) func(command) []flagRow {
	return func(w command) []flagRow {
		all := slices.DeleteFunc(sharedFlags(), func(f flagRow) bool {
			if f.has == nil {
				return !slices.Contains(w.flagNames, f.name)
			}
			return !f.has(w)
		})
		if own != nil {
			all = append(all, own()...)
			slices.SortStableFunc(all, func(a, b flagRow) int { return cmp.Compare(groupPlace(a.group), groupPlace(b.group)) })
		}
		return all
	}
}

// sharedFlags are those that several commands have.
func sharedFlags() []flagRow {
	return slices.Concat(
		endpointFlags(), formatFlags(), courseFlags(), expectFlags(), handleFlags(),
		socketFlags(), securityFlags(), limitFlags(), reportFlags(),
	)
}

// helpOnly is the list of a command that has no flag but --help.
func helpOnly(command) []flagRow {
	return slices.DeleteFunc(reportFlags(), func(f flagRow) bool { return f.name != "help" })
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
