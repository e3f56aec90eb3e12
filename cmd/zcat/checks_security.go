package main

import (
	"github.com/zcat/zcat/pkg/sockets/curve"
)

// securityRules are about the flags that say who may talk.
func securityRules(c *config) []rule {
	a := &c.access
	proxy := mediates(c.command)
	// What only goes with something else may stand in the environment for when
	// that is asked for.
	asksCurve := a.CurveServerKey != (curve.PublicKey{}) || a.CurveServerCert != ""
	anyCurve := a.CurveServer || asksCurve || c.typed["curve-allow"] || c.typed["curve-secret"]
	asClient := func(flags string) string {
		if proxy {
			flags = proxyClient + flags
		}
		return c.line(flags)
	}
	bothKeys := a.CurveServerCert != "" && a.CurveServerKey != (curve.PublicKey{})
	return []rule{
		{
			anyCurve && (a.PlainServer != "" || a.PlainUserGiven), "CURVE and PLAIN are two mechanisms, and a socket has one",
			c.line("--curve-server --curve-secret my.key_secret"),
		},
		{
			a.CurveServer && a.CurveSecret == "", "--curve-server needs its own key, which keygen makes",
			c.line("--curve-server --curve-secret my.key_secret"),
		},
		{
			c.typed["curve-allow"] && !a.CurveServer, "--curve-allow says whom a CURVE server lets in, and this is none",
			c.line("--curve-server --curve-secret my.key_secret --curve-allow friends/"),
		},
		{
			c.typed["curve-secret"] && !a.CurveServer && !asksCurve, "--curve-secret is a key of our own: it needs --curve-server, or the key of a server to connect to",
			asClient("--curve-secret my.key_secret --curve-server-cert server.key"),
		},
		{
			bothKeys, "--curve-server-key and --curve-server-cert both say which key the server has",
			asClient("--curve-server-cert server.key"),
		},
		{
			!proxy && a.CurveServer && a.Asks(), "--curve-server is for the server, --curve-server-key and --curve-server-cert are for its clients",
			c.line("--curve-server --curve-secret my.key_secret"),
		},
		{
			!proxy && a.PlainServer != "" && a.PlainUserGiven, "--plain-server is for the server, --plain-user for its clients",
			c.line("--plain-server users"),
		},
		{
			a.PlainUserGiven && a.PlainPasswordFile == "" && a.Password.IsZero(),
			"--plain-user needs a password, in --plain-password-file or " + passwordVariable,
			asClient("--plain-user joe --plain-password-file password"),
		},
		{
			c.typed["plain-password-file"] && !a.PlainUserGiven, "--plain-password-file has a password, and nobody's: --plain-user is missing",
			asClient("--plain-user joe --plain-password-file password"),
		},
	}
}
