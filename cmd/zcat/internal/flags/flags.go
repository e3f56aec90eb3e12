// Package flags has the tables of what several commands share: flags, socket
// options, and the rules that a command line must not break.
package flags

import (
	"cmp"
	"slices"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// All returns the flags of a command, in the order of its help: those that it
// shares with others, and its own.
func All(own func() []line.Flag) func(line.Command) []line.Flag {
	return func(w line.Command) []line.Flag {
		all := make([]line.Flag, 0, 64)
		for _, shared := range sharedFlags() {
			for _, f := range shared {
				if f.Has != nil && f.Has(w) || f.Has == nil && slices.Contains(w.FlagNames, f.Name) {
					all = append(all, f)
				}
			}
		}
		if own != nil {
			all = append(all, own()...)
			slices.SortStableFunc(all, func(a, b line.Flag) int { return cmp.Compare(groupPlace(a.Group), groupPlace(b.Group)) })
		}
		return all
	}
}

// sharedFlags are those that several commands have.
func sharedFlags() [][]line.Flag {
	return [][]line.Flag{
		endpointFlags(), formatFlags(), courseFlags(), expectFlags(), handleFlags(),
		socketFlags(), securityFlags(), limitFlags(), reportFlags(),
	}
}

// HelpOnly is the list of a command that has no flag but --help.
func HelpOnly(line.Command) []line.Flag {
	return slices.DeleteFunc(reportFlags(), func(f line.Flag) bool { return f.Name != "help" })
}

// groupPlace returns the place of a group in the help. Groups that only one command
// has come after its endpoints.
func groupPlace(group string) int {
	shared := []string{line.GroupFormats, line.GroupCourse, line.GroupHandlers, line.GroupSocket, line.GroupSecurity, line.GroupLimits, line.GroupReports}
	if group == line.GroupEndpoints {
		return -1
	}
	return 1 + slices.Index(shared, group)
}
