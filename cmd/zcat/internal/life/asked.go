package life

import "github.com/zcat/zcat/cmd/zcat/internal/line"

// Asked returns the settings of a life; more are the configurations of its
// sockets, where those are told apart.
func Asked(c *line.Config, more ...*line.Config) Settings {
	s := Settings{
		linger: c.Options.Linger, endpointFile: c.EndpointFile, lists: c.Access.Lists(),
		when: heedsWhen(c),
	}
	for _, other := range more {
		s.lists = s.lists || other.Access.Lists()
	}
	return s
}

func heedsWhen(c *line.Config) heeds {
	switch {
	case !beginsEarly(c):
		return atFirst
	case c.Command.Traits().Asks && c.Message != nil && c.Repeat == 1 && c.Verbose == 0 && c.EventsFile == "" && !c.Summary:
		return ifLasting
	}
	return meanwhile
}

// beginsEarly reports whether a conversation has nothing to lose while its connections
// are made: nothing comes that was not asked for, and no file has to be removed.
func beginsEarly(c *line.Config) bool {
	return c.Command.Converses() && !c.Binds() && !c.Runs() && c.EndpointFile == "" &&
		(c.Command.Traits().Asks || !c.Command.Prints())
}

// Watched returns what the command line asks of the monitor of the sockets.
func Watched(c *line.Config) watch {
	w := watch{
		file: c.EventsFile, waits: c.Command.Traits().Asks && c.Timeout == 0,
	}
	if !c.Binds() {
		distinct := map[string]bool{}
		for _, a := range c.Endpoints {
			distinct[a.Endpoint] = true
		}
		w.dialed = len(distinct)
	}
	return w
}
