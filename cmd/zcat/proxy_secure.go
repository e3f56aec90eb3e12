package main

import (
	"fmt"
	"slices"

	"github.com/zcat/zcat/pkg/sockets"
)

// secureRules are those of a proxy, whose sockets may differ.
func secureRules(c *config) []rule {
	a, p := &c.access, proxyOf(c)
	rules := []rule{{
		len(p.secure) > 0 && !a.Serves() && !a.Asks(), "--secure says what the security flags are for, and there are none",
		c.line("--secure front --curve-server --curve-secret my.key_secret"),
	}}
	mixed := c.command.program + " proxy --front-bind :5555 --back-connect :5556 --secure "
	all := p.endpoints()
	for _, part := range proxyParts() {
		endpoints := all[part]
		binds := slices.ContainsFunc(endpoints, func(e attachment) bool { return e.bind })
		connects := slices.ContainsFunc(endpoints, func(e attachment) bool { return !e.bind })
		secured := p.secures(part) && (a.Serves() || a.Asks())
		rules = append(rules,
			rule{
				secured && binds && connects, fmt.Sprintf("the %q socket binds and connects, and can be only the server or the client", part),
				c.line("--curve-server --curve-secret my.key_secret"),
			},
			rule{
				secured && binds && !a.Serves(), fmt.Sprintf("the %q socket binds, which the flags of a client are not for: --secure names what they are for", part),
				mixed + "back --curve-server-cert server.key",
			},
			rule{
				secured && connects && !a.Asks(), fmt.Sprintf("the %q socket connects, which the flags of a server are not for: --secure names what they are for", part),
				mixed + "front --curve-server --curve-secret my.key_secret",
			})
	}
	return rules
}

// proxyEndpoints lists the endpoints of each part of a proxy.
func (p *proxyConfig) endpoints() map[string][]attachment {
	all := map[string][]attachment{}
	for i, side := range p.sides {
		all[sockets.Side(i).String()] = side.endpoints
	}
	for _, text := range p.captures {
		if isEndpoint(text) {
			all["capture"] = append(all["capture"], attachment{text, !p.captureConnects})
		}
	}
	if p.control != "" {
		all["control"] = []attachment{{p.control, true}}
	}
	return all
}

// secures reports whether the security flags are for a part.
func (p *proxyConfig) secures(part string) bool {
	return len(p.secure) == 0 || slices.Contains(p.secure, part)
}
