package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/quota"
	"github.com/zcat/zcat/cmd/zcat/internal/topics"
)

// dispatch finds out what a command line asks for, does it, and returns the
// exit status. args[0] is the name zcat was called by.
func dispatch(args []string, std streams) int {
	program := programName(args)
	words := args[min(1, len(args)):]
	password := os.Getenv(passwordVariable) != "" // obey takes it away
	result, err := obey(program, words, std)
	if err != nil {
		err = corrected(program, words, password, err)
		std.say.failure(err)
		result = ofError(err)
	}
	return int(result)
}

// programName is the name in args[0] without its directory.
func programName(args []string) string {
	if len(args) == 0 || args[0] == "" {
		return "zcat"
	}
	return strings.TrimSuffix(filepath.Base(args[0]), ".exe")
}

// obey does what args ask for. An error is not yet said.
func obey(program string, args []string, std streams) (status, error) {
	if len(args) == 0 {
		return statusUsage, &usageError{"no command is given", program + " --help"}
	}
	switch args[0] {
	case "-h":
		return std.answer(briefOverview(program))
	case "--help":
		return std.answer(overview(program))
	case "--version":
		return std.answer(versionText())
	case "help":
		text, err := helpOn(program, args[1:])
		if err != nil {
			return statusUsage, err
		}
		return std.answer(text)
	}
	w, found := findWord(program, args[0])
	if !found {
		return statusUsage, unknownCommand(program, args...)
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
		return std.answer(optionList(c.word))
	}
	std.say.level = c.level()
	return c.word.run(c, std)
}

// unknownCommand names the command that was probably meant.
func unknownCommand(program string, args ...string) error {
	name := args[0]
	if strings.HasPrefix(name, "-") {
		hint := program + " --help"
		if len(args) > 1 {
			if w, found := findWord(program, args[1]); found {
				hint = w.line(name)
			}
		} else if name == "-V" {
			hint = program + " --version"
		} else if near := nearest(name, []string{"--help", "--version"}); near != "" {
			hint = program + " " + near
		}
		return &usageError{fmt.Sprintf("a command comes first, then its flags: %q is none", name), hint}
	}
	hint := program + " --help"
	if name == "version" {
		hint = program + " --version"
	} else if slices.Contains(topics.Names(), name) {
		hint = program + " help " + name
	} else if near := nearestCommand(program, strings.ToLower(name)); near != "" {
		hint = program + " " + near + " --help"
	}
	return &usageError{fmt.Sprintf("unknown command %q", name), hint}
}
