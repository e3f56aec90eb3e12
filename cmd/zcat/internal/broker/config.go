package broker

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/board"
	"github.com/zcat/zcat/cmd/zcat/internal/capture"
	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/metrics"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/pkg/sockets"
)

// proxyConfig has the settings of a proxy.
type proxyConfig struct {
	Sides   [2]sideConfig // by sockets.Side
	Capture capture.Asked
	board.Asked
	control   string
	lastValue bool
	secure    []string // the parts that the security flags are for; empty: all
	told      metrics.Asked
}

// sideConfig is one side of a proxy.
type sideConfig struct {
	Kind      sockets.Type
	Endpoints []line.Attachment
}

// defaultProxy is a queue.
func defaultProxy() *proxyConfig {
	return &proxyConfig{
		Sides:   [2]sideConfig{{Kind: sockets.Router}, {Kind: sockets.Dealer}},
		Capture: capture.Nothing(),
	}
}

// ProxyOf returns the settings of a proxy.
func ProxyOf(c *line.Config) *proxyConfig { return c.Own.(*proxyConfig) }

// settleProxy makes attachments of FRONT and BACK.
func settleProxy(c *line.Config) {
	c.ToStdout = ProxyOf(c).Capture.ToStdout()
	if len(c.Args) != len(ProxyOf(c).Sides) {
		return // which a rule is about
	}
	for i, endpoint := range c.Args {
		s := &ProxyOf(c).Sides[i]
		s.Endpoints = append([]line.Attachment{{Endpoint: endpoint, Bind: true}}, s.Endpoints...)
	}
}

// binds reports whether a proxy listens anywhere.
func (p *proxyConfig) binds() bool {
	return p.bindsAny(func(a line.Attachment) bool { return a.Bind })
}

// bindsAny reports whether one of a proxy's endpoints is of a kind.
func (p *proxyConfig) bindsAny(is func(line.Attachment) bool) bool {
	for _, endpoints := range p.endpoints() {
		if slices.ContainsFunc(endpoints, is) {
			return true
		}
	}
	return false
}

// proxyRules are the rules of a proxy.
func proxyRules(c *line.Config) []line.Rule {
	p := ProxyOf(c)
	front, back := p.Sides[sockets.Front], p.Sides[sockets.Back]
	given := 0
	for _, name := range []string{"forwarder", "streamer", "types"} {
		if c.Typed[name] {
			given++
		}
	}
	return append([]line.Rule{
		{
			Broken: len(c.Args) == 1, Sentence: fmt.Sprintf("proxy joins two endpoints, FRONT and BACK, and there is only %q", line.First(c.Args)),
			Flags: "--verbose",
		},
		{
			Broken: len(c.Args) > 2, Sentence: fmt.Sprintf("proxy joins two endpoints, FRONT and BACK: %d are too many", len(c.Args)),
			Flags: "--front-bind :5557",
		},
		{
			Broken: len(front.Endpoints) == 0 || len(back.Endpoints) == 0, Sentence: "proxy needs endpoints at both sides: FRONT and BACK, or flags for each",
			Flags: "--verbose",
		},
		{
			Broken: given > 1, Sentence: "--forwarder, --streamer and --types all say which sockets are joined",
			Flags: "--forwarder",
		},
		{
			Broken: KeepsTurns(front.Kind) || KeepsTurns(back.Kind), Sentence: "REQ and REP keep turns, which a proxy does not: a DEALER and a ROUTER talk to the same peers",
			Flags: "--types router:dealer",
		},
		{
			Broken: front.Kind.Raw() || back.Kind.Raw(), Sentence: "a STREAM has bytes of connections, not messages that a proxy could pass on: hub joins it to other sockets",
			Flags: "--types router:dealer",
		},
		{
			Broken: front.Kind.Traits().Numbered || back.Kind.Traits().Numbered, Sentence: "SERVER and PEER number their peers themselves: nothing that comes from elsewhere has such a number; hub joins them to other sockets by a filter",
			Flags: "--types router:dealer",
		},
		{
			Broken: (front.Kind.Traits().Joins || back.Kind.Traits().Joins) && len(c.Groups) == 0, Sentence: "a DISH receives what is sent to the groups that it joins, and joins none",
			Flags: "--types " + strings.ToLower(front.Kind.String()+":"+back.Kind.String()) + " --join news",
		},
		{
			Broken: c.Typed["join"] && !front.Kind.Traits().Joins && !back.Kind.Traits().Joins, Sentence: "--join is for a DISH, and there is none",
			Flags: "--types dish:radio --join news",
		},
		{
			Broken: !Joins(front.Kind, back.Kind), Sentence: fmt.Sprintf("%v and %v cannot be joined: what one receives the other has to send", front.Kind, back.Kind),
			Flags: "--types " + strings.ToLower(front.Kind.String()+":"+Partner(front.Kind).String()),
		},
		{
			Broken: c.Typed["ipc-mode"] && !p.bindsAny(line.Attachment.IsFile), Sentence: flags.NoFile,
			Flags: "--front-bind /tmp/zcat.sock --ipc-mode 660",
		},
		{
			Broken: c.Typed["allow-origin"] && !p.bindsAny(line.Attachment.IsWeb), Sentence: flags.NoWeb,
			Flags: "--front-bind ws://127.0.0.1:8080 --allow-origin null",
		},
		flags.IdleRule(c, slices.Concat(slices.Collect(maps.Values(p.endpoints()))...), "--front-"),
		{
			Broken: c.Options.Manual, Sentence: "xpub_manual leaves subscriptions to answers, which a proxy has none of: xpub and hub take them",
			Flags: "--forwarder --option xpub_verbose=1",
		},
		{
			Broken: p.Filter == "" && (p.Tick > 0 || p.Presence || c.SkipInvalid), Sentence: "--tick, --presence and --skip-invalid are for a --filter, and there is none",
			Flags: "--filter cat",
		},
		{
			Broken: c.Typed["out"] && !p.Capture.ToStdout(), Sentence: "--out is for what --capture - prints, and there is none",
			Flags: "--capture - --out view",
		},
		{
			Broken: c.Typed["out"] && !c.Out.View && !c.Out.Format.Records(), Sentence: "a capture is printed as json, view or ladder",
			Flags: "--capture - --out json",
		},
		{
			Broken: c.Typed["endpoint-file"] && !p.binds(), Sentence: "--endpoint-file writes bound endpoints, and nothing is bound",
			Flags: "--endpoint-file /tmp/endpoint",
		},
		{
			Broken:   c.EndpointFile == line.StdoutName && p.Capture.ToStdout(),
			Sentence: "--endpoint-file - is stdout, where --capture - prints",
			Flags:    "--capture - --endpoint-file /dev/stderr",
		},
	}, slices.Concat(lastValueRules(c), p.Capture.Rules(c), secureRules(c))...)
}

