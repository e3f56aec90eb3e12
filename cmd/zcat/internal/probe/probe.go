// Package probe is the command that finds out who is at an endpoint.
package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// probeConfig has the settings of a probe.
type probeConfig struct {
	wait   time.Duration // 0: one attempt
	expect sockets.Type  // 0: any
}

// probeOf returns the settings of a probe.
func probeOf(c *line.Config) *probeConfig { return c.Own.(*probeConfig) }

// Command is the command that finds out who is at an endpoint.
func Command() line.Command {
	return line.Command{
		Tool:     true,
		Name:     "probe",
		Operands: "EP",
		Essence:  "tcp://127.0.0.1:5555",
		Summary:  "tell who listens at an endpoint, without taking part",
		About: "Connects to EP, prints as a JSON object what the peer tells of itself, and leaves before the peer could hand " +
			"it a message: the version of its protocol, over ws its subprotocol, its security mechanism, its socket type, identity and other properties, " +
			"and how long it took. What a peer did not tell is null: one that uses PLAIN or CURVE tells nothing more before it " +
			"knows who asks. Status 0 says that a ZeroMQ peer answered, and that it is of the type that was expected. " +
			"Nobody there, or something else, is status 1; silence 124; another type 3.",
		Example:   "probe tcp://127.0.0.1:5555 --wait 10 --expect-type router",
		FlagNames: []string{"verbose", "quiet"},
		Own:       func() any { return &probeConfig{} }, Flags: flags.All(probeFlags), Rules: flags.Rules(probeRules), Check: checkProbe,
		Run: func(c *line.Config, std say.Streams) (outcome.Status, error) { return probe(c, std), nil },
	}
}

// probeFlags are the flags for how long a probe waits, and for which peer.
func probeFlags() []line.Flag {
	return []line.Flag{
		{
			Name: "wait", Kind: line.TakesValue, Group: "Probe", Meta: "D", Example: "30",
			Brief: "try again for up to D until a peer answers",
			Help:  "try again for up to D until a peer answers; then status 124",
			Set:   flags.ToTime(1, func(c *line.Config) *time.Duration { return &probeOf(c).wait }),
		},
		{
			Name: "timeout", Letter: "t", Kind: line.TakesValue, Group: "Probe", Meta: "D", Example: "5",
			Brief: "longest wait for an answer (5)",
			Help:  "longest wait for the answer to one attempt (5); then status 124. D is 5 (seconds), 500ms, 2m",
			Set:   flags.ToTime(1, func(c *line.Config) *time.Duration { return &c.Timeout }),
		},
		{
			Name: "option", Letter: "o", Kind: line.TakesValue, Group: "Probe", Meta: "NAME=VALUE", Example: "socks_proxy=127.0.0.1:1080",
			Brief: "as of push: socks_proxy and bindtodevice only",
			Help:  "how to connect over tcp, under libzmq's names: socks_proxy=HOST:PORT, bindtodevice=NAME",
			Set:   setOption,
		},
		{
			Name: "expect-type", Kind: line.TakesValue, Group: "Probe", Meta: "TYPE", Example: "router",
			Brief: "status 3 if the peer is another socket",
			Help:  "status 3 if the peer is not a socket of that type, or does not tell",
			Set: func(c *line.Config, text string) (err error) {
				probeOf(c).expect, err = sockets.ParseType(text)
				return err
			},
		},
	}
}

// setOption sets one of the options that say how to connect.
func setOption(c *line.Config, text string) error {
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(text), "zmq_"), "=")
	if name != "socks_proxy" && name != "bindtodevice" {
		return fmt.Errorf("probe opens no socket, so it has no option %q: only socks_proxy and bindtodevice", name)
	}
	return flags.SetOption(c, text)
}

// answerTime is the time that a probe waits without --timeout. A peer greets at
// once.
const answerTime = 5 * time.Second

// The pauses between the attempts of --wait, doubled from the first to the second.
const shortestPause, longestPause = 20 * time.Millisecond, 500 * time.Millisecond

// probeRules are the rules of a probe.
func probeRules(c *line.Config) []line.Rule {
	var asked []line.Attachment
	for _, endpoint := range c.Args {
		asked = append(asked, line.Attachment{Endpoint: endpoint})
	}
	return []line.Rule{{
		Broken: len(c.Args) != 1, Sentence: "probe asks at one endpoint: " + line.Given(len(c.Args)),
		Flags: "--wait 10",
	}, flags.IdleRule(c, asked, "--")}
}

// checkProbe finds a malformed endpoint before anything is opened.
func checkProbe(c *line.Config) error {
	endpoint := c.Args[0]
	program := c.Command.Program + " probe "
	if line.IsInner(endpoint) {
		return &outcome.UsageError{Sentence: fmt.Sprintf("%q is within one process, where a probe sees nobody", endpoint), Hint: c.Line("--wait 10")}
	}
	if err := sockets.CheckConnect(endpoint); err != nil {
		text, better := line.EndpointReason(err, sockets.CheckConnect, "tcp://127.0.0.1:5555")
		return &outcome.UsageError{Sentence: text, Hint: program + better}
	}
	return nil
}

