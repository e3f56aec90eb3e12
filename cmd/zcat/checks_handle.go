package main

import "github.com/zcat/zcat/cmd/zcat/internal/child"

// handleRules are the rules of --echo, --exec, --filter and --jobs, and of what
// is expected.
func handleRules(c *config) []rule {
	hasFrames := len(c.args) > 0
	paces := c.typed["interval"] || c.typed["rate"]
	rules := []rule{
		{
			c.typed["exec"] && c.typed["filter"], "--exec runs a command for each message, --filter one for all: only one can be",
			c.line("--exec rev"),
		},
		{
			c.echo && c.runs(), "--echo answers with the message itself, --exec and --filter with what a command writes: only one can be",
			c.line("--echo"),
		},
		{
			hasFrames && c.echo, "--echo answers with the message itself, FRAME arguments with theirs: only one can be",
			c.line("--echo"),
		},
		{
			hasFrames && c.runs(), "--exec and --filter send what a command writes, FRAME arguments themselves: only one can be",
			c.line("--exec rev"),
		},
		{
			c.echo && paces, "--echo sends what comes when it comes: --interval and --rate pace input",
			c.line("--echo"),
		},
		{
			c.exec != "" && paces, "--exec sends replies when they are there: --interval and --rate pace input",
			c.line("--exec rev"),
		},
		{
			c.typed["jobs"] && c.exec == "", "--jobs says how many commands of --exec run at a time, and there is none",
			c.line("--exec rev --jobs 4"),
		},
		{
			!c.expected.Whole(), "--then goes on to the next expected message: it stands between two --expect",
			c.line("--expect one --then --expect two"),
		},
		{
			c.exec != "" && c.meta && c.typed["meta"], "--meta prints records, and --exec prints no messages: CMD finds their peer in ZCAT_PEER",
			c.line("--exec rev"),
		},
	}
	if !child.Supported {
		rules = append(rules, rule{
			c.runs(), "--exec and --filter need sh, which is not on this system", c.line("--echo"),
		})
	}
	return rules
}
