package main

// handleFlags say what answers messages in the place of stdin.
func handleFlags() []flagRow {
	return []flagRow{
		{
			name: "echo", kind: takesNothing, group: groupHandlers,
			brief: "send every message back",
			help:  "send every message back; stdin is not read", rivals: []string{"exec", "filter"},
			set: toBool(func(c *config) *bool { return &c.echo }),
		},
		{
			name: "exec", letter: "e", kind: takesValue, group: groupHandlers, meta: "CMD",
			example: "rev",
			brief:   "run CMD for each message; its output is the reply",
			help: "run sh -c CMD for each message: the body on its stdin, as --out says (default raw: the bytes of its frames); " +
				"what it writes is the reply, as --in says (default raw: one frame); of pull and sub it goes to stdout. " +
				"Messages are not printed then. CMD finds ZCAT_COMMAND, ZCAT_ENDPOINT, ZCAT_PEER, ZCAT_FRAMES (their number) and, " +
				"of a router, ZCAT_ROUTING_ID (hex) in its environment. The envelope (router: through the first empty frame, else " +
				"the routing id; dealer: through the first empty frame) is not part of the body and stands in front of the reply. " +
				"A CMD that fails, or takes longer than --timeout, is reported, its output is dropped, the reply is one empty frame " +
				"and the status at the end 1 (124). What it leaves in the background ends with it, unless setsid started that",
			rivals: []string{"echo", "filter"},
			set:    toText(func(c *config) *string { return &c.exec }),
		},
		{
			name: "jobs", letter: "j", kind: takesValue, group: groupHandlers, meta: "N",
			example: "4", company: "--exec=cat",
			help: "run up to N commands of --exec at a time (1); replies leave in the order in which they finish",
			set:  toCount(1, func(c *config) *int { return &c.jobs }),
		},
		{
			name: "filter", kind: takesValue, group: groupHandlers, meta: "CMD",
			example: "cat",
			brief:   "run CMD once, in the place of stdin and stdout",
			help: "start sh -c CMD once, in the place of stdin and stdout: a line to it for each message, a message for each line " +
				"of it (rep: exactly one for one). A CMD that keeps its output in a buffer answers nobody: jq --unbuffered, sed -u, " +
				"grep --line-buffered, awk with fflush, python3 -u; stdbuf -oL CMD helps with others",
			rivals: []string{"echo", "exec"},
			set:    toText(func(c *config) *string { return &c.filterCommand }),
		},
	}
}
