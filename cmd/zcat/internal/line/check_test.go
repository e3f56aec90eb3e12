package line

import (
	"errors"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
)

// A command that has neither rules nor operands takes no argument.
func TestCommandWithoutRules(t *testing.T) {
	all := NewCatalogue("zcat", Maker{"clock", func() Command {
		return Command{Tool: true, Name: "clock", Flags: func(Command) []Flag { return nil }}
	}})
	w, _ := all.Find("clock")
	c := NewConfig(w)
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	c.Args = []string{"now"}
	var usage *outcome.UsageError
	if err := c.Check(); !errors.As(err, &usage) || usage.Sentence != `clock takes no arguments such as "now"` || usage.Hint != "zcat clock" {
		t.Errorf("%v", err)
	}
}
