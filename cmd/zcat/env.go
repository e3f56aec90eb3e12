package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
)

// envPrefix begins the names of the variables that hold the flags' defaults.
const envPrefix = "ZCAT_"

// variable is the environment variable with the default of a flag.
func (f flagRow) variable() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(f.name, "-", "_"))
}

// applyEnv sets the flags that have a default in the environment and do not
// stand on the command line, nor a rival of theirs. An empty variable is none.
func applyEnv(c *config, settings []setting, lookup func(string) (string, bool)) error {
	displaced := map[string]bool{}
	for _, s := range settings {
		displaced[s.flag.name] = true
		for _, rival := range s.flag.rivals {
			displaced[rival] = true
		}
	}
	for _, f := range flagsOf(c.command) {
		value, found := lookup(f.variable())
		if !found || value == "" || displaced[f.name] || f.set == nil {
			continue
		}
		if err := f.set(c, value); err != nil {
			return &usageError{
				fmt.Sprintf("%s in the environment: %v", f.variable(), err),
				f.variable() + "=" + f.envSample(),
			}
		}
	}
	return nil
}

// envSample is a value of the flag's variable that works.
func (f flagRow) envSample() string {
	if f.example == "" {
		return "1"
	}
	return f.example
}

// withoutDefaults is an environment for a command that zcat starts, which does
// not inherit the flags' defaults.
func withoutDefaults(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		return strings.HasPrefix(entry, envPrefix)
	})
}

// passwordVariable holds the only secret that the environment may have.
const passwordVariable = envPrefix + "PLAIN_PASSWORD"

// takePassword moves the password from the environment to where nothing prints
// it and no command that is started inherits it.
func (c *config) takePassword() {
	if text := os.Getenv(passwordVariable); text != "" {
		c.access.Password = access.NewPassword(text)
		_ = os.Unsetenv(passwordVariable) // it was there
	}
}
