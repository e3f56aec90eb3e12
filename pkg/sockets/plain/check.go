package plain

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/zcat/zcat/pkg/sockets/internal/turns"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// comeBack is the time that a peer whose password cannot be checked now waits for
// its answer. It will try again at once, and many that do would be a load of their
// own.
const comeBack = time.Second

// hasher is bcrypt.CompareHashAndPassword, or a test's stand-in for it.
type hasher func(hash, password []byte) error

// Handle lets in peers that know a user's password; the user id is the user's name.
// It is a zap.Handler. The time that it takes tells a peer with a wrong password
// nothing about the names on the list. The number of hashes computed at a time is
// limited, so that strangers cannot take all processors, and their sources take
// turns. Users who were let in since the file was read do not wait for a turn, nor
// do those whose password is in clear in the file.
func (u *Users) Handle(ctx context.Context, r *zap.Request) zap.Reply {
	l := u.list.Load()
	switch {
	case l == nil, r == nil, r.Mechanism != "PLAIN":
		return zap.Deny("the peer has no password")
	case l.knows(r.Username, r.Password):
		return zap.Allow(r.Username)
	case l.cost == 0:
		return unknown(r.Username)
	case !u.line.Enter(ctx, turns.SourceOf(r.Address), false):
		keep(ctx, comeBack)
		return zap.Reply{Status: zap.Temporary, Text: "too many passwords to check"}
	}
	defer u.line.Leave()
	l = u.list.Load() // the file may have been read again meanwhile
	if !l.knows(r.Username, r.Password) && !l.check(u.hash, r.Username, r.Password) {
		return unknown(r.Username)
	}
	return zap.Allow(r.Username)
}

func unknown(name string) zap.Reply {
	return zap.Deny(fmt.Sprintf("the user %q is unknown or the password wrong", name))
}

// keep waits for d, or for the end of ctx.
func keep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// digest stands for a password: without the key of its list it tells nothing about
// the password, and neither is ever written anywhere.
type digest [sha256.Size]byte

func (l *list) digest(password string) (d digest) {
	mac := hmac.New(sha256.New, l.key[:])
	_, _ = mac.Write([]byte(password)) // it never fails
	mac.Sum(d[:0])
	return d
}

// knows reports whether that is a user's password, as far as is known without
// computing a bcrypt hash. It takes the same time for every name.
func (l *list) knows(name, password string) bool {
	got, want := l.digest(password), &digest{}
	it, found := l.users[name]
	if found {
		if known := it.known.Load(); known != nil {
			want = known
		} else {
			found = false
		}
	}
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1 && found
}

// remember makes knows accept a user's password from now on.
func (l *list) remember(name, password string) {
	d := l.digest(password)
	l.users[name].known.Store(&d)
}

// check compares a password with a user's hash, in the same time for every name.
func (l *list) check(hash hasher, name, password string) bool {
	it, right, done := l.users[name], false, 0
	if it != nil && it.hash != nil {
		right = hash(it.hash, []byte(password)) == nil
		done, _ = bcrypt.Cost(it.hash) // its cost was checked when the file was read
	}
	for _, cost := range l.padding(done) {
		_ = hash(fmt.Appendf(nil, "$2a$%02d$%s", cost, nobody), []byte(password)) // for the time only
	}
	if right {
		l.remember(name, password)
	}
	return right
}

// padding lists the costs of hashes that take, with one of the cost done, as long
// as one of the highest cost: each step of the cost doubles the time.
func (l *list) padding(done int) (costs []int) {
	if done == 0 && l.cost > 0 {
		return []int{l.cost}
	}
	for ; done < l.cost; done++ {
		costs = append(costs, done)
	}
	return costs
}

// nobody is the salt and hash of no password.
const nobody = "....................." + "................................"
