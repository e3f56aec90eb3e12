package broker

import (
	"fmt"
	"slices"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets"
)

// secureRules are the security rules of a proxy, whose sockets may differ.
func secureRules(c *line.Config) []line.Rule {
	a, p := &c.Access, ProxyOf(c)
	rules := []line.Rule{{
		Broken: len(p.secure) > 0 && !a.Serves() && !a.Asks(), Sentence: "--secure says what the security flags are for, and there are none",
		Flags: "--secure front --curve-server --curve-secret my.key_secret",
	}}
	mixed := c.Command.Program + " proxy --front-bind :5555 --back-connect :5556 --secure "
	all := p.endpoints()
	for _, part := range flags.ProxyParts() {
		endpoints := all[part]
		binds := slices.ContainsFunc(endpoints, func(e line.Attachment) bool { return e.Bind })
		connects := slices.ContainsFunc(endpoints, func(e line.Attachment) bool { return !e.Bind })
		secured := p.secures(part) && (a.Serves() || a.Asks())
		rules = append(rules,
			line.Rule{
				Broken: secured && binds && connects, Sentence: fmt.Sprintf("the %q socket binds and connects, and can be only the server or the client", part),
				Flags: "--curve-server --curve-secret my.key_secret",
			},
			line.Rule{
				Broken: secured && binds && !a.Serves(), Sentence: fmt.Sprintf("the %q socket binds, which the flags of a client are not for: --secure names what they are for", part),
				Hint: mixed + "back --curve-server-cert server.key",
			},
			line.Rule{
				Broken: secured && connects && !a.Asks(), Sentence: fmt.Sprintf("the %q socket connects, which the flags of a server are not for: --secure names what they are for", part),
				Hint: mixed + "front --curve-server --curve-secret my.key_secret",
			})
	}
	return rules
}

// endpoints lists the endpoints of each part of a proxy.
func (p *proxyConfig) endpoints() map[string][]line.Attachment {
	all := map[string][]line.Attachment{}
	for i, side := range p.Sides {
		all[sockets.Side(i).String()] = side.Endpoints
	}
	all["capture"] = p.Capture.Endpoints()
	if p.control != "" {
		all["control"] = []line.Attachment{{Endpoint: p.control, Bind: true}}
	}
	return all
}

// secures reports whether the security flags are for a part.
func (p *proxyConfig) secures(part string) bool {
	return len(p.secure) == 0 || slices.Contains(p.secure, part)
}
