package life

import "github.com/zcat/zcat/cmd/zcat/internal/line"

// Asked returns what the command line asks of a life.
func Asked(c *line.Config) Settings {
	return Settings{linger: c.Options.Linger, endpointFile: c.EndpointFile, lists: c.Access.Lists()}
}

// Watched returns what the command line asks of the monitor of the sockets.
func Watched(c *line.Config) watch {
	w := watch{
		file: c.EventsFile, origins: c.Exec != "" && len(c.Endpoints) > 1,
		waits: c.Command.Traits.Asks && c.Timeout == 0,
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
