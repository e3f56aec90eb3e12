package main

import (
	"github.com/zcat/zcat/cmd/zcat/internal/expect"
)

// expectFlags say what received messages have to be.
func expectFlags() []flagRow {
	return []flagRow{
		{
			name: "expect", kind: takesValue, group: groupCourse, meta: "PATTERN", has: printers, example: "re:^ok",
			brief: "what a frame must be, or the status is 1",
			help: "what a frame of each received message must be, repeated for the frames in turn; else the difference is said and the status is 1. " +
				"PATTERN is text, hex:00ff, re:REGEXP (matches anywhere), json:.path=VALUE, json:.path~REGEXP or json:.path (is there); " +
				"* any frame, ... any further frames, text:* the text *. " +
				"Without --count it ends after as many messages as are expected, but for req",
			set: func(c *config, text string) error {
				p, err := expect.Parse(text)
				if err != nil {
					return err
				}
				return c.expected.Add(p)
			},
		},
		{
			name: "then", kind: takesNothing, group: groupCourse, has: printers, leader: "--expect=ready", company: "--expect=done",
			help: "the --expect that follow are for the next message; those of the last one for all later messages too",
			set: func(c *config, text string) error {
				on, err := parseBool(text)
				if on {
					c.expected.Then()
				}
				return err
			},
		},
	}
}