// probe finds out who is at an endpoint and prints the answer.
func probe(c *line.Config, std say.Streams) outcome.Status {
	l := life.New(life.Asked(c), std)
	return l.Lead(func() {
		err := ask(l.Stop, c, std)
		if errors.Is(err, outcome.ErrHalted) {
			return // the signal is in the verdict
		}
		if err != nil && !errors.Is(err, outcome.ErrClosedOutput) {
			std.Say.Failure(err)
		}
		l.Verdict.Add(outcome.OfError(err))
	})
}

func ask(ctx context.Context, c *line.Config, std say.Streams) error {
	told, err := awaitPeer(ctx, c, std.Say)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(std.Out, probeLine(&told)); stream.ReaderLeft(err) {
		return outcome.ErrClosedOutput
	} else if err != nil {
		return fmt.Errorf("writing stdout: %w", err)
	}
	if !told.Usable() {
		std.Say.Notice("the peer speaks ZMTP %s, too old to talk to: that takes 2.0 (libzmq 3) or newer", told.Version())
	}
	if want := probeOf(c).expect; want != 0 && told.Type != want.String() {
		found := "the peer is a " + told.Type
		if told.Type == "" {
			found = "a peer that uses " + told.Mechanism + " tells its type only to those it lets in"
			if told.Mechanism == "NULL" {
				found = "the peer did not tell its type"
			}
		}
		return &sockets.RefusedError{Endpoint: told.Endpoint, Err: fmt.Errorf("expected a %s: %s", want, found)}
	}
	return nil
}

// awaitPeer makes one attempt, or with --wait attempts until one is answered.
func awaitPeer(ctx context.Context, c *line.Config, say *say.Speech) (sockets.Probed, error) {
	each := c.Timeout
	if each == 0 {
		each = answerTime
	}
	whole := ctx
	if probeOf(c).wait > 0 {
		var cancel context.CancelFunc
		whole, cancel = context.WithTimeout(ctx, probeOf(c).wait)
		defer cancel()
	}
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		told, err := attempt(whole, c, each)
		var refused *sockets.RefusedError
		switch {
		case err == nil, errors.As(err, &refused):
			return told, err
		case ctx.Err() != nil:
			return told, outcome.ErrHalted
		case probeOf(c).wait == 0 && errors.Is(err, context.DeadlineExceeded):
			return told, &outcome.TimeoutError{Step: fmt.Sprintf("no answer within %v: %v", each, err)}
		case probeOf(c).wait == 0:
			return told, &outcome.HintedError{Err: fmt.Errorf("no peer answers: %w", err), Hint: c.Command.Program + " probe " + c.Args[0] + " --wait 10"}
		}
		say.Event("not yet: %v", err)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-whole.Done():
			timer.Stop()
			if ctx.Err() != nil {
				return told, outcome.ErrHalted
			}
			return told, &outcome.TimeoutError{Step: fmt.Sprintf("no peer answers within %v: %v", probeOf(c).wait, err)}
		}
	}
}

func attempt(ctx context.Context, c *line.Config, longest time.Duration) (sockets.Probed, error) {
	bounded, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	return sockets.Probe(bounded, c.Args[0], func(o *sockets.Options) { *o = c.Options })
}

// probeLine returns what a peer told as a JSON object on a line; null is what it
// did not tell.
func probeLine(p *sockets.Probed) string {
	var b []byte
	text := func(name, value string) {
		b = append(b, `,"`+name+`":`...)
		b = frames.AppendJSONString(b, value)
	}
	text("endpoint", p.Endpoint)
	if p.Subprotocol != "" {
		text("subprotocol", p.Subprotocol)
	}
	text("zmtp", p.Version())
	text("mechanism", p.Mechanism)
	b = append(b, `,"as_server":`...)
	if strings.HasPrefix(p.Endpoint, "ws://") { // which has no greeting to tell it
		b = append(b, "null"...)
	} else {
		b = strconv.AppendBool(b, p.AsServer)
	}
	if p.Type == "" {
		b = append(b, `,"socket_type":null`...)
	} else {
		text("socket_type", p.Type)
	}
	b = append(b, `,"identity":`...)
	if p.Identity == nil {
		b = append(b, "null"...)
	} else {
		b = appendBytes(b, string(p.Identity))
	}
	b = append(b, `,"metadata":`...)
	b = appendMetadata(b, p)
	b = append(b, `,"ms":`...)
	b = strconv.AppendFloat(b, float64(p.Took.Microseconds())/1000, 'f', -1, 64)
	b[0] = '{' // for the first comma
	return string(append(b, '}', '\n'))
}

// appendMetadata appends the properties in the order of their names.
func appendMetadata(b []byte, p *sockets.Probed) []byte {
	if !p.Ready {
		return append(b, "null"...)
	}
	var names []string
	for name := range p.Metadata {
		names = append(names, name)
	}
	slices.Sort(names)
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(frames.AppendJSONString(b, name), ':')
		b = appendBytes(b, p.Metadata[name])
	}
	return append(b, '}')
}

// appendBytes appends a string where s is UTF-8, else {"hex":...}, as for a frame
// in JSON.
func appendBytes(b []byte, s string) []byte {
	if utf8.ValidString(s) {
		return frames.AppendJSONString(b, s)
	}
	return fmt.Appendf(b, `{"hex":"%x"}`, s)
}
