package session

import (
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// Row is a socket command, beside the row that its type has in the library (type.go there): its help, what its type promises a conversation, and the
// conversation itself.
type Row struct {
	Kind                    sockets.Type
	Traits                  line.Traits
	flags                   []string // those that only some commands have
	summary, about, example string

	shape func(*Session) error
	// envelope splits a message into what stands in front of a reply to it, and the
	// body; nil where nothing stands there.
	envelope func(frames.Message) (envelope, body frames.Message)
	// spent reports whether a conversation that ends with its input has nothing left
	// to do once that is at its end; nil where it ends otherwise.
	spent func(*Session) bool
}

// Commands are the commands of the socket types.
func Commands() []line.Command {
	var list []line.Command
	for _, row := range rows() {
		list = append(list, command(&row))
	}
	return list
}

// command makes a command of a row.
func command(row *Row) line.Command {
	w := line.Command{
		Name: strings.ToLower(row.Kind.String()), Kind: row.Kind, Traits: row.Traits,
		Summary: row.summary, About: row.about, Example: row.example, FlagNames: row.flags, Use: line.UseConversation,
		Flags: flags.All(nil), Rules: flags.Rules(flags.SocketRules),
		Run: func(c *line.Config, std say.Streams) (outcome.Status, error) { return converse(c, std), nil },
	}
	if row.Kind.Sends() {
		w.Operands = "[FRAME...]"
	}
	return w
}

// RowOf returns the row of a socket type.
func RowOf(t sockets.Type) *Row {
	for i, row := range rows() {
		if row.Kind == t {
			return &rows()[i]
		}
	}
	return &Row{Kind: t}
}

// delimited splits a message at its first empty frame, where it has one.
func delimited(m frames.Message) (envelope, body frames.Message) {
	if envelope, body, ok := frames.Split(m); ok {
		return envelope, body
	}
	return nil, m
}

// rows is the one table of socket commands.
func rows() []Row {
	return []Row{
		{
			Kind:    sockets.Req,
			Traits:  line.Traits{Asks: true},
			flags:   []string{"identity", "retries", "filter"},
			summary: "send requests, print the reply to each",
			about: "Each message of stdin, or the FRAMEs, is a request; its reply is awaited before the next. Ends after the last reply. " +
				"With --filter the lines of CMD are the requests, and it reads the replies; once it closes its stdout, no more are awaited.",
			example: "req -c tcp://127.0.0.1:5555 hello",
			shape:   (*Session).requestShape,
			spent:   func(s *Session) bool { return !s.asking },
		},
		{
			Kind:    sockets.Rep,
			Traits:  line.Traits{Answers: true},
			flags:   []string{"echo", "exec", "filter"},
			summary: "print requests, answer each with a message of stdin",
			about: "Each request is printed and then answered: by the next message of stdin, by itself (--echo), or by the FRAMEs. " +
				"Ends at the end of the replies: the request in hand is answered (with one empty frame where no reply is left) and no other is taken.",
			example: "rep -b tcp://127.0.0.1:5555 --echo",
			shape:   (*Session).replyShape,
			spent:   func(s *Session) bool { stats := s.socket.Stats(); return stats.Sent == stats.Received },
		},
		{
			Kind:    sockets.Router,
			Traits:  line.Traits{Addressed: true},
			flags:   []string{"identity", "hello", "handover", "drop-unroutable", "echo", "exec", "jobs", "filter"},
			summary: "talk to many peers, each by its routing id",
			about: "The first frame of every message, sent or received, is the routing id of the peer. " +
				"A message whose routing id no peer has is reported, and the status at the end is 3. The end of stdin does not end it. " +
				"To answer by hand, on a terminal: @1 reply, with the envelope of the last message of the first peer, or the id as it was shown. " +
				`Elsewhere: --in json, then [{"hex":"006b8b4567"},"","reply"].`,
			example:  "router -b tcp://127.0.0.1:5555",
			shape:    (*Session).duplexShape,
			envelope: frames.SplitRouted,
		},
		{
			Kind:    sockets.Dealer,
			flags:   []string{"identity", "hello", "conflate", "echo", "exec", "jobs", "filter"},
			summary: "send to peers in turn while receiving",
			about: "Messages of stdin, or the FRAMEs, are sent while received ones are printed. Nothing is added: " +
				"a REP peer needs an empty frame first. The end of stdin does not end it: --count, --idle or a signal does.",
			example:  "dealer -c tcp://127.0.0.1:5555 -n 1 '' hello",
			shape:    (*Session).duplexShape,
			envelope: delimited,
		},
		{
			Kind:    sockets.Pub,
			Traits:  line.Traits{Publishes: true, Copies: true},
			flags:   []string{"conflate", "max-subscriptions", "max-prefix", "wait-subs"},
			summary: "send to all who subscribed to the message's prefix",
			about: "Messages of stdin, or the FRAMEs, go to every peer with a subscription that the first frame begins with. " +
				"It waits up to a second for the first subscription; --wait-subs says for how many instead. " +
				"Ends at the end of the input.",
			example: "pub -b tcp://127.0.0.1:5556 --wait-subs 1 news 'hello all'",
			shape:   (*Session).sendShape,
		},
		{
			Kind:    sockets.Sub,
			Traits:  line.Traits{WantsAll: true},
			flags:   []string{"conflate", "subscribe", "subscribe-hex", "exec", "jobs"},
			summary: "print what was subscribed to",
			about:   "Without --subscribe everything is printed. Ends by --count, --idle, a signal, or when stdout is closed.",
			example: "sub -c tcp://127.0.0.1:5556 -s news -n 1",
			shape:   (*Session).receiveShape,
		},
		{
			Kind:    sockets.Push,
			flags:   []string{"conflate"},
			summary: "send, each message to one of the peers",
			about: "Messages of stdin, or the FRAMEs, go to the peers in turn. Ends at the end of the input, once each has " +
				"been given to a peer: where none has room, or none is there yet at an endpoint that is bound, it waits, for ever " +
				"without --timeout. A message that is queued for an endpoint it connects to has the linger.",
			example: "push -c tcp://127.0.0.1:5557 hello",
			shape:   (*Session).sendShape,
		},
		{
			Kind:    sockets.Pull,
			flags:   []string{"conflate", "exec", "jobs"},
			summary: "print what is pushed",
			about:   "Ends by --count, --idle, a signal, or when stdout is closed.",
			example: "pull -b tcp://127.0.0.1:5557 -n 1",
			shape:   (*Session).receiveShape,
		},
		{
			Kind:    sockets.Pair,
			flags:   []string{"hello", "echo", "exec", "filter"},
			summary: "talk to one peer, both ways",
			about: "Messages of stdin, or the FRAMEs, are sent while received ones are printed. A second peer is refused. " +
				"The end of stdin does not end it: --count, --idle or a signal does.",
			example: "pair -c ipc:///tmp/talk -n 1 hello",
			shape:   (*Session).duplexShape,
		},
		{
			Kind:    sockets.XPub,
			Traits:  line.Traits{Publishes: true, Copies: true},
			flags:   []string{"max-subscriptions", "max-prefix", "wait-subs", "filter"},
			summary: "pub that prints the subscriptions",
			about: "Subscriptions are printed as one frame: the byte 01, or 00 for its end, then the prefix. " +
				"The end of stdin does not end it: --count, --idle or a signal does.",
			example: "xpub -b tcp://127.0.0.1:5556",
			shape:   (*Session).duplexShape,
		},
		{
			Kind:    sockets.XSub,
			Traits:  line.Traits{Copies: true},
			flags:   []string{"subscribe", "subscribe-hex", "filter"},
			summary: "sub that sends its subscriptions from stdin",
			about: "A message of one frame that begins with the byte 01 subscribes to the rest of it, 00 ends that; " +
				"other messages go upstream. The end of stdin does not end it: --count, --idle or a signal does.",
			example: `xsub -c tcp://127.0.0.1:5556 -x 01`,
			shape:   (*Session).duplexShape,
		},
		{
			Kind:    sockets.Stream,
			Traits:  line.Traits{Addressed: true, MostFrames: 2},
			flags:   []string{"echo", "exec", "jobs", "filter"},
			summary: "exchange bytes with programs that speak no ZeroMQ, over TCP",
			about: "Messages have two frames: the routing id of a connection, and bytes of it as they came or are to go; where TCP " +
				`cuts them means nothing. [id,""] is printed when a connection is made and when it has ended (-o stream_notify=0: ` +
				`not), and sent it closes one, once what was sent before has left. A peer that ends its half is closed. ` +
				"--echo and --exec get bytes only. There is no security: whoever can connect is served.",
			example:  "stream -b tcp://127.0.0.1:8080",
			shape:    (*Session).duplexShape,
			envelope: frames.SplitRouted,
		},
	}
}
