package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// proxyConfig is what a command line asks of a proxy.
type proxyConfig struct {
	sides           [2]sideConfig // by sockets.Side
	captures        []string
	captureType     sockets.Type
	captureConnects bool
	control         string
	secure          []string      // the parts that the security flags are for; empty: all
	stats           time.Duration // 0: none
	metrics         string        // HOST:PORT
}

// sideConfig is one side of a proxy.
type sideConfig struct {
	kind      sockets.Type
	endpoints []attachment
}

// defaultProxy is a queue.
func defaultProxy() *proxyConfig {
	return &proxyConfig{
		sides:       [2]sideConfig{{kind: sockets.Router}, {kind: sockets.Dealer}},
		captureType: sockets.Pub,
	}
}

// proxyOf is the settings of a proxy.
func proxyOf(c *config) *proxyConfig { return c.own.(*proxyConfig) }

// captureFiles are those that captures go to.
func captureFiles(c *config) (files []namedFile) {
	for _, name := range proxyOf(c).captures {
		if !isEndpoint(name) {
			files = append(files, namedFile{flag: "--capture", name: name})
		}
	}
	return files
}

// settleProxy makes attachments of FRONT and BACK.
func settleProxy(c *config) {
	c.toStdout = slices.Contains(proxyOf(c).captures, stdoutName)
	if len(c.args) != len(proxyOf(c).sides) {
		return // which a rule is about
	}
	for i, endpoint := range c.args {
		s := &proxyOf(c).sides[i]
		s.endpoints = append([]attachment{{endpoint, true}}, s.endpoints...)
	}
}

// capturesTo reports whether a capture goes to one of the places that is asks for.
func (p *proxyConfig) capturesTo(is func(string) bool) bool {
	return slices.ContainsFunc(p.captures, is)
}

// binds reports whether a proxy listens anywhere.
func (p *proxyConfig) binds() bool {
	for _, s := range p.sides {
		if slices.ContainsFunc(s.endpoints, func(a attachment) bool { return a.bind }) {
			return true
		}
	}
	return p.control != "" || !p.captureConnects && p.capturesTo(isEndpoint)
}

// proxyRules are the rules of a proxy.
func proxyRules(c *config) []rule {
	p := proxyOf(c)
	front, back := p.sides[sockets.Front], p.sides[sockets.Back]
	given := 0
	for _, name := range []string{"forwarder", "streamer", "types"} {
		if c.typed[name] {
			given++
		}
	}
	return append([]rule{
		{
			len(c.args) == 1, fmt.Sprintf("proxy joins two endpoints, FRONT and BACK, and there is only %q", first(c.args)),
			c.line("--verbose"),
		},
		{
			len(c.args) > 2, fmt.Sprintf("proxy joins two endpoints, FRONT and BACK: %d are too many", len(c.args)),
			c.line("--front-bind :5557"),
		},
		{
			len(front.endpoints) == 0 || len(back.endpoints) == 0, "proxy needs endpoints at both sides: FRONT and BACK, or flags for each",
			c.line("--verbose"),
		},
		{
			given > 1, "--forwarder, --streamer and --types all say which sockets are joined",
			c.line("--forwarder"),
		},
		{
			keepsTurns(front.kind) || keepsTurns(back.kind), "REQ and REP keep turns, which a proxy does not: a DEALER and a ROUTER talk to the same peers",
			c.line("--types router:dealer"),
		},
		{
			!joins(front.kind, back.kind), fmt.Sprintf("%v and %v cannot be joined: what one receives the other has to send", front.kind, back.kind),
			c.line("--types " + strings.ToLower(front.kind.String()+":"+partner(front.kind).String())),
		},
		{
			c.typed["capture-type"] && !p.capturesTo(isEndpoint), "--capture-type is for the endpoint of a --capture, and there is none",
			c.line("--capture :5557 --capture-type push"),
		},
		{
			c.typed["capture-connect"] && !p.capturesTo(isEndpoint), "--capture-connect is for the endpoint of a --capture, and there is none",
			c.line("--capture :5557 --capture-connect"),
		},
		{
			c.typed["out"] && !slices.Contains(p.captures, stdoutName), "--out is for what --capture - prints, and there is none",
			c.line("--capture - --out view"),
		},
		{
			c.typed["out"] && !c.out.view && c.out.format != frames.JSON, "a capture is printed as json or view",
			c.line("--capture - --out json"),
		},
		{
			c.typed["endpoint-file"] && !p.binds(), "--endpoint-file writes bound endpoints, and nothing is bound",
			c.line("--endpoint-file /tmp/endpoint"),
		},
		{
			c.endpointFile == stdoutName && slices.Contains(p.captures, stdoutName),
			"--endpoint-file - is stdout, where --capture - prints",
			c.line("--capture - --endpoint-file /dev/stderr"),
		},
	}, secureRules(c)...)
}

// joins reports whether each of two types can send what the other receives, so
// that nothing piles up in either.
func joins(a, b sockets.Type) bool {
	return (a.Receives() || b.Receives()) && (!a.Receives() || b.Sends()) && (!b.Receives() || a.Sends())
}

func keepsTurns(t sockets.Type) bool { return t == sockets.Req || t == sockets.Rep }

// partner is a type that t is usually joined to.
func partner(t sockets.Type) sockets.Type {
	switch t {
	case sockets.Sub, sockets.Pull:
		return sockets.Push
	case sockets.Pub, sockets.Push:
		return sockets.Pull
	case sockets.XSub:
		return sockets.XPub
	case sockets.XPub:
		return sockets.XSub
	case sockets.Req, sockets.Rep, sockets.Router, sockets.Dealer, sockets.Pair:
	}
	return sockets.Dealer
}

// checkProxy finds malformed endpoints before anything is opened.
func checkProxy(c *config) error {
	p := proxyOf(c)
	all := []attachment{}
	for _, s := range p.sides {
		all = append(all, s.endpoints...)
	}
	for _, text := range p.captures {
		if isEndpoint(text) {
			all = append(all, attachment{text, !p.captureConnects})
		}
	}
	if p.control != "" {
		all = append(all, attachment{p.control, true})
	}
	for _, a := range all {
		check, verb, hint := sockets.CheckConnect, "connect to", c.line("--back-connect tcp://127.0.0.1:5555")
		if a.bind {
			check, verb, hint = sockets.CheckBind, "bind", c.command.line("--verbose")
		}
		if err := check(a.endpoint); err != nil {
			text, _ := endpointReason(err, check, "")
			return &usageError{fmt.Sprintf("to %s %s", verb, text), hint}
		}
	}
	return nil
}
