package flags

import (
	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// handleRules are the rules of --echo, --exec, --filter and --jobs, and of what
// is expected.
func handleRules(c *line.Config) []line.Rule {
	hasFrames := len(c.Args) > 0
	paces := c.Typed["interval"] || c.Typed["rate"]
	handles := "--exec rev"
	if c.FilterCommand != "" {
		handles = "--filter cat"
	}
	rules := []line.Rule{
		{
			Broken: c.Typed["exec"] && c.Typed["filter"], Sentence: "--exec runs a command for each message, --filter one for all: only one can be",
			Flags: "--exec rev",
		},
		{
			Broken: c.Echo && c.Runs(), Sentence: "--echo answers with the message itself, --exec and --filter with what a command writes: only one can be",
			Flags: "--echo",
		},
		{
			Broken: hasFrames && c.Echo, Sentence: "--echo answers with the message itself, FRAME arguments with theirs: only one can be",
			Flags: "--echo",
		},
		{
			Broken: hasFrames && c.Runs(), Sentence: "--exec and --filter send what a command writes, FRAME arguments themselves: only one can be",
			Flags: handles,
		},
		{
			Broken: c.Echo && paces, Sentence: "--echo sends what comes when it comes: --interval and --rate pace input",
			Flags: "--echo",
		},
		{
			Broken: c.Exec != "" && paces, Sentence: "--exec sends each reply when it is ready: --interval and --rate pace input",
			Flags: "--exec rev",
		},
		{
			Broken:   (c.Echo || c.Exec != "") && (c.Options.NotifyJoined || c.Options.NotifyLeft || len(c.Options.Parting) > 0),
			Sentence: "--echo and --exec answer what peers send: messages of router_notify and disconnect_msg are none of theirs",
			Flags:    "--echo",
		},
		{
			Broken: c.Typed["jobs"] && c.Exec == "", Sentence: "--jobs says how many commands of --exec run at a time, and there is none",
			Flags: "--exec rev --jobs 4",
		},
		{
			Broken: !c.Expected.Whole(), Sentence: "--then goes on to the next expected message: it stands between two --expect",
			Flags: "--expect one --then --expect two",
		},
		{
			Broken: c.Exec != "" && c.Meta && c.Typed["meta"], Sentence: "--meta prints records, and --exec prints no messages: CMD finds their peer in ZCAT_PEER",
			Flags: "--exec rev",
		},
	}
	if !child.Supported {
		rules = append(rules, line.Rule{
			Broken: c.Runs(), Sentence: "--exec and --filter need sh, which is not on this system", Flags: "--echo",
		})
	}
	return rules
}
