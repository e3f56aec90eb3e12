package main

import "github.com/zcat/zcat/pkg/sockets"

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
		w.about = "FILE, or stdin where it is -, has a message a line, as `proxy --capture FILE` and `--meta` write them. " +
			"Each is sent as long after the first as it was recorded after it; those without a time follow at once. " +
			"Replies and whatever else comes are printed, and it ends as the command that --as names: push, pub and req " +
			"after the last message, dealer and the like by --count, --idle or a signal."
		w.example = "replay traffic.jsonl --connect tcp://127.0.0.1:5555 --as req --from front"
	}
	return w
}
