// Package access decides who may talk to a command's socket: it turns the security
// flags into a mechanism, with keys, users and lists read from their files.
package access

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/zcat/zcat/pkg/sockets"
	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/plain"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// Settings hold what the flags say. Secrets are in the files that they name, and in
// Password.
type Settings struct {
	CurveServer     bool
	CurveSecret     string // a file
	CurveAllow      string // a file or directory
	CurveServerKey  curve.PublicKey
	CurveServerCert string // a file

	PlainServer       string // a file
	PlainUser         string
	PlainUserGiven    bool
	PlainPasswordFile string
	// Password comes from the environment; the zero value is none.
	Password Password
}

// Password is text that is not printed.
type Password struct{ text *string }

// NewPassword keeps text from being printed.
func NewPassword(text string) Password { return Password{&text} }

// IsZero reports whether there is no password.
func (p Password) IsZero() bool { return p.text == nil }

// Format prints a placeholder, never the password.
func (Password) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(secret)") }

// Serves reports whether the settings make a server.
func (s *Settings) Serves() bool { return s.CurveServer || s.PlainServer != "" }

// Asks reports whether the settings make a client.
func (s *Settings) Asks() bool {
	return s.CurveServerKey != (curve.PublicKey{}) || s.CurveServerCert != "" || s.PlainUserGiven
}

// Lists reports whether the settings name a list of those who may come in, which
// can be read again.
func (s *Settings) Lists() bool {
	return s.CurveServer && s.CurveAllow != "" || s.PlainServer != ""
}

// Access is the outcome of the settings. The zero value stands for no settings.
type Access struct {
	server, client sockets.Security
	public         curve.PublicKey // of a CURVE server
	authorize      zap.Handler
	lists          []list
	open           bool // a CURVE server lets in any client
}

// list is a file, or a directory, that can be read again.
type list struct {
	name string
	what string // "key", "user"
	read func() error
	size func() int
}

// Load reads the files. Warnings about them go to warn.
func (s *Settings) Load(warn func(string)) (*Access, error) {
	a := &Access{}
	if err := s.loadServer(a, warn); err != nil {
		return nil, err
	}
	return a, s.loadClient(a, warn)
}

func (s *Settings) loadServer(a *Access, warn func(string)) error {
	switch {
	case s.CurveServer:
		keys, err := readKeys(s.CurveSecret, warn)
		if err != nil {
			return err
		}
		a.server, a.public, a.open = sockets.CurveServer(keys), keys.Public, s.CurveAllow == ""
		if a.open {
			return nil
		}
		allowed, err := curve.ReadAllowList(s.CurveAllow)
		if err != nil {
			return fmt.Errorf("--curve-allow: %w", err)
		}
		a.authorize = allowed.Handle
		a.lists = append(a.lists, list{s.CurveAllow, "key", allowed.Reload, allowed.Len})
	case s.PlainServer != "":
		checkMode(s.PlainServer, warn)
		users, err := plain.ReadUsers(s.PlainServer)
		if err != nil {
			return fmt.Errorf("--plain-server: %w", err)
		}
		a.server, a.authorize = sockets.PlainServer(), users.Handle
		a.lists = append(a.lists, list{s.PlainServer, "user", users.Reload, users.Len})
	}
	return nil
}

func (s *Settings) loadClient(a *Access, warn func(string)) error {
	switch {
	case s.PlainUserGiven:
		password, err := s.password(warn)
		if err != nil {
			return err
		}
		a.client = sockets.PlainClient(s.PlainUser, password)
		return nil
	case !s.Asks():
		return nil
	}
	key := s.CurveServerKey
	if s.CurveServerCert != "" {
		c, err := curve.ReadCertificate(s.CurveServerCert)
		if err != nil {
			return fmt.Errorf("--curve-server-cert: %w", err)
		}
		c.Secret.Destroy() // a client has no business with it
		key = c.Public
	}
	keys, err := curve.Generate()
	if s.CurveSecret != "" {
		keys, err = readKeys(s.CurveSecret, warn)
	}
	if err != nil {
		return err
	}
	a.client = sockets.CurveClient(key, keys)
	return nil
}

func readKeys(name string, warn func(string)) (curve.Pair, error) {
	c, err := curve.ReadCertificate(name)
	if err == nil && c.Secret.IsZero() {
		err = fmt.Errorf("%s: a public certificate, which has no secret-key", name)
		if secret := name + "_secret"; isFile(secret) {
			err = fmt.Errorf("%w; %s has it", err, secret)
		}
	}
	if err != nil {
		return curve.Pair{}, fmt.Errorf("--curve-secret: %w", err)
	}
	checkMode(name, warn)
	return c.Pair, nil
}

// maxPassword is the longest password that PLAIN can carry, in bytes.
const maxPassword = 255

// password is the first line of its file, or that of the environment.
func (s *Settings) password(warn func(string)) (string, error) {
	if s.PlainPasswordFile == "" {
		if s.Password.IsZero() {
			return "", errors.New("--plain-user has no password")
		}
		return *s.Password.text, nil
	}
	checkMode(s.PlainPasswordFile, warn)
	f, err := os.Open(s.PlainPasswordFile)
	if err != nil {
		return "", fmt.Errorf("--plain-password-file: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, maxPassword+2))
	if err != nil {
		return "", fmt.Errorf("--plain-password-file: %w", err)
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	switch {
	case len(line) == 0:
		return "", fmt.Errorf("--plain-password-file: %s: its first line is empty", s.PlainPasswordFile)
	case len(line) > maxPassword:
		return "", fmt.Errorf("--plain-password-file: %s: more than %d bytes, which PLAIN cannot carry", s.PlainPasswordFile, maxPassword)
	}
	return string(line), nil
}

// checkMode warns of a file with secrets that others may read.
func checkMode(name string, warn func(string)) {
	info, err := os.Stat(name)
	if err != nil || runtime.GOOS == "windows" || !info.Mode().IsRegular() || info.Mode().Perm()&0o077 == 0 {
		return
	}
	warn(fmt.Sprintf("%s holds secrets and others may use it: chmod 600 %s", name, name))
}

// Secure sets the mechanism of a socket: a server's where the settings make one and
// serve is set, else a client's.
func (a *Access) Secure(o *sockets.Options, serve bool) {
	o.Security, o.Authorize = a.client, nil
	if a.server != nil && (serve || a.client == nil) {
		o.Security, o.Authorize = a.server, a.authorize
	}
}

// Befriend makes a client for our own CURVE server, with fresh keys. Where there is
// no such server it does nothing.
func (a *Access) Befriend() error {
	if a.public == (curve.PublicKey{}) {
		return nil
	}
	keys, err := curve.Generate()
	if err != nil {
		return err
	}
	a.client = sockets.CurveClient(a.public, keys)
	return nil
}

// LetsAnyoneIn reports whether a CURVE server lets in any client that knows its
// key.
func (a *Access) LetsAnyoneIn() bool { return a.open }

// Reload reads the lists again, for the peers that come from then on. A list that
// cannot be read stays as it is. done and failed are told the results.
func (a *Access) Reload(done func(string), failed func(error)) {
	for _, l := range a.lists {
		if err := l.read(); err != nil {
			failed(fmt.Errorf("%w: the %ss stay as they were", err, l.what))
			continue
		}
		count := fmt.Sprintf("%d %ss", l.size(), l.what)
		if l.size() == 1 {
			count = "1 " + l.what
		}
		done(fmt.Sprintf("read %s again: %s", l.name, count))
	}
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
