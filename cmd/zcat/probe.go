package main

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

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// probeConfig is what a command line asks of a probe.
type probeConfig struct {
	wait   time.Duration // 0: one attempt
	expect sockets.Type  // 0: any
}

// probeOf is the settings of a probe.
func probeOf(c *config) *probeConfig { return c.own.(*probeConfig) }

// probeCommand is the command that asks who is at an endpoint.
func probeCommand() command {
	return command{
		tool:     true,
		name:     "probe",
		operands: "EP",
		essence:  "tcp://127.0.0.1:5555",
		summary:  "say who listens at an endpoint, without taking part",
		about: "Connects to EP, prints as a JSON object what the peer tells of itself, and leaves before the peer could hand " +
			"it a message: the version of its protocol, its security mechanism, its socket type, identity and other properties, " +
			"and how long it took. What a peer did not tell is null: one that uses PLAIN or CURVE tells nothing more before it " +
			"knows who asks. Status 0 says that a ZeroMQ peer answered, and that it is of the type that was expected. " +
			"Nobody there, or something else, is status 1; silence 124; another type 3.",
		example:   "probe tcp://127.0.0.1:5555 --wait 10 --expect-type router",
		flagNames: []string{"verbose", "quiet"},
		own:       func() any { return &probeConfig{} }, flags: allFlags(probeFlags), rules: allRules(probeRules), check: checkProbe,
		run: func(c *config, std streams) (status, error) { return probe(c, std), nil },
	}
}

// probeFlags say how long a probe waits, and for whom.
func probeFlags() []flagRow {
	return []flagRow{
		{
			name: "wait", kind: takesValue, group: "Probe", meta: "D", example: "30",
			brief: "try again for up to D until a peer answers",
			help:  "try again for up to D until a peer answers; then status 124",
			set:   toTime(1, func(c *config) *time.Duration { return &probeOf(c).wait }),
		},
		{
			name: "timeout", letter: "t", kind: takesValue, group: "Probe", meta: "D", example: "5",
			brief: "longest wait for an answer (5)",
			help:  "longest wait for the answer to one attempt (5); then status 124. D is 5 (seconds), 500ms, 2m",
			set:   toTime(1, func(c *config) *time.Duration { return &c.timeout }),
		},
		{
			name: "expect-type", kind: takesValue, group: "Probe", meta: "TYPE", example: "router",
			brief: "status 3 if the peer is another socket",
			help:  "status 3 if the peer is no socket of that type, or does not tell",
			set: func(c *config, text string) (err error) {
				probeOf(c).expect, err = sockets.ParseType(text)
				return err
			},
		},
	}
}

// answerTime is how long a probe waits without --timeout. A peer greets at once.
const answerTime = 5 * time.Second

// The pauses between the attempts of --wait, doubled from one to the other.
const shortestPause, longestPause = 20 * time.Millisecond, 500 * time.Millisecond

// probeRules are the rules of a probe.
func probeRules(c *config) []rule {
	return []rule{{
		len(c.args) != 1, fmt.Sprintf("probe asks at one endpoint: there are %d", len(c.args)),
		c.line("--wait 10"),
	}}
}

// checkProbe finds a malformed endpoint before anything is opened.
func checkProbe(c *config) error {
	endpoint := c.args[0]
	program := c.command.program + " probe "
	if strings.HasPrefix(endpoint, "inproc://") {
		return &usageError{fmt.Sprintf("%q is within one process, where a probe sees nobody", endpoint), c.line("--wait 10")}
	}
	if err := sockets.CheckConnect(endpoint); err != nil {
		text, better := endpointReason(err, sockets.CheckConnect, "tcp://127.0.0.1:5555")
		return &usageError{text, program + better}
	}
	return nil
}

// probe asks who is at an endpoint and prints the answer.
func probe(c *config, std streams) status {
	l := newLife(lifeOf(c), std)
	return l.lead(func() {
		err := ask(l.stop, c, std)
		if errors.Is(err, errHalted) {
			return // the signal is in the verdict
		}
		if err != nil && !errors.Is(err, errClosedOutput) {
			std.say.failure(err)
		}
		l.verdict.add(ofError(err))
	})
}

func ask(ctx context.Context, c *config, std streams) error {
	told, err := awaitPeer(ctx, c, std.say)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(std.out, probeLine(&told)); readerLeft(err) {
		return errClosedOutput
	} else if err != nil {
		return fmt.Errorf("writing stdout: %w", err)
	}
	if !told.Usable() {
		std.say.notice("the peer speaks ZMTP %s, too old to talk to: that takes 3.0 (libzmq 4) or newer", told.Version())
	}
	if want := probeOf(c).expect; want != 0 && told.Type != want.String() {
		found := "the peer is a " + told.Type
		if told.Type == "" {
			found = "a peer that uses " + told.Mechanism + " tells its type only to whom it lets in"
			if told.Mechanism == "NULL" {
				found = "the peer did not tell its type"
			}
		}
		return &sockets.RefusedError{Endpoint: told.Endpoint, Err: fmt.Errorf("expected a %s: %s", want, found)}
	}
	return nil
}

// awaitPeer makes one attempt, or with --wait attempts until one is answered.
func awaitPeer(ctx context.Context, c *config, say *speech) (sockets.Probed, error) {
	each := c.timeout
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
		told, err := attempt(whole, c.args[0], each)
		var refused *sockets.RefusedError
		switch {
		case err == nil, errors.As(err, &refused):
			return told, err
		case ctx.Err() != nil:
			return told, errHalted
		case probeOf(c).wait == 0 && errors.Is(err, context.DeadlineExceeded):
			return told, &timeoutError{fmt.Sprintf("no answer within %v: %v", each, err)}
		case probeOf(c).wait == 0:
			return told, &hintedError{fmt.Errorf("no peer answers: %w", err), c.command.program + " probe " + c.args[0] + " --wait 10"}
		}
		say.event("not yet: %v", err)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-whole.Done():
			timer.Stop()
			if ctx.Err() != nil {
				return told, errHalted
			}
			return told, &timeoutError{fmt.Sprintf("no peer answers within %v: %v", probeOf(c).wait, err)}
		}
	}
}

func attempt(ctx context.Context, endpoint string, longest time.Duration) (sockets.Probed, error) {
	bounded, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	return sockets.Probe(bounded, endpoint)
}

// probeLine is what a peer told as a JSON object in a line; null is what it did
// not tell.
func probeLine(p *sockets.Probed) string {
	var b []byte
	text := func(name, value string) {
		b = append(b, `,"`+name+`":`...)
		b = frames.AppendJSONString(b, value)
	}
	text("endpoint", p.Endpoint)
	text("zmtp", p.Version())
	text("mechanism", p.Mechanism)
	b = append(b, `,"as_server":`...)
	b = strconv.AppendBool(b, p.AsServer)
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

// appendBytes appends a string where s is UTF-8, else {"hex":...}: what a frame
// is in JSON.
func appendBytes(b []byte, s string) []byte {
	if utf8.ValidString(s) {
		return frames.AppendJSONString(b, s)
	}
	return fmt.Appendf(b, `{"hex":"%x"}`, s)
}
