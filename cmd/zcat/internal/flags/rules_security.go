package flags

import (
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets/curve"
)

// securityRules are the rules of the flags that control who may talk.
func securityRules(c *line.Config) []line.Rule {
	a := &c.Access
	proxy := c.Command.Mediates() && c.Command.Nests == nil
	// A setting that only works with another may stand in the environment, for when
	// the other is asked for.
	asksCurve := a.CurveServerKey != (curve.PublicKey{}) || a.CurveServerCert != ""
	asClient := func(flags string) string {
		if proxy {
			flags = proxyClient + flags
		}
		return c.Line(flags)
	}
	var ofPlain []string
	for _, one := range []struct{ name, value string }{{"--plain-server", a.PlainServer}, {"--plain-user", a.PlainUser}, {"--plain-password-file", a.PlainPasswordFile}} {
		if one.value != "" {
			ofPlain = append(ofPlain, one.name)
		}
	}
	bothKeys := a.CurveServerCert != "" && a.CurveServerKey != (curve.PublicKey{})
	return []line.Rule{
		{
			Broken: (a.CurveServer || asksCurve) && (a.PlainServer != "" || a.PlainUserGiven), Sentence: "CURVE and PLAIN are two mechanisms, and a socket has one: CURVE encrypts, so take out \"" + strings.Join(ofPlain, " ") + "\"",
			Flags: "--curve-server --curve-secret my.key_secret",
		},
		{
			Broken: a.CurveServer && a.CurveSecret == "", Sentence: "--curve-server needs its own key, which keygen makes",
			Flags: "--curve-server --curve-secret my.key_secret",
		},
		{
			Broken: c.Typed["curve-allow"] && !a.CurveServer, Sentence: "--curve-allow names the clients that a CURVE server lets in, and this is not one",
			Flags: "--curve-server --curve-secret my.key_secret --curve-allow friends/",
		},
		{
			Broken: c.Typed["curve-secret"] && !a.CurveServer && !asksCurve, Sentence: "--curve-secret is a key of our own: it needs --curve-server, or the key of a server to connect to",
			Hint: asClient("--curve-secret my.key_secret --curve-server-cert server.key"),
		},
		{
			Broken: bothKeys, Sentence: "--curve-server-key and --curve-server-cert both say which key the server has",
			Hint: asClient("--curve-server-cert server.key"),
		},
		{
			Broken: !proxy && a.CurveServer && a.Asks(), Sentence: "--curve-server is for the server, --curve-server-key and --curve-server-cert are for its clients",
			Flags: "--curve-server --curve-secret my.key_secret",
		},
		{
			Broken: !proxy && a.PlainServer != "" && a.PlainUserGiven, Sentence: "--plain-server is for the server, --plain-user for its clients",
			Flags: "--plain-server users",
		},
		{
			Broken:   a.PlainUserGiven && a.PlainPasswordFile == "" && a.Password.IsZero(),
			Sentence: "--plain-user needs a password, in --plain-password-file or " + line.PasswordVariable,
			Hint:     asClient("--plain-user joe --plain-password-file password"),
		},
		{
			Broken: c.Typed["plain-password-file"] && !a.PlainUserGiven, Sentence: "--plain-password-file has a password, but there is no user for it: --plain-user is missing",
			Hint: asClient("--plain-user joe --plain-password-file password"),
		},
	}
}
