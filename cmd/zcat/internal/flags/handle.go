package flags

import "github.com/zcat/zcat/cmd/zcat/internal/line"

// handleFlags are the flags for what answers messages in place of stdin.
func handleFlags() []line.Flag {
	return []line.Flag{
		{
			Name: "echo", Kind: line.TakesNothing, Group: line.GroupHandlers,
			Brief: "send every message back",
			Help:  "send every message back; stdin is not read", Rivals: []string{"exec", "filter"},
			Set: ToBool(func(c *line.Config) *bool { return &c.Echo }),
		},
		{
			Name: "exec", Letter: "e", Kind: line.TakesValue, Group: line.GroupHandlers, Meta: "CMD",
			Example: "rev",
			Brief:   "run CMD for each message; its output is the reply",
			Help: "run sh -c CMD for each message: the body on its stdin, as --out says (default raw: the bytes of its frames); " +
				"what it writes is the reply, as --in says (default raw: one frame); of pull and sub it goes to stdout. " +
				"Messages are not printed then. CMD finds ZCAT_COMMAND, ZCAT_ENDPOINT, ZCAT_PEER, ZCAT_FRAMES (their number), " +
				"ZCAT_USER (whom PLAIN or --curve-allow took the peer for, if anybody) and, of a router, ZCAT_ROUTING_ID (hex) in its " +
				"environment. The envelope (router: through the first empty frame, else " +
				"the routing id; dealer: through the first empty frame) is not part of the body and stands in front of the reply. " +
				"A CMD that fails, or takes longer than --timeout, is reported, its output is dropped, the reply is one empty frame " +
				"and the status at the end 1 (124). What it leaves in the background ends with it, unless setsid started that",
			Rivals: []string{"echo", "filter"},
			Set:    ToText(func(c *line.Config) *string { return &c.Exec }),
		},
		{
			Name: "jobs", Letter: "j", Kind: line.TakesValue, Group: line.GroupHandlers, Meta: "N",
			Example: "4", Company: "--exec=cat",
			Help: "run up to N commands of --exec at a time (1); replies leave in the order in which they finish",
			Set:  ToCount(1, func(c *line.Config) *int { return &c.Jobs }),
		},
		{
			Name: "filter", Kind: line.TakesValue, Group: line.GroupHandlers, Meta: "CMD",
			Example: "cat",
			Brief:   "run CMD once, in place of stdin and stdout",
			Help: "start sh -c CMD once, in place of stdin and stdout: a line to it for each message, a message for each line " +
				"of it (rep: exactly one for one; req: its lines are the requests, it reads the replies; xpub: it reads subscriptions; " +
				"xsub: it writes them). Make the lines with jq, never with printf: a quote in a frame would end it. A CMD that keeps " +
				"its output in a buffer answers nobody: jq --unbuffered, sed -u, grep --line-buffered, mawk -W interactive (which is " +
				"Debian's awk; gawk needs fflush), python3 -u; stdbuf -oL CMD helps with others",
			Rivals: []string{"echo", "exec"},
			Set:    ToText(func(c *line.Config) *string { return &c.FilterCommand }),
		},
	}
}
