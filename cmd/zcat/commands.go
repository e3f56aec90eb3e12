package main

import "slices"

// commands lists all that zcat does: the socket types, then the tools. Each stands in
// the package of what it does.
func commands(program string) *catalogue {
	return newCatalogue(program, slices.Concat(socketCommands(), []command{
		proxyCommand(), probeCommand(), replayCommand(), benchCommand(),
		keygenCommand(), completionCommand(program), manCommand(program),
	})...)
}
