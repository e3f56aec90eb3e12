package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zcat/zcat/pkg/sockets/curve"
)

// securityFlags say who may talk, and whether others can read it.
func securityFlags() []flagRow {
	const curveFile, users, keyText = "my.key_secret", "users", "54jZosq9j9Ru=/nfqL3/TW9JNyKATH1S3V9Gun+P"
	file := func(name, meta, example, company, help string, at func(*config) *string) flagRow {
		return flagRow{
			name: name, kind: takesValue, group: groupSecurity, meta: meta, has: secures,
			example: example, company: company, help: help, set: toText(at), rivals: rivalsOf(name),
		}
	}
	rows := []flagRow{
		{
			name: "curve-server", kind: takesNothing, group: groupSecurity, has: secures, company: "--curve-secret=" + curveFile, rivals: rivalsOf("curve-server"),
			help: "encrypt, and be the side whose public key the others know (CURVE)",
			set:  toBool(func(c *config) *bool { return &c.access.CurveServer }),
		},
		file("curve-secret", "FILE", curveFile, "--curve-server",
			"our own secret key, as keygen writes it; a client without it makes a fresh one",
			func(c *config) *string { return &c.access.CurveSecret }),
		file("curve-allow", "FILE|DIR", "friends/", "--curve-server --curve-secret="+curveFile,
			"let in only the keys of this public certificate, or of all in a directory; read again at SIGHUP",
			func(c *config) *string { return &c.access.CurveAllow }),
		{
			name: "curve-server-key", kind: takesValue, group: groupSecurity, meta: "KEY", has: secures, example: keyText, rivals: rivalsOf("curve-server-key"),
			help: "encrypt, and talk only to a server with this public key, 40 characters of Z85",
			set: func(c *config, text string) (err error) {
				c.access.CurveServerKey, err = curve.ParsePublicKey(text)
				return err
			},
		},
		file("curve-server-cert", "FILE", "server.key", "", "the same with the key in a certificate",
			func(c *config) *string { return &c.access.CurveServerCert }),
		file("plain-server", "FILE", users, "", "ask for a name and a password of FILE: a line NAME:PASSWORD each, "+
			"bcrypt hashes too; read again at SIGHUP. PLAIN does not encrypt",
			func(c *config) *string { return &c.access.PlainServer }),
		{
			name: "plain-user", kind: takesValue, group: groupSecurity, meta: "USER", has: secures, example: "joe",
			company: "--plain-password-file=password", rivals: rivalsOf("plain-user"), help: "the name to give; PLAIN sends it and the password in clear",
			set: func(c *config, text string) error {
				if len(text) > 255 {
					return fmt.Errorf("a name of %d bytes: PLAIN carries at most 255", len(text))
				}
				c.access.PlainUser, c.access.PlainUserGiven = text, true
				return nil
			},
		},
		file("plain-password-file", "FILE", "password", "--plain-user=joe",
			"the password, the first line of FILE; or it is in "+passwordVariable,
			func(c *config) *string { return &c.access.PlainPasswordFile }),
	}
	for i, row := range rows {
		if slices.Contains(clientFlags(), row.name) {
			rows[i].has = attaches
			rows = append(rows, inProxy(row))
		}
	}
	return rows
}

// clientFlags are for sockets that connect, which those of a proxy do only if
// they are told.
func clientFlags() []string {
	return []string{"curve-server-key", "curve-server-cert", "plain-user", "plain-password-file"}
}

// proxyClient is what makes a proxy a client.
const proxyClient = "--capture=:5557 --capture-connect --secure=capture "

// inProxy is f for a proxy, where more has to stand beside it.
func inProxy(f flagRow) flagRow {
	f.has = mediates
	f.company = strings.TrimSpace(proxyClient + f.company)
	return f
}

// rivalsOf are the other flags that say which side of which mechanism a socket
// is, for one of them.
func rivalsOf(name string) []string {
	roles := []string{"curve-server", "curve-server-key", "curve-server-cert", "plain-server", "plain-user"}
	at := slices.Index(roles, name)
	if at < 0 {
		return nil
	}
	return slices.Delete(roles, at, at+1)
}

// proxyParts are the sockets of a proxy.
func proxyParts() []string { return []string{"front", "back", "capture", "control"} }

// secures: the commands that open sockets to others.
func secures(w command) bool { return opens(w) }
