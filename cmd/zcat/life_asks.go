package main

// lifeOf is what the command line asks of a life.
func lifeOf(c *config) lifeConfig {
	return lifeConfig{linger: c.options.Linger, endpointFile: c.endpointFile, lists: c.access.Lists()}
}

// watched is what the command line asks of whoever watches the sockets.
func watched(c *config) watch {
	w := watch{
		file: c.eventsFile, origins: c.exec != "" && len(c.endpoints) > 1,
		waits: c.command.traits.asks && c.timeout == 0,
	}
	if !c.binds() {
		distinct := map[string]bool{}
		for _, a := range c.endpoints {
			distinct[a.endpoint] = true
		}
		w.dialed = len(distinct)
	}
	return w
}
