package flags

import (
	"cmp"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"slices"
)

// AllFlags are the flags of a command, in the order of its help: those that it
// shares with others, and its own.
func AllFlags(own func() []line.FlagRow) func(line.Command) []line.FlagRow {
	return func(w line.Command) []line.FlagRow {
		all := slices.DeleteFunc(sharedFlags(), func(f line.FlagRow) bool {
			if f.Has == nil {
				return !slices.Contains(w.FlagNames, f.Name)
			}
			return !f.Has(w)
		})
		if own != nil {
			all = append(all, own()...)
			slices.SortStableFunc(all, func(a, b line.FlagRow) int { return cmp.Compare(groupPlace(a.Group), groupPlace(b.Group)) })
		}
		return all
	}
}

// sharedFlags are those that several commands have.
func sharedFlags() []line.FlagRow {
	return slices.Concat(
		endpointFlags(), formatFlags(), courseFlags(), expectFlags(), handleFlags(),
		socketFlags(), securityFlags(), limitFlags(), reportFlags(),
	)
}

// HelpOnly is the list of a command that has no flag but --help.
func HelpOnly(line.Command) []line.FlagRow {
	return slices.DeleteFunc(reportFlags(), func(f line.FlagRow) bool { return f.Name != "help" })
}

// groupPlace is where a group stands in the help. Those that only one command has
// come behind its endpoints.
func groupPlace(group string) int {
	shared := []string{line.GroupFormats, line.GroupCourse, line.GroupHandlers, line.GroupSocket, line.GroupSecurity, line.GroupLimits, line.GroupReports}
	if group == line.GroupEndpoints {
		return -1
	}
	return 1 + slices.Index(shared, group)
}
