package main

import (
	"fmt"
	"time"

	"github.com/zcat/zcat/pkg/sockets"
)

// probeFlags say how long a probe waits, and for whom.
func probeFlags() []flagRow {
	is := named("probe")
	return []flagRow{
		{
			name: "wait", kind: takesValue, group: groupProbe, meta: "D", has: is, example: "30",
			help: "try again for up to D until a peer answers; then status 124",
			set:  toTime(1, func(c *config) *time.Duration { return &c.probe.wait }),
		},
		{
			name: "timeout", letter: "t", kind: takesValue, group: groupProbe, meta: "D", has: is, example: "5",
			help: "longest wait for the answer to one attempt (5); then status 124. D is 5 (seconds), 500ms, 2m",
			set:  toTime(1, func(c *config) *time.Duration { return &c.timeout }),
		},
		{
			name: "expect-type", kind: takesValue, group: groupProbe, meta: "TYPE", has: is, example: "router",
			help: "status 3 if the peer is no socket of that type, or does not tell",
			set: func(c *config, text string) (err error) {
				c.probe.expect, err = sockets.ParseType(text)
				return err
			},
		},
	}
}

// manFlags say where manual pages go.
func manFlags() []flagRow {
	return []flagRow{{
		name: "dir", kind: takesValue, group: groupMan, meta: "DIR", has: named("man"), example: "/tmp/man1",
		help: "write all pages to DIR, a file each, instead of printing one",
		set: func(c *config, text string) error {
			if text == "" {
				return fmt.Errorf("the value is empty")
			}
			c.manDir = text
			return nil
		},
	}}
}
