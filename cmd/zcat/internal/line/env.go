package line

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
)

// EnvPrefix begins the names of the variables that hold the flags' defaults.
const EnvPrefix = "ZCAT_"

// Variable returns the name of the environment variable with the default of a flag.
func (f Flag) Variable() string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
}

// ApplyEnv sets the flags that have a default in the environment, unless they or a
// rival of theirs stand on the command line. An empty variable counts as unset.
func ApplyEnv(c *Config, line parsed, lookup func(string) (string, bool)) error {
	displaced := map[string]bool{}
	for _, s := range line.Settings {
		displaced[s.flag.Name] = true
		if s.takesBack() {
			continue
		}
		for _, rival := range s.flag.Rivals {
			displaced[rival] = true
		}
	}
	for _, f := range line.flags {
		value, found := lookup(f.Variable())
		if !found || value == "" || displaced[f.Name] || f.Set == nil {
			continue
		}
		if err := f.Set(c, value); err != nil {
			return &outcome.UsageError{
				Sentence: fmt.Sprintf("%s in the environment: %v", f.Variable(), err),
				Hint:     f.Variable() + "=" + shell.Quoted(f.EnvSample()),
			}
		}
	}
	return nil
}

// EnvSample returns a value of the flag's variable that works.
func (f Flag) EnvSample() string {
	if f.Example == "" {
		return "1"
	}
	return f.Example
}

// WithoutDefaults returns the environment for a command that zcat starts, which
// does not inherit the flags' defaults.
func WithoutDefaults(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		return strings.HasPrefix(entry, EnvPrefix)
	})
}

// PasswordVariable holds the only secret that the environment may have.
const PasswordVariable = EnvPrefix + "PLAIN_PASSWORD"

// TakePassword moves the password from the environment to where nothing prints
// it and no command that is started inherits it.
func (c *Config) TakePassword() {
	if text := os.Getenv(PasswordVariable); text != "" {
		c.Access.Password = access.NewPassword(text)
		_ = os.Unsetenv(PasswordVariable) // it was there
	}
}
