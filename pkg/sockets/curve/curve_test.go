package curve

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/sockets/zap"
)

func generate(tb testing.TB) Pair {
	tb.Helper()
	keys, err := Generate()
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}

func TestZ85(t *testing.T) {
	hello := []byte{0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B} // RFC 32's own
	if got := string(AppendZ85(nil, hello)); got != "HelloWorld" {
		t.Errorf("%q", got)
	}
	for text, want := range map[string][]byte{"HelloWorld": hello, "": {}, "00000": {0, 0, 0, 0}, "%nSc0": {255, 255, 255, 255}} {
		if got, err := ParseZ85(text); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q: %x, %v", text, got, err)
		}
	}
	for _, bad := range []string{"Hell", "Hello!!", "Hell~", "Hell\"", "%nSc1", "#####", "Hellö", "Hel lo"} {
		if got, err := ParseZ85(bad); err == nil || strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %x, %v", bad, got, err)
		}
	}
}

// The pair of zmq_curve(7).
const (
	knownPublic = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
	knownSecret = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
)

func TestKeys(t *testing.T) {
	secret, err := ParseSecretKey(knownSecret)
	if err != nil || secret.Public().String() != knownPublic || secret.Text() != knownSecret {
		t.Fatalf("%v: %v", secret.Public(), err)
	}
	one, two := generate(t), generate(t)
	if one.Secret.Text() == two.Secret.Text() || one.Secret.Public() != one.Public {
		t.Error("a pair that is none")
	}
	for _, bad := range []string{"", knownPublic[:39], knownPublic + "0", strings.Repeat("0", 40), strings.Repeat("#", 40), knownPublic[:39] + "~"} {
		if k, err := ParsePublicKey(bad); err == nil {
			t.Errorf("%q is %v", bad, k)
		}
		if _, err := ParseSecretKey(bad); err == nil || len(bad) > 1 && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	two.Secret.Destroy()
	if *two.Secret.Bytes() != [KeySize]byte{} {
		t.Error("something is left")
	}
	SecretKey{}.Destroy()
}

// TestSecretIsNotPrinted: neither the key nor its bytes are shown, however it is
// printed.
func TestSecretIsNotPrinted(t *testing.T) {
	secret, err := ParseSecretKey(knownSecret)
	if err != nil {
		t.Fatal(err)
	}
	pair := Pair{secret.Public(), secret}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q", "%p"} {
		for _, value := range []any{secret, &secret, pair, &pair, []Pair{pair}, struct{ hidden Pair }{pair}} {
			got := fmt.Sprintf(verb, value)
			for _, form := range []string{knownSecret, fmt.Sprintf("%x", secret.Bytes()[:]), strings.Trim(fmt.Sprintf("%d", secret.Bytes()[:]), "[]")} {
				if strings.Contains(strings.ToLower(got), strings.ToLower(form)) {
					t.Errorf("%s of %T: %s", verb, value, got)
				}
			}
		}
	}
}

