package access

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/sockets"
	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// write writes a file that only its owner can read.
func write(t *testing.T, dir, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func certificate(t *testing.T) *curve.Certificate {
	t.Helper()
	keys, err := curve.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return &curve.Certificate{Pair: keys}
}

// load loads settings that must not cause warnings.
func load(t *testing.T, s *Settings) (*Access, error) {
	t.Helper()
	return s.Load(func(text string) { t.Errorf("warned: %s", text) })
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	c := certificate(t)
	secret, public := write(t, dir, "s", c.AppendSecret(nil)), write(t, dir, "p", c.AppendPublic(nil))
	users, password := write(t, dir, "u", []byte("joe:secret\n")), write(t, dir, "w", []byte("secret\r\nnot this\n"))
	for _, w := range []struct {
		name             string
		settings         Settings
		serve            string // the mechanism where the socket serves, by its type's name
		ask              string
		authorizes, open bool
	}{
		{"nothing", Settings{}, "<nil>", "<nil>", false, false},
		{"open server", Settings{CurveServer: true, CurveSecret: secret}, "*sockets.curveServer", "*sockets.curveServer", false, true},
		{"server", Settings{CurveServer: true, CurveSecret: secret, CurveAllow: public}, "*sockets.curveServer", "*sockets.curveServer", true, false},
		{"client", Settings{CurveServerCert: public}, "*sockets.curveClient", "*sockets.curveClient", false, false},
		{"client with a key", Settings{CurveServerKey: c.Public, CurveSecret: secret}, "*sockets.curveClient", "*sockets.curveClient", false, false},
		{"both", Settings{CurveServer: true, CurveSecret: secret, CurveServerCert: public}, "*sockets.curveServer", "*sockets.curveClient", false, true},
		{"users", Settings{PlainServer: users}, "sockets.plainServer", "sockets.plainServer", true, false},
		{"user", Settings{PlainUser: "joe", PlainUserGiven: true, PlainPasswordFile: password}, "*sockets.plainClient", "*sockets.plainClient", false, false},
		{"user of the environment", Settings{PlainUserGiven: true, Password: NewPassword("x")}, "*sockets.plainClient", "*sockets.plainClient", false, false},
	} {
		a, err := load(t, &w.settings)
		if err != nil {
			t.Errorf("%s: %v", w.name, err)
			continue
		}
		var serve, ask sockets.Options
		a.Secure(&serve, true)
		a.Secure(&ask, false)
		if fmt.Sprintf("%T", serve.Security) != w.serve || fmt.Sprintf("%T", ask.Security) != w.ask ||
			(serve.Authorize != nil) != w.authorizes || a.LetsAnyoneIn() != w.open || w.settings.Lists() != w.authorizes {
			t.Errorf("%s: %T %T %+v", w.name, serve.Security, ask.Security, a)
		}
		if _, err := sockets.New(sockets.Push, func(o *sockets.Options) { a.Secure(o, true) }); err != nil {
			t.Errorf("%s: %v", w.name, err)
		}
	}
}

func TestLoadFails(t *testing.T) {
	dir := t.TempDir()
	c := certificate(t)
	secret, public := write(t, dir, "s", c.AppendSecret(nil)), write(t, dir, "p", c.AppendPublic(nil))
	junk, none, empty := write(t, dir, "j", []byte("hush?")), filepath.Join(dir, "none"), write(t, dir, "e", []byte("\nhush\n"))
	long := write(t, dir, "l", []byte(strings.Repeat("hush", 64)))
	for want, s := range map[string]Settings{
		"--curve-secret: open":         {CurveServer: true, CurveSecret: none},
		"public certificate":           {CurveServer: true, CurveSecret: public},
		"--curve-allow: " + junk:       {CurveServer: true, CurveSecret: secret, CurveAllow: junk},
		"--curve-server-cert: " + junk: {CurveServerCert: junk},
		"--curve-secret: " + junk:      {CurveServerCert: public, CurveSecret: junk},
		"--plain-server: open":         {PlainServer: none},
		"--plain-server: " + junk:      {PlainServer: junk},
		"--plain-password-file: open":  {PlainUserGiven: true, PlainPasswordFile: none},
		"its first line is empty":      {PlainUserGiven: true, PlainPasswordFile: empty},
		"more than 255 bytes":          {PlainUserGiven: true, PlainPasswordFile: long},
		"--plain-user has no password": {PlainUserGiven: true},
	} {
		if _, err := load(t, &s); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestWarnings: of files with secrets that others may use, and of no other files.
func TestWarnings(t *testing.T) {
	dir := t.TempDir()
	c := certificate(t)
	files := map[string]string{
		"secret": write(t, dir, "s", c.AppendSecret(nil)), "public": write(t, dir, "p", c.AppendPublic(nil)),
		"users": write(t, dir, "u", []byte("joe:secret\n")), "password": write(t, dir, "w", []byte("secret")),
	}
	for _, name := range files {
		if err := os.Chmod(name, 0o640); err != nil {
			t.Fatal(err)
		}
	}
	for want, s := range map[string]Settings{
		"secret": {CurveServer: true, CurveSecret: files["secret"], CurveAllow: files["public"]},
		"users":  {PlainServer: files["users"]}, "password": {PlainUserGiven: true, PlainPasswordFile: files["password"]},
		"": {CurveServerCert: files["public"]},
	} {
		var warned []string
		if _, err := s.Load(func(text string) { warned = append(warned, text) }); err != nil {
			t.Error(err)
		}
		if want == "" && len(warned) > 0 || want != "" && (len(warned) != 1 || !strings.HasPrefix(warned[0], files[want]+" holds secrets")) {
			t.Errorf("%q: warned %q", want, warned)
		}
	}
}

// TestReload: lists that are read again, and one that is broken and stays.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	users := write(t, dir, "u", []byte("joe:one\n"))
	a, err := load(t, &Settings{PlainServer: users})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(password string) int {
		return a.authorize(context.Background(), &zap.Request{Mechanism: "PLAIN", Username: "joe", Password: password}).Status
	}
	var said []string
	hear := func(text string) { said = append(said, text) }
	write(t, dir, "u", []byte("?"))
	a.Reload(func(string) { t.Error("done") }, func(err error) { hear(err.Error()) })
	if ask("one") != zap.OK {
		t.Error("a broken list locked somebody out")
	}
	write(t, dir, "u", []byte("joe:two\nann:x\n"))
	a.Reload(hear, func(error) { t.Error("failed") })
	if ask("one") != zap.Denied || ask("two") != zap.OK {
		t.Error("not read again")
	}
	if len(said) != 2 || !strings.HasSuffix(said[0], "the users stay as they were") || !strings.HasSuffix(said[1], "again: 2 users") {
		t.Errorf("%q", said)
	}
}

func TestPasswordIsNotPrinted(t *testing.T) {
	s := Settings{Password: NewPassword("hush")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, value := range []any{s, &s, s.Password, struct{ hidden Settings }{s}} {
			if got := fmt.Sprintf(verb, value); strings.Contains(got, "hush") || strings.Contains(got, "68757368") {
				t.Errorf("%s: %s", verb, got)
			}
		}
	}
}
