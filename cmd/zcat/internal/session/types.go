package session

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// wording is what the help says of a socket command.
type wording struct {
	of                      sockets.Type
	summary, about, example string
}

// Commands are the commands of the socket types: each is what the library's row of its
// type promises, and the words for it.
func Commands() []line.Maker {
	types := sockets.Types()
	list := make([]line.Maker, len(types))
	for i, t := range types {
		list[i] = line.Maker{Name: strings.ToLower(t.String()), Make: func() line.Command { return commandOf(t) }}
	}
	return list
}

func commandOf(t sockets.Type) line.Command {
	said, own := words(), plainWords(t)
	if i := slices.IndexFunc(said, func(w wording) bool { return w.of == t }); i >= 0 {
		own = said[i]
	}
	has, sends := t.Traits(), t.Sends()
	w := line.Command{
		Name: strings.ToLower(t.String()), Kind: t, FlagNames: flagNames(has, sends, t.Receives(), t.Raw()), Use: line.UseConversation,
		Summary: own.summary, About: own.about, Example: own.example,
		Flags: flags.All(nil), Rules: flags.Rules(flags.SocketRules),
		Run: func(c *line.Config, std say.Streams) (outcome.Status, error) { return converse(c, std), nil },
	}
	switch {
	case has.MostFrames == 1 && sends:
		w.Operands = "[FRAME]"
	case sends:
		w.Operands = "[FRAME...]"
	case has.Joins:
		w.Essence = "--join news"
	}
	return w
}

// plainWords are true of any type.
func plainWords(t sockets.Type) wording {
	var peers []string
	for _, peer := range t.Peers() {
		peers = append(peers, peer.String())
	}
	name, summary := strings.ToLower(t.String()), "talk to "+line.OneOf(peers)
	if t.Receives() {
		return wording{t, summary, "Ends by --count, --idle or a signal.", name + " -b tcp://127.0.0.1:5555 -n 1"}
	}
	return wording{t, summary, "Ends at the end of the input.", name + " -c tcp://127.0.0.1:5555 hello"}
}

// flagNames lists the flags, of those that only some commands have, that the sockets of a
// type have a use for.
func flagNames(has sockets.Traits, sends, receives, raw bool) []string {
	// Messages come that call for an action, or an answer.
	called := receives && !has.Asks && !has.SendsSubscriptions && !has.ReceivesSubscriptions
	names := make([]string, 0, 12)
	add := func(have bool, more ...string) {
		if have {
			names = append(names, more...)
		}
	}
	add(has.Announces, "identity")
	add(has.Greets, "hello")
	add(has.Asks, "retries")
	add(has.Addressed && !raw && !has.Numbered, "handover", "drop-unroutable")
	add(has.Conflates, "conflate")
	add(has.Publishes, "max-subscriptions", "wait-subs")
	add(has.Publishes && !has.Grouped, "max-prefix")
	add(has.Subscribes, "subscribe", "subscribe-hex")
	add(has.Joins, "join")
	add(called && sends, "echo")
	add(called, "exec")
	add(called && !has.Answers && !has.Exclusive, "jobs")
	add(sends && receives, "filter")
	return names
}

// shapeOf returns the conversation of a command.
func shapeOf(w line.Command) func(*Session) error {
	switch has := w.Traits(); {
	case has.Asks:
		return (*Session).requestShape
	case has.Answers:
		return (*Session).replyShape
	case w.Sends() && w.Prints():
		return (*Session).duplexShape
	case w.Sends():
		return (*Session).sendShape
	}
	return (*Session).receiveShape
}

// settled reports whether a conversation that ends with its input has nothing left to do
// once that is at its end; it is false where it ends otherwise.
func (s *Session) settled() bool {
	switch has := s.command.Traits(); {
	case has.Asks:
		return !s.asking
	case has.Answers:
		stats := s.socket.Stats()
		return stats.Sent == stats.Received
	}
	return false
}

// envelope splits a message into what stands in front of a reply to it, and the body.
func (s *Session) envelope(m frames.Message) (envelope, body frames.Message) {
	switch has := s.command.Traits(); {
	case has.Addressed:
		return frames.SplitRouted(m)
	case has.Enveloped:
		if envelope, body, ok := frames.Split(m); ok {
			return envelope, body
		}
	}
	return nil, m
}