func TestCertificate(t *testing.T) {
	public := "curve\n    public-key = \"" + knownPublic + "\"\n"
	both := public + "    secret-key = \"" + knownSecret + "\"\n"
	for _, text := range []string{
		public, "# a comment\n\n" + public, "curve # as a section\n    public-key='" + knownPublic + "' # quoted\n",
		"metadata\n    email = joe@example.com # unquoted\n" + public, "\r\n" + strings.ReplaceAll(both, "\n", "\r\n"),
		"other\n    curve\n        public-key = \"deeper\"\n    name = x\n" + both, public + "    secret-key = \"" + noSecret + "\"\n",
		both[:len(both)-1],
	} {
		c, err := ParseCertificate([]byte(text))
		if err != nil || c.Public.String() != knownPublic || !c.Secret.IsZero() && c.Secret.Text() != knownSecret ||
			strings.Contains(text, knownSecret) == c.Secret.IsZero() {
			t.Errorf("%q: %v", text, err)
		}
	}
	stranger := generate(t).Public.String()
	for text, why := range map[string]string{
		"": "expected a section curve", "curve\n": "expected a section curve", "public-key = \"" + knownPublic + "\"\n": "expected a section curve",
		"metadata\n    public-key = \"" + knownPublic + "\"\n":                                     "expected a section curve",
		"curve\n    public-key = " + knownPublic + "\n":                                            "", // read as far as the # in front of which it ends, if there is one
		"curve\n  public-key = \"" + knownPublic + "\"\n":                                          "line 2: 2 spaces",
		"    public-key = \"" + knownPublic + "\"\n":                                               "line 1: 4 spaces",
		"curve\n    public-key = \"" + knownPublic + "\n":                                          "line 2: a value in quotes",
		"curve\n    public-key = \"" + knownPublic + "\" x\n":                                      "line 2: a value in quotes",
		"curve\n    public-key \"" + knownPublic + "\"\n":                                          "line 2: expected =",
		"curve\n    public-key = \"" + knownPublic[:39] + "\"":                                     "line 2: public-key: a key of 39 characters",
		"curve\n\tpublic-key = \"" + knownPublic + "\"\n":                                          "line 2: no name",
		public + "    public-key = \"" + knownPublic + "\"\n":                                      "line 3: a second public-key",
		public + "    secret-key = \"" + knownSecret[1:] + "\"":                                    "line 3: secret-key: a key of 39",
		"curve\n    public-key = \"" + stranger + "\"\n    secret-key = \"" + knownSecret + "\"\n": "does not belong",
		"\x00\x01\x02": "line 1: no name",
	} {
		if why == "" {
			continue
		}
		_, err := ParseCertificate([]byte(text))
		if err == nil || !strings.Contains(err.Error(), why) || strings.Contains(err.Error(), knownSecret[1:20]) {
			t.Errorf("%q: %v, want %q", text, err, why)
		}
	}
	name := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(name, append([]byte(public), bytes.Repeat([]byte("#\n"), maxCertificate)...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadCertificate(name); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Error(err)
	}
}

func ask(l *AllowList, key PublicKey) zap.Reply {
	return l.Handle(context.Background(), &zap.Request{Mechanism: "CURVE", Key: key[:]})
}

// TestAllowList: files and directories, the files that are skipped, and a broken
// file, which does not change a list in use.
func TestAllowList(t *testing.T) {
	dir := t.TempDir()
	joe, ann, secret := generate(t), generate(t), generate(t)
	write := func(name string, c *Certificate) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), c.AppendPublic(nil), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("joe.key", &Certificate{Pair: joe})
	write("ann", &Certificate{Pair: ann})
	write("my.key_secret", &Certificate{Pair: secret})
	write(".hidden.key", &Certificate{Pair: secret})
	if err := os.Mkdir(filepath.Join(dir, "more"), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := ReadAllowList(dir)
	if err != nil || l.Len() != 2 {
		t.Fatal(err, l)
	}
	for _, c := range []struct {
		key  PublicKey
		want zap.Reply
	}{
		{joe.Public, zap.Allow("joe")},
		{ann.Public, zap.Allow("ann")},
		{secret.Public, zap.Deny("the key " + secret.Public.String() + " is not on the allow list")},
	} {
		if got := ask(l, c.key); got != c.want {
			t.Errorf("%+v, want %+v", got, c.want)
		}
	}
	if got := l.Handle(context.Background(), &zap.Request{Mechanism: "NULL"}); got.Status != zap.Denied {
		t.Errorf("without a key: %+v", got)
	}

	broken := filepath.Join(dir, "broken")
	if err := os.WriteFile(broken, []byte("?"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := l.Reload(); err == nil || !strings.Contains(err.Error(), broken) {
		t.Error(err)
	}
	if ask(l, joe.Public).Status != zap.OK {
		t.Error("a broken file locked somebody out")
	}
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "joe.key")); err != nil {
		t.Fatal(err)
	}
	if err := l.Reload(); err != nil || ask(l, joe.Public).Status != zap.Denied || ask(l, ann.Public).Status != zap.OK {
		t.Error(err)
	}
	one, err := ReadAllowList(filepath.Join(dir, "ann"))
	if err != nil || one.Len() != 1 || ask(one, ann.Public).Status != zap.OK {
		t.Error(err)
	}
	if _, err := ReadAllowList(filepath.Join(dir, "nobody")); err == nil {
		t.Error("no file is a list")
	}
}

// FuzzCertificate: a certificate that parses is printed as one that parses to the
// same.
func FuzzCertificate(f *testing.F) {
	f.Add([]byte("curve\n    public-key = \"" + knownPublic + "\"\n"))
	f.Add([]byte("# x\nmetadata\n    name = \"joe\"\n    k = v # c\ncurve\n    public-key = '" + knownPublic + "'\n    secret-key = \"" + knownSecret + "\"\n"))
	f.Add([]byte("a\n    b\n        c = d\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseCertificate(text)
		if err != nil {
			if strings.Contains(err.Error(), knownSecret) {
				t.Errorf("the secret key is in %q", err)
			}
			return
		}
		for _, item := range c.Metadata {
			if strings.ContainsAny(item.Value, `"`) && strings.Contains(item.Value, "'") {
				return // unquoted in the text, and not to be quoted
			}
		}
		printed := c.AppendPublic(nil)
		if !c.Secret.IsZero() {
			printed = c.AppendSecret(nil)
		}
		again, err := ParseCertificate(printed)
		if err != nil || again.Public != c.Public || !reflect.DeepEqual(again.Metadata, c.Metadata) ||
			again.Secret.IsZero() != c.Secret.IsZero() || !c.Secret.IsZero() && again.Secret.Text() != c.Secret.Text() {
			t.Errorf("%q\nprints as %q: %v", text, printed, err)
		}
	})
}

// FuzzZ85: text that parses is printed as it was.
func FuzzZ85(f *testing.F) {
	f.Add("HelloWorld")
	f.Add(knownPublic)
	f.Add("%nSc1")
	f.Fuzz(func(t *testing.T, text string) {
		if b, err := ParseZ85(text); err == nil && string(AppendZ85(nil, b)) != text {
			t.Errorf("%q is %x", text, b)
		}
	})
}
