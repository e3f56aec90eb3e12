package main

import (
	"strings"

	"github.com/zcat/zcat/pkg/sockets"
)

// toolWord is how a tool is spoken of.
func toolWord(program string, t tool) word {
	w := word{program: program, tool: t}
	switch t {
	case noTool:
	case proxyTool:
		w.name, w.operands, w.essence = "proxy", "FRONT BACK", ":5555 :5556"
		w.summary = "join two sockets: a queue, a forwarder, a streamer"
		w.about = "What comes at FRONT goes out at BACK and the other way round, unchanged and in order; both are bound. " +
			"By default it is a queue: ROUTER, where clients ask, and DEALER, where workers answer. " +
			"A side is read only while the other has room. SIGTERM and SIGINT end it; what it has received by then is " +
			"still sent on, within the linger. FRONT and BACK may be left out where flags name endpoints for both."
		w.example = "proxy tcp://127.0.0.1:5555 tcp://127.0.0.1:5556 --capture traffic.jsonl"
	case keygenTool:
		w.name, w.operands, w.essence = "keygen", "NAME", "NAME"
		w.summary = "make a pair of keys for CURVE"
		w.about = "NAME.key is the public certificate, which goes to whoever has to know the key; NAME.key_secret, for its owner " +
			"alone (mode 0600), has both keys. CZMQ reads both. The public key is printed. Files that are there are left alone, " +
			"and nothing is made. Where NAME is -, both keys are printed and nothing is written."
		w.example = "keygen server"
	case replayTool:
		w.name, w.operands, w.essence = "replay", "FILE", "FILE"
		w.kind = sockets.Push // until --as is known
		w.summary = "send what was recorded, at the pace of then"
		w.about = "FILE, or stdin where it is -, has a message a line, as `proxy --capture FILE` and `--meta` write them, " +
			"up to where it ended when it was opened. " +
			"Each is sent as long after the first as it was recorded after it; those without a time follow at once. " +
			"Replies and whatever else comes are printed, and it ends as the command that --as names: push, pub and req " +
			"after the last message, dealer and the like by --count, --idle or a signal."
		w.example = "replay traffic.jsonl --connect tcp://127.0.0.1:5555 --as req --from front"
	case benchTool:
		w.name = "bench"
		w.summary = "measure throughput and latency"
		w.about = "Between two sockets of its own, over tcp or the endpoints of --bind (inproc:// too), or between two processes " +
			"or machines: one runs --serve, the other --connect. Throughput is of messages one way, counted where they arrive, " +
			"from the first to the last, or, where a PUSH, PUB or XPUB has another process for a peer, until the last has left " +
			"the sender, whatever the other side's system still holds. Latency is of round trips, one at a time, without the first twentieth (a second at most), in " +
			"microseconds; at a --rate each is timed from when it was due, so that a late answer counts for all that it delays. " +
			"MB is 1000000 bytes of bodies, one way. A signal ends with what was measured until then; a server that leaves in " +
			"the middle is a failure. With --curve-server --curve-secret everything is encrypted, between two sockets of its own too.\n\n" +
			"A peer need not be ours: it sends back a message whose last frame begins with E, counts all others, and " +
			"answers an empty last frame, where it can, with the same envelope and \"COUNT NANOSECONDS\" " +
			"since the last such; a REP sends everything back, and a ROUTER that a ROUTER is to find has the routing id bench. " +
			"A --serve of push:pull with --count N, or of req:rep, is a peer for libzmq's remote_thr and remote_lat, whose latency " +
			"is half of a mean round trip.\n\n" +
			"An object of --json has sockets, measure, endpoint, size (bytes of a body), sent (0 where another process counts that), " +
			"messages (that arrived; of latency, round trips that count), lost, seconds (that these took), measured_at (sender or " +
			"receiver), messages_per_second, mb_per_second and, of latency, latency_us with mean, p50, p90, p99, p99.9 and max."
		w.example = "bench --types req:rep --size 100 --size 64K --for 2"
	case probeTool:
		w.name, w.operands, w.essence = "probe", "EP", "tcp://127.0.0.1:5555"
		w.summary = "say who listens at an endpoint, without taking part"
		w.about = "Connects to EP, prints as a JSON object what the peer tells of itself, and leaves before the peer could hand " +
			"it a message: the version of its protocol, its security mechanism, its socket type, identity and other properties, " +
			"and how long it took. What a peer did not tell is null: one that uses PLAIN or CURVE tells nothing more before it " +
			"knows who asks. Status 0 says that a ZeroMQ peer answered, and that it is of the type that was expected. " +
			"Nobody there, or something else, is status 1; silence 124; another type 3."
		w.example = "probe tcp://127.0.0.1:5555 --wait 10 --expect-type router"
	case completionTool:
		w.name, w.operands, w.essence = "completion", strings.Join(shells(), "|"), "bash"
		w.summary = "print what makes a shell complete commands and flags"
		w.about = "Prints a script for the shell: of commands, flags and the values that have a name, under the name that this program was called by. " +
			"For bash, load it with: eval \"$(" + program + " completion bash)\". For zsh, put it where $fpath finds it, as _" + program + ". " +
			"For fish: " + program + " completion fish | source. `make install` puts all of them in their places."
		w.example = "completion bash"
	case manTool:
		w.name, w.operands = "man", "[COMMAND]"
		w.summary = "print the manual page of " + program + ", or of a command"
		w.about = "Prints the source of a manual page: " + program + " man push | man -l -. With --dir it writes all of them, as `make install` does, " +
			"after which man " + program + " and man " + program + "-push show them."
		w.example = "man push"
	}
	return w
}
