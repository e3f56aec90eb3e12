package main

import (
	"os"

	"github.com/zcat/zcat/cmd/zcat/internal/quota"
)

// dispatch finds out what a command line asks for, does it, and returns the
// exit status.
func dispatch(all *catalogue, words []string, std streams) int {
	password := os.Getenv(passwordVariable) != "" // perform takes it away
	result, err := perform(all, words, std)
	if err != nil {
		err = corrected(all, words, password, err)
		std.say.failure(err)
		result = ofError(err)
	}
	return int(result)
}

// perform does what args ask for. An error is not yet said.
func perform(all *catalogue, args []string, std streams) (status, error) {
	if len(args) == 0 {
		return statusUsage, &usageError{"no command is given", all.program + " --help"}
	}
	switch args[0] {
	case "-h":
		if namesHost(args[1:]) {
			return statusUsage, hostRefused(args[1], all.program+" --help")
		}
		return std.answer(briefOverview(all))
	case "--help":
		return std.answer(overview(all))
	case "--version":
		return std.answer(versionText())
	case "help":
		text, err := helpOn(all, args[1:])
		if err != nil {
			return statusUsage, err
		}
		return std.answer(text)
	}
	w, found := all.find(args[0])
	if !found {
		return statusUsage, unknownCommand(all, args...)
	}
	line, err := normalise(w, args[1:])
	if err != nil {
		return statusUsage, err
	}
	if line.brief {
		return std.answer(briefFor(w))
	}
	if line.help {
		return std.answer(helpFor(w))
	}
	c, err := configure(w, line, os.LookupEnv, func(c *config) {
		c.keepWithin(quota.Memory(os.DirFS("/")))
		c.takePassword()
	}, func(c *config) { c.settle(isTerminal(std.in), isTerminal(std.out)) })
	if c != nil {
		std.say.colour = c.colour.onto(std.console.errs)
	}
	if err != nil {
		return statusUsage, err
	}
	if c.listOptions {
		return std.answer(optionList(c.command))
	}
	std.say.level = c.level()
	// As cat does, a command fails that was started without a stream which it needs,
	// before it takes anything from its peers.
	switch {
	case std.outClosed && (c.toStdout || c.endpointFile == stdoutName):
		return statusFailed, errStdoutClosed
	case std.inClosed && c.fromStdin:
		return statusFailed, errStdinClosed
	}
	return c.command.run(c, std)
}