// words are what the help says of the socket commands. A type without a row here has
// plainWords.
func words() []wording {
	return []wording{
		{
			of:      sockets.Req,
			summary: "send requests, print the reply to each",
			about: "Each message of stdin, or the FRAMEs, is a request; its reply is awaited before the next. Ends after the last reply. " +
				"With --filter the lines of CMD are the requests, and it reads the replies; once it closes its stdout, no more are awaited.",
			example: "req -c tcp://127.0.0.1:5555 hello",
		},
		{
			of:      sockets.Rep,
			summary: "print requests, answer each with a message of stdin",
			about: "Each request is printed and then answered: by the next message of stdin, by itself (--echo), or by the FRAMEs. " +
				"Ends at the end of the replies: the request in hand is answered (with one empty frame where no reply is left) and no other is taken.",
			example: "rep -b tcp://127.0.0.1:5555 --echo",
		},
		{
			of:      sockets.Router,
			summary: "talk to many peers, each by its routing id",
			about: "The first frame of every message, sent or received, is the routing id of the peer. " +
				"A message whose routing id no peer has is reported, and the status at the end is 3. The end of stdin does not end it. " +
				"To answer by hand, on a terminal: @1 reply, with the envelope of the last message of the first peer, or the id as it was shown. " +
				`Elsewhere: --in json, then [{"hex":"006b8b4567"},"","reply"].`,
			example: "router -b tcp://127.0.0.1:5555",
		},
		{
			of:      sockets.Dealer,
			summary: "send to peers in turn while receiving",
			about: "Messages of stdin, or the FRAMEs, are sent while received ones are printed. Nothing is added: " +
				"a REP peer needs an empty frame first. The end of stdin does not end it: --count, --idle or a signal does.",
			example: "dealer -c tcp://127.0.0.1:5555 -n 1 '' hello",
		},
		{
			of:      sockets.Pub,
			summary: "send to all who subscribed to the message's prefix",
			about: "Messages of stdin, or the FRAMEs, go to every peer with a subscription that the first frame begins with. " +
				"It waits up to a second for the first subscription; --wait-subs says for how many instead. " +
				"Ends at the end of the input.",
			example: "pub -b tcp://127.0.0.1:5556 --wait-subs 1 news 'hello all'",
		},
		{
			of:      sockets.Sub,
			summary: "print what was subscribed to",
			about:   "Without --subscribe everything is printed. Ends by --count, --idle, a signal, or when stdout is closed.",
			example: "sub -c tcp://127.0.0.1:5556 -s news -n 1",
		},
		{
			of:      sockets.Push,
			summary: "send, each message to one of the peers",
			about: "Messages of stdin, or the FRAMEs, go to the peers in turn. Ends at the end of the input, once each has " +
				"been given to a peer: where none has room, or none is there yet at an endpoint that is bound, it waits, for ever " +
				"without --timeout. A message that is queued for an endpoint it connects to has the linger.",
			example: "push -c tcp://127.0.0.1:5557 hello",
		},
		{
			of:      sockets.Pull,
			summary: "print what is pushed",
			about:   "Ends by --count, --idle, a signal, or when stdout is closed.",
			example: "pull -b tcp://127.0.0.1:5557 -n 1",
		},
		{
			of:      sockets.Pair,
			summary: "talk to one peer, both ways",
			about: "Messages of stdin, or the FRAMEs, are sent while received ones are printed. A second peer is refused. " +
				"The end of stdin does not end it: --count, --idle or a signal does.",
			example: "pair -c ipc:///tmp/talk -n 1 hello",
		},
		{
			of:      sockets.XPub,
			summary: "pub that prints the subscriptions",
			about: "Subscriptions are printed as one frame: the byte 01, or 00 for its end, then the prefix. " +
				"With -o xpub_manual=1 peers get what the input says: a message that is a subscription or its end is the answer to the last one " +
				"that was printed; a record is for the peer that it names, so --meta --filter cat grants all, and select(.user == \"joe\") some. " +
				"The end of stdin does not end it: --count, --idle or a signal does.",
			example: "xpub -b tcp://127.0.0.1:5556",
		},
		{
			of:      sockets.XSub,
			summary: "sub that sends its subscriptions from stdin",
			about: "A message of one frame that begins with the byte 01 subscribes to the rest of it, 00 ends that; " +
				"other messages go upstream. The end of stdin does not end it: --count, --idle or a signal does.",
			example: `xsub -c tcp://127.0.0.1:5556 -x 01`,
		},
		{
			of:      sockets.Client,
			summary: "dealer of single frames, to SERVERs",
			about: "Messages of stdin, or the FRAME, go to the servers in turn while what they send is printed; each is one frame. " +
				"The end of stdin does not end it: --count, --idle or a signal does. A draft of ZeroMQ (RFC 41).",
			example: "client -c tcp://127.0.0.1:5555 -n 1 hello",
		},
		{
			of:      sockets.Server,
			summary: "talk to many CLIENTs, each by its number",
			about: "A message is a routing id and one frame. The id is a number of four bytes, the most significant first, that " +
				"the server gives each client: it is printed in front of what the client sends, and stands in front of what goes there. " +
				"A message whose id no peer has is reported, and the status at the end is 3. A draft of ZeroMQ (RFC 41).",
			example: "server -b tcp://127.0.0.1:5555 --echo",
		},
		{
			of:      sockets.Radio,
			summary: "send to all who joined the message's group",
			about: "A message is a group, of up to 255 bytes without a zero byte, and one frame. It goes to the DISHes that joined exactly " +
				"this group. It waits up to a second for the first to join; --wait-subs says for how many instead. " +
				"Ends at the end of the input. A draft of ZeroMQ (RFC 48).",
			example: "radio -b tcp://127.0.0.1:5556 --wait-subs 1 news 'hello all'",
		},
		{
			of:      sockets.Dish,
			summary: "print what is sent to the groups it joins",
			about: "Each message is its group and one frame. Ends by --count, --idle, a signal, or when stdout is closed. " +
				"A draft of ZeroMQ (RFC 48).",
			example: "dish -c tcp://127.0.0.1:5556 --join news -n 1",
		},
		{
			of:      sockets.Gather,
			summary: "pull of single frames, from SCATTERs",
			about:   "Ends by --count, --idle, a signal, or when stdout is closed. A draft of ZeroMQ (RFC 49).",
			example: "gather -b tcp://127.0.0.1:5557 -n 1",
		},
		{
			of:      sockets.Scatter,
			summary: "push of single frames, to GATHERs",
			about: "Messages of stdin, or the FRAME, go to the peers in turn; each is one frame. Ends at the end of the input, once each " +
				"has been given to a peer. A draft of ZeroMQ (RFC 49).",
			example: "scatter -c tcp://127.0.0.1:5557 hello",
		},
		{
			of:      sockets.Peering,
			summary: "talk to many of its like, each by its number",
			about: "As server, but to other PEERs, and either side may connect. The number of a peer is printed in front of what it " +
				"sends, and with --presence when it is there. A draft of ZeroMQ (RFC 51).",
			example: "peer -b tcp://127.0.0.1:5555 --meta --presence",
		},
		{
			of:      sockets.Channel,
			summary: "pair of single frames",
			about: "Messages of stdin, or the FRAME, are sent while received ones are printed; each is one frame. A second peer is refused. " +
				"The end of stdin does not end it: --count, --idle or a signal does. A draft of ZeroMQ (RFC 52).",
			example: "channel -c ipc:///tmp/talk -n 1 hello",
		},
		{
			of:      sockets.Stream,
			summary: "exchange bytes with programs that speak no ZeroMQ, over TCP",
			about: "Messages have two frames: the routing id of a connection, and bytes of it as they came or are to go; where TCP " +
				`cuts them means nothing. [id,""] is printed when a connection is made and when its peer has ended it (-o stream_notify=0: ` +
				`not), and sent it closes one, once what was sent before has left. A peer that ends its half is closed. ` +
				"--echo and --exec get bytes only. Where CMD writes nothing, nothing is sent; [\"\"] of --in json closes the connection, as does a CMD that fails. " +
				"There is no security: whoever can connect is served.",
			example: "stream -b tcp://127.0.0.1:8080",
		},
	}
}