// Joins reports whether each of two types can send what the other receives, so
// that nothing piles up in either.
func Joins(a, b sockets.Type) bool {
	return (a.Receives() || b.Receives()) && passes(a, b) && passes(b, a)
}

// passes reports whether a type can send whatever another one receives.
func passes(from, to sockets.Type) bool {
	if !from.Receives() {
		return true
	}
	has, of := to.Traits(), from.Traits()
	fits := has.MostFrames == 0 || of.MostFrames == has.MostFrames && of.Grouped == has.Grouped && of.Addressed == has.Addressed
	return to.Sends() && fits
}

// passesSubscriptions reports whether t can be sent the subscriptions that other receives.
func passesSubscriptions(t, other sockets.Type) bool {
	return t.Traits().SendsSubscriptions && other.Traits().ReceivesSubscriptions
}

// KeepsTurns reports whether a type sends and receives by turns.
func KeepsTurns(t sockets.Type) bool { return t.Traits().Asks || t.Traits().Answers }

// Partner returns the type that t is usually joined to.
func Partner(t sockets.Type) sockets.Type {
	switch has := t.Traits(); {
	case has.SendsSubscriptions:
		return sockets.XPub
	case has.ReceivesSubscriptions:
		return sockets.XSub
	case has.Joins:
		return sockets.Radio
	case has.Grouped:
		return sockets.Dish
	case !t.Sends() && has.MostFrames == 1:
		return sockets.Scatter
	case !t.Receives() && has.MostFrames == 1:
		return sockets.Gather
	case !t.Sends():
		return sockets.Push
	case !t.Receives():
		return sockets.Pull
	case has.MostFrames == 1:
		return t
	}
	return sockets.Dealer
}

// checkProxy finds malformed endpoints before anything is opened.
func checkProxy(c *line.Config) error {
	p := ProxyOf(c)
	all := []line.Attachment{}
	for _, s := range p.Sides {
		all = append(all, s.Endpoints...)
	}
	all = append(all, p.Capture.Endpoints()...)
	if p.control != "" {
		all = append(all, line.Attachment{Endpoint: p.control, Bind: true})
	}
	for _, a := range all {
		check, verb, hint := sockets.CheckConnect, "connect to", c.Line("--back-connect tcp://127.0.0.1:5555")
		if a.Bind {
			check, verb, hint = sockets.CheckBind, "bind", c.Command.Line("--verbose")
		}
		if err := check(a.Endpoint); err != nil {
			text, _ := line.EndpointReason(err, check, "")
			return &outcome.UsageError{Sentence: fmt.Sprintf("to %s %s", verb, text), Hint: hint}
		}
	}
	return nil
}
