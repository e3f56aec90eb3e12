package flags

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets/curve"
)

// securityFlags control who may talk, and whether others can read it.
func securityFlags() []line.Flag {
	const curveFile, users, keyText = "my.key_secret", "users", "54jZosq9j9Ru=/nfqL3/TW9JNyKATH1S3V9Gun+P"
	file := func(name, meta, example, company, help string, at func(*line.Config) *string) line.Flag {
		return line.Flag{
			Name: name, Kind: line.TakesValue, Group: line.GroupSecurity, Meta: meta, Has: secures,
			Example: example, Company: company, Help: help, Set: ToText(at), Rivals: rivalsOf(name), Serves: servedBy(name),
		}
	}
	rows := []line.Flag{
		{
			Name: "curve-server", Kind: line.TakesNothing, Group: line.GroupSecurity, Has: secures, Company: "--curve-secret=" + curveFile, Rivals: rivalsOf("curve-server"),
			Help: "encrypt, and be the side whose public key the others know (CURVE)",
			Set:  ToBool(func(c *line.Config) *bool { return &c.Access.CurveServer }),
		},
		file("curve-secret", "FILE", curveFile, "--curve-server",
			"our own secret key, as keygen writes it; without it a client makes a fresh one",
			func(c *line.Config) *string { return &c.Access.CurveSecret }),
		file("curve-allow", "FILE|DIR", "friends/", "--curve-server --curve-secret="+curveFile,
			"let in only the keys of this public certificate, or of all in a directory; read again at SIGHUP",
			func(c *line.Config) *string { return &c.Access.CurveAllow }),
		{
			Name: "curve-server-key", Kind: line.TakesValue, Group: line.GroupSecurity, Meta: "KEY", Has: secures, Example: keyText, Rivals: rivalsOf("curve-server-key"),
			Help: "encrypt, and talk only to a server with this public key, 40 characters of Z85",
			Set: func(c *line.Config, text string) (err error) {
				c.Access.CurveServerKey, err = curve.ParsePublicKey(text)
				return err
			},
		},
		file("curve-server-cert", "FILE", "server.key", "", "the same with the key in a certificate",
			func(c *line.Config) *string { return &c.Access.CurveServerCert }),
		file("plain-server", "FILE", users, "", "ask for a name and a password of FILE: a line NAME:PASSWORD each, "+
			"bcrypt hashes too; read again at SIGHUP. PLAIN does not encrypt",
			func(c *line.Config) *string { return &c.Access.PlainServer }),
		{
			Name: "plain-user", Kind: line.TakesValue, Group: line.GroupSecurity, Meta: "USER", Has: secures, Example: "joe",
			Company: "--plain-password-file=password", Rivals: rivalsOf("plain-user"), Help: "the name to give; PLAIN sends it and the password in clear",
			Set: func(c *line.Config, text string) error {
				if len(text) > 255 {
					return fmt.Errorf("a name of %d bytes: PLAIN carries at most 255", len(text))
				}
				c.Access.PlainUser, c.Access.PlainUserGiven = text, true
				return nil
			},
		},
		file("plain-password-file", "FILE", "password", "--plain-user=joe",
			"the password, the first line of FILE; or it is in "+line.PasswordVariable,
			func(c *line.Config) *string { return &c.Access.PlainPasswordFile }),
	}
	for i, row := range rows {
		if slices.Contains(clientFlags(), row.Name) {
			rows[i].Has = func(w line.Command) bool { return w.Attaches() || w.Nests != nil }
			rows = append(rows, inProxy(row))
		}
	}
	return rows
}

// clientFlags are for sockets that connect, which a proxy's do only if they are
// told to.
func clientFlags() []string {
	return []string{"curve-server-key", "curve-server-cert", "plain-user", "plain-password-file"}
}

// proxyClient has the flags that make a proxy a client.
const proxyClient = "--capture=:5557 --capture-connect --secure=capture "

// inProxy returns f for a proxy, where it needs other flags beside it.
func inProxy(f line.Flag) line.Flag {
	f.Has = func(w line.Command) bool { return w.Mediates() && w.Nests == nil }
	f.Company = strings.TrimSpace(proxyClient + f.Company)
	return f
}

// rivalsOf returns, for one of the flags that decide which side of which mechanism
// a socket is, the others.
func rivalsOf(name string) []string {
	roles := []string{"curve-server", "curve-server-key", "curve-server-cert", "plain-server", "plain-user"}
	at := slices.Index(roles, name)
	if at < 0 {
		return nil
	}
	return slices.Delete(roles, at, at+1)
}

// servedBy returns the roles that one of the other flags belongs to.
func servedBy(name string) []string {
	switch name {
	case "curve-secret":
		return []string{"curve-server", "curve-server-key", "curve-server-cert"}
	case "curve-allow":
		return []string{"curve-server"}
	case "plain-password-file":
		return []string{"plain-user"}
	}
	return nil
}

// ProxyParts are the sockets of a proxy.
func ProxyParts() []string { return []string{"front", "back", "capture", "control"} }

// secures reports whether a command opens sockets to others.
func secures(w line.Command) bool { return w.Opens() }
