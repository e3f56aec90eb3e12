package plain

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/zcat/zcat/pkg/sockets/zap"
)

func hashed(tb testing.TB, password string, cost int) string {
	tb.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	if err != nil {
		tb.Fatal(err)
	}
	return string(hash)
}

func read(tb testing.TB, text string) (*Users, error) {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "users")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	return ReadUsers(name)
}

func ask(u *Users, name, password string) zap.Reply {
	return u.Handle(context.Background(), &zap.Request{Mechanism: "PLAIN", Username: name, Password: password})
}

func TestUsers(t *testing.T) {
	u, err := read(t, "# the users\n\njoe:secret\nann:"+hashed(t, "geheim", 4)+"\r\nmax:"+hashed(t, "secret", 6)+
		"\nempty:\nmore:a:b#c \n$2a$:$2x$\n:nameless")
	if err != nil || u.Len() != 7 {
		t.Fatal(err, u)
	}
	for _, c := range []struct {
		name, password string
		ok             bool
	}{
		{"joe", "secret", true},
		{"joe", "Secret", false},
		{"joe", "", false},
		{"joe", "secret ", false},
		{"ann", "geheim", true},
		{"ann", "secret", false},
		{"ann", "", false},
		{"max", "secret", true},
		{"max", "geheim", false},
		{"empty", "", true},
		{"empty", "x", false},
		{"more", "a:b#c ", true},
		{"$2a$", "$2x$", true},
		{"", "nameless", true},
		{"nobody", "secret", false},
		{"nobody", "", false},
		{"# the users", "", false},
	} {
		got := ask(u, c.name, c.password)
		want := zap.Denied
		if c.ok {
			want = zap.OK
		}
		if got.Status != want || c.ok && got.UserID != c.name || c.password != "" && c.password != "secret" && strings.Contains(got.Text, c.password) {
			t.Errorf("%q %q: %+v", c.name, c.password, got)
		}
	}
	if got := u.Handle(context.Background(), &zap.Request{Mechanism: "NULL", Username: "empty"}); got.Status != zap.Denied {
		t.Errorf("without PLAIN: %+v", got)
	}
}

func TestBadUsers(t *testing.T) {
	for text, why := range map[string]string{
		"joe":                                   "line 1: expected NAME:PASSWORD",
		"\n# x\njoe:hush\nhush":                 "line 4: expected",
		"joe:hush\njoe:hush":                    `line 2: a second password for the user "joe"`,
		"joe:$2a$10$hush":                       `the password of the user "joe" looks like a bcrypt hash`,
		"joe:$2b$31$" + strings.Repeat("h", 53): "has a cost of 31",
		"joe:" + strings.Repeat("hush", 64):     "more than 255 bytes",
		strings.Repeat("hush", 64) + ":x":       "more than 255 bytes",
	} {
		_, err := read(t, text)
		if err == nil || !strings.Contains(err.Error(), why) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := ReadUsers(filepath.Join(t.TempDir(), "nobody")); err == nil {
		t.Error("no file is a list")
	}
}

func TestReload(t *testing.T) {
	u, err := read(t, "joe:one")
	if err != nil {
		t.Fatal(err)
	}
	for text, wants := range map[string]string{"joe": "one", "joe:two": "two"} {
		if err := os.WriteFile(u.name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := u.Reload(); (err != nil) != (text == "joe") {
			t.Error(err)
		}
		if wants == "two" && ask(u, "joe", "two").Status != zap.OK || text == "joe" && ask(u, "joe", "one").Status == ask(u, "joe", "two").Status {
			t.Errorf("behind %q", text)
		}
	}
}

// TestSameEffort: every name makes the server compute the same, so that the time
// tells nothing.
func TestSameEffort(t *testing.T) {
	l, err := parse("joe:secret\nann:" + hashed(t, "x", 4) + "\nmax:" + hashed(t, "x", 7))
	if err != nil {
		t.Fatal(err)
	}
	work := func(costs []int) (sum int) {
		for _, c := range costs {
			sum += 1 << c
		}
		return sum
	}
	for name, own := range map[string]int{"joe": 0, "ann": 4, "max": 7, "nobody": 0} {
		total := work(l.padding(own))
		if own > 0 {
			total += 1 << own
		}
		if total != 1<<7 {
			t.Errorf("%s takes %d", name, total)
		}
	}
	if err := bcrypt.CompareHashAndPassword([]byte("$2a$04$"+nobody), []byte("x")); err != bcrypt.ErrMismatchedHashAndPassword { //nolint:errorlint // it is that very error where a hash was computed
		t.Errorf("the hash of nobody: %v", err)
	}
	clearOnly, err := parse("joe:secret")
	if err != nil || len(clearOnly.padding(0)) != 0 {
		t.Error("hashes for a list without any")
	}
}

// FuzzUsers: for any file, each user that it has in clear is let in with its own
// password and no other, and errors are short.
func FuzzUsers(f *testing.F) {
	const hash = "$2a$04$/chAvwnF/TNc/B1fXIHZbOZIUi/famcCUVVi2wQmtmBmKBUzbKuV6"
	f.Add("joe:secret\nann:" + hash + "\r\n# more\n\n:\nmax:a:b")
	f.Add("joe:secret\njoe:hush")
	f.Add("joe:$2a$99$" + hash[7:])
	f.Add("joe:$2y$")
	f.Add("\x00\xff:\x1b[31m\n\r\r\n#")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := parse(text)
		if err != nil {
			if len(err.Error()) > 2000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		if len(l.users) > strings.Count(text, "\n")+1 || l.cost > maxCost {
			t.Errorf("%d users, cost %d", len(l.users), l.cost)
		}
		for line := range strings.Lines(text) {
			line = strings.TrimRight(line, "\r\n")
			name, password, _ := strings.Cut(line, ":")
			if line == "" || line[0] == '#' {
				continue
			}
			it := l.users[name]
			if it == nil || (it.hash != nil) != isHash(password) || l.knows(name, password) == isHash(password) || l.knows(name, password+"x") || l.knows(name+"x:", password) {
				t.Errorf("%q: %+v", line, it)
			}
		}
	})
}
