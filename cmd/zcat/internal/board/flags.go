package board

import (
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// Asked has the settings of a board on a command line.
type Asked struct {
	Filter   string        // the command
	Tick     time.Duration // how often it is told the time; 0: never
	Presence bool          // it is told who comes and leaves
}

// Flags are the flags of a command that joins sockets around another, under a heading of
// its help. what says what the filter is for. of is where in the command's settings they
// are stored.
func Flags(group, what string, of func(*line.Config) *Asked) []line.Flag {
	return []line.Flag{
		{
			Name: "filter", Kind: line.TakesValue, Group: group, Meta: "CMD", Example: "cat",
			Brief: "start CMD once: it reads records and writes them",
			Help: "start sh -c CMD once, " + what + ". A CMD that keeps its output in a buffer answers nobody: " +
				"jq --unbuffered, sed -u, grep --line-buffered, mawk -W interactive (Debian's awk), python3 -u; stdbuf -oL CMD helps with others. " +
				"Make records with jq, never with printf",
			Set: flags.ToText(func(c *line.Config) *string { return &of(c).Filter }),
		},
		{
			Name: "tick", Kind: line.TakesValue, Group: group, Meta: "D", Example: "1", Company: "--filter=cat",
			Brief: "tell CMD the time every D",
			Help:  "write {\"time\":..,\"event\":\"tick\"} every D, the first after D; at most one waits",
			Set:   flags.ToTime(1, func(c *line.Config) *time.Duration { return &of(c).Tick }),
		},
		{
			Name: "presence", Kind: line.TakesNothing, Group: group, Company: "--filter=cat",
			Brief: "tell CMD of peers that come and leave",
			Help: "write {\"event\":\"joined\",\"at\":NAME,\"peer\":..,\"id\":..} before a peer's first message, and \"left\" behind its last; " +
				"id is its routing id, where the socket has them",
			Set: flags.ToBool(func(c *line.Config) *bool { return &of(c).Presence }),
		},
		{
			Name: "skip-invalid", Kind: line.TakesNothing, Group: group, Company: "--filter=cat",
			Help: "report a bad line of CMD and go on",
			Set:  flags.ToBool(func(c *line.Config) *bool { return &c.SkipInvalid }),
		},
	}
}
