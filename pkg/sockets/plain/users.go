// Package plain holds the users of a PLAIN server (RFC 24): which peers are let in,
// by name and password. The verdict is in check.go.
package plain

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/bcrypt"

	"github.com/zcat/zcat/pkg/sockets/internal/turns"
)

// Users is a list of users, which may be read again while it is in use.
type Users struct {
	name string
	list atomic.Pointer[list]
	line *turns.Line // of peers whose password is to be hashed
	hash hasher
}

// list is the content of a users file.
type list struct {
	users map[string]*user
	cost  int               // the highest cost of a bcrypt hash; 0 where there is none
	key   [sha256.Size]byte // of the digests; a new one each time the file is read
}

// user is one user that is let in.
type user struct {
	hash  []byte                 // bcrypt's; nil where the file has the password in clear
	known atomic.Pointer[digest] // of the right password, once a peer has sent it
}

const (
	maxFile = 16 << 20 // bytes
	maxCost = 16       // of bcrypt: seconds a try
	maxText = 255      // bytes of a name or password on the wire (RFC 24)
)

// ReadUsers reads a file with one user on each line: NAME:PASSWORD, the password in
// clear or as a bcrypt hash ($2a$, $2b$, $2y$), as `htpasswd -B` writes it. Empty
// lines and those that begin with # are skipped.
func ReadUsers(name string) (*Users, error) {
	// Half of the processors are left to the traffic.
	u := &Users{name: name, hash: bcrypt.CompareHashAndPassword, line: turns.NewLine(max(1, runtime.GOMAXPROCS(0)/2))}
	if err := u.Reload(); err != nil {
		return nil, err
	}
	return u, nil
}

// Reload reads the file again. After an error the list is unchanged.
func (u *Users) Reload() error {
	f, err := os.Open(u.name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	defer clear(text)
	switch {
	case err != nil:
		return err
	case len(text) > maxFile:
		return fmt.Errorf("%s: more than %d bytes: not a list of users", u.name, maxFile)
	}
	l, err := parse(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", u.name, err)
	}
	u.list.Store(l)
	return nil
}

// Len is the number of users.
func (u *Users) Len() int {
	if l := u.list.Load(); l != nil {
		return len(l.users)
	}
	return 0
}

// parse reads a list. Its errors name lines and users, never passwords.
func parse(text string) (*list, error) {
	l := &list{users: map[string]*user{}}
	_, _ = rand.Read(l.key[:]) // it never fails
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		name, password, found := strings.Cut(line, ":")
		if err := l.add(name, password, found); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	return l, nil
}

func (l *list) add(name, password string, found bool) error {
	_, twice := l.users[name]
	switch {
	case !found:
		return errors.New("expected NAME:PASSWORD")
	case len(name) > maxText || len(password) > maxText:
		return fmt.Errorf("a name or password of more than %d bytes, which PLAIN cannot carry", maxText)
	case twice:
		return fmt.Errorf("a second password for the user %q", name)
	case !isHash(password):
		l.users[name] = &user{}
		l.remember(name, password)
		return nil
	}
	cost, err := bcrypt.Cost([]byte(password))
	switch {
	case err != nil:
		return fmt.Errorf("the password of the user %q looks like a bcrypt hash but is not one", name)
	case cost > maxCost:
		return fmt.Errorf("the bcrypt hash of the user %q has a cost of %d: more than %d takes too long", name, cost, maxCost)
	}
	l.cost = max(l.cost, cost)
	l.users[name] = &user{hash: []byte(password)}
	return nil
}

func isHash(password string) bool {
	for _, prefix := range []string{"$2a$", "$2b$", "$2y$"} {
		if strings.HasPrefix(password, prefix) {
			return true
		}
	}
	return false
}
