package flags

import (
	"github.com/zcat/zcat/cmd/zcat/internal/expect"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/units"
)

// expectFlags are the flags for what received messages have to be.
func expectFlags() []line.Flag {
	return []line.Flag{
		{
			Name: "expect", Kind: line.TakesValue, Group: line.GroupCourse, Meta: "PATTERN", Has: line.Command.PrintsMessages, Example: "re:^ok",
			Brief: "what a frame must be, or the status is 1",
			Help: "what a frame of each received message must be, repeated for the frames in turn; else the difference is reported and the status is 1. " +
				"PATTERN is text, hex:00ff, re:REGEXP (matches anywhere), json:.path=VALUE, json:.path~REGEXP or json:.path (is there); " +
				"* any frame, ... any further frames, text:* the text *. " +
				"Without --count it ends after as many messages as are expected, but for req",
			Set: func(c *line.Config, text string) error {
				p, err := expect.Parse(text)
				if err != nil {
					return err
				}
				return c.Expected.Add(p)
			},
		},
		{
			Name: "then", Kind: line.TakesNothing, Group: line.GroupCourse, Has: line.Command.PrintsMessages, Leader: "--expect=ready", Company: "--expect=done",
			Help: "each --expect that follows is for the next message; those of the last one are for all later messages too",
			Set: func(c *line.Config, text string) error {
				on, err := units.ParseBool(text)
				if on {
					c.Expected.Then()
				}
				return err
			},
		},
	}
}
