package stream

import (
	"fmt"
	"slices"
	"strings"
)

// Senders remembers where recorded messages are from, as long as none is from where the
// user asked for.
type Senders struct {
	Asked string // "" is anywhere

	found bool
	names []string
}

// maxNames and longestName bound the names that are remembered.
const maxNames, longestName = 8, 64

// Note notes where a message is from, "" where that is not known.
func (s *Senders) Note(from string) {
	switch {
	case s.Asked == "" || s.found || from == "":
	case from == s.Asked:
		s.found, s.names = true, nil
	case len(from) <= longestName && len(s.names) < maxNames && !slices.Contains(s.names, from):
		s.names = append(s.names, from)
	}
}

// Missing tells what there is in the place of what was asked for, "" where that was found,
// or where there is nothing.
func (s *Senders) Missing() string {
	if len(s.names) == 0 {
		return ""
	}
	return fmt.Sprintf("nothing is from %q: what there is comes from %s", s.Asked, strings.Join(s.names, ", "))
}
