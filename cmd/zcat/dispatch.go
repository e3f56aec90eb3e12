package main

import (
	"os"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/help"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/paths"
	"github.com/zcat/zcat/cmd/zcat/internal/quota"
	"github.com/zcat/zcat/cmd/zcat/internal/retype"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/top"
)

// dispatch finds out what a command line asks for, does it, and returns the
// exit status.
func dispatch(all *line.Catalogue, words []string, std say.Streams) int {
	password := os.Getenv(line.PasswordVariable) != "" // perform takes it away
	result, err := perform(all, words, std)
	if err != nil {
		err = retype.Corrected(all, words, retype.Around{Password: password, Output: paths.OfFile(std.Out), Undrawn: top.Check(std, "") != nil}, err)
		std.Say.Failure(err)
		result = outcome.OfError(err)
	}
	return int(result)
}

// perform does what args ask for. The caller reports the error.
func perform(all *line.Catalogue, args []string, std say.Streams) (outcome.Status, error) {
	if len(args) == 0 {
		return outcome.Usage, &outcome.UsageError{Sentence: "no command is given", Hint: all.Program + " --help"}
	}
	switch args[0] {
	case "-h":
		if habits.NamesHost(args[1:]) {
			return outcome.Usage, line.HostRefused(args[1], all.Program+" --help")
		}
		return std.Answer(help.BriefOverview(all))
	case "--help":
		return std.Answer(help.Overview(all))
	case "--version":
		return std.Answer(help.VersionText())
	case "help":
		text, err := help.On(all, args[1:])
		if err != nil {
			return outcome.Usage, err
		}
		return std.Answer(text)
	}
	w, found := all.Find(args[0])
	if !found {
		return outcome.Usage, line.UnknownCommand(all, args...)
	}
	written, err := line.Normalise(w, args[1:])
	if err != nil {
		return outcome.Usage, err
	}
	if written.Brief {
		return std.Answer(help.BriefFor(w))
	}
	if written.Help {
		return std.Answer(help.For(w))
	}
	c, err := line.Configure(w, written, os.LookupEnv, func(c *line.Config) {
		if !w.Converses() {
			c.KeepWithin(quota.Memory(quota.System()))
		}
		c.TakePassword()
	}, func(c *line.Config) {
		if w.Converses() && c.Binds() { // the limit is of what accepted peers may take
			c.KeepWithin(quota.Memory(quota.System()))
		}
		c.Settle(say.IsTerminal(std.In), say.IsTerminal(std.Out))
	})
	if c != nil {
		std.Say.Colour = c.Colour.Onto(std.Console.Errs)
	}
	if err != nil {
		return outcome.Usage, err
	}
	if c.ListOptions {
		return std.Answer(flags.OptionList(c.Command))
	}
	std.Say.Level = c.Level()
	// Like cat, a command that was started without a stream which it needs fails,
	// before it takes anything from its peers.
	switch {
	case std.OutClosed && (c.ToStdout || c.EndpointFile == line.StdoutName):
		return outcome.Failed, outcome.ErrStdoutClosed
	case std.InClosed && c.FromStdin:
		return outcome.Failed, outcome.ErrStdinClosed
	}
	return c.Command.Run(c, std)
}
