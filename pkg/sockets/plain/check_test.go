package plain

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/zcat/zcat/pkg/sockets/internal/turns"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// hashedPasswords counts the hashes that a list computes, of which each takes a
// second of a bubble's time.
type hashedPasswords struct {
	begun, now, most atomic.Int32
}

// take makes h count u's hashes.
func (h *hashedPasswords) take(u *Users) {
	u.hash = func(hash, password []byte) error {
		h.begun.Add(1)
		h.most.Store(max(h.most.Load(), h.now.Add(1)))
		defer h.now.Add(-1)
		keep(context.Background(), time.Second)
		return bcrypt.CompareHashAndPassword(hash, password)
	}
}

func from(address, name, password string) *zap.Request {
	return &zap.Request{Mechanism: "PLAIN", Address: address, Username: name, Password: password}
}

// flood has fifty strangers from five addresses guess passwords until ctx ends.
func flood(ctx context.Context, u *Users) (over *sync.WaitGroup) {
	over = new(sync.WaitGroup)
	for i := range 50 {
		over.Go(func() {
			for ctx.Err() == nil {
				u.Handle(ctx, from(fmt.Sprint("10.0.0.", i%5), fmt.Sprint("user", i), "guessed"))
			}
		})
	}
	return over
}

// TestFlood: a user that was let in before does not wait for those that guess, and
// a new one waits for one peer of each address.
func TestFlood(t *testing.T) {
	users := "joe:" + hashed(t, "secret", 4) + "\nann:" + hashed(t, "geheim", 4) + "\nmax:clear\n"
	u, err := read(t, users)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		const most = 2
		var h hashedPasswords
		u.line = turns.NewLine(most)
		h.take(u)
		if ask(u, "joe", "secret").Status != zap.OK || h.begun.Load() != 1 {
			t.Fatal("joe")
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		over := flood(ctx, u)
		keep(ctx, 10*time.Second)
		synctest.Wait()
		if u.line.Waiting() < 40 {
			t.Fatalf("%d wait: no flood", u.line.Waiting())
		}
		for name, password := range map[string]string{"joe": "secret", "max": "clear"} {
			start := time.Now()
			if got := u.Handle(ctx, from("10.0.0.1", name, password)); got.Status != zap.OK || got.UserID != name || time.Since(start) > 0 {
				t.Errorf("%s waited %v: %+v", name, time.Since(start), got)
			}
		}
		start := time.Now()
		if got := u.Handle(ctx, from("10.0.0.9", "ann", "geheim")); got.Status != zap.OK || time.Since(start) > (5/most+3)*time.Second {
			t.Errorf("ann waited %v: %+v", time.Since(start), got)
		}
		if got := u.Handle(ctx, from("10.0.0.8", "joe", "Secret")); got.Status != zap.Denied {
			t.Errorf("a wrong password: %+v", got)
		}
		if h.most.Load() != most {
			t.Errorf("%d hashes at a time", h.most.Load())
		}
		cancel()
		over.Wait()
	})
}

// TestLineIsFull: a peer that is sent away gets its answer after a moment, so that
// it is not back at once.
func TestLineIsFull(t *testing.T) {
	u, err := read(t, "joe:"+hashed(t, "secret", 4))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		u.line = turns.NewLine(0)
		ctx, cancel := context.WithCancel(t.Context())
		waiting := make(chan zap.Reply, turns.MostWaiting)
		for range turns.MostWaiting {
			go func() { waiting <- u.Handle(ctx, from("10.0.0.1", "joe", "secret")) }()
		}
		synctest.Wait()
		start := time.Now()
		if got := u.Handle(ctx, from("10.0.0.1", "joe", "secret")); got.Status != zap.Temporary || time.Since(start) != comeBack {
			t.Errorf("after %v: %+v", time.Since(start), got)
		}
		u.line.Leave() // and now it is quick: all are the same, except the first
		for range turns.MostWaiting {
			if got := <-waiting; got.Status != zap.OK {
				t.Errorf("%+v", got)
			}
		}
		u.line = turns.NewLine(0)
		go func() { waiting <- u.Handle(ctx, from("10.0.0.1", "joe", "wrong")) }()
		synctest.Wait()
		cancel()
		if got := <-waiting; got.Status != zap.Temporary || u.line.Waiting() != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// TestKnown: a password that was right is known until the file is read again; any
// other is hashed, for every user.
func TestKnown(t *testing.T) {
	hash := hashed(t, "secret", 4)
	u, err := read(t, "joe:"+hash+"\nann:"+hashed(t, "x", 4))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var h hashedPasswords
		h.take(u)
		expect := func(name, password string, ok bool, hashes int32) {
			t.Helper()
			before := h.begun.Load()
			got := ask(u, name, password)
			if (got.Status == zap.OK) != ok || h.begun.Load()-before != hashes {
				t.Errorf("%s %s: %d hashes, %+v", name, password, h.begun.Load()-before, got)
			}
		}
		expect("joe", "wrong", false, 1)
		expect("joe", "secret", true, 1)
		expect("joe", "secret", true, 0)
		expect("joe", "wrong", false, 1)
		expect("joe", "", false, 1)
		expect("joe", "secret", true, 0)
		expect("ann", "secret", false, 1)
		expect("nobody", "secret", false, 1)
		expect("", "", false, 1)
		if err := u.Reload(); err != nil {
			t.Fatal(err)
		}
		expect("joe", "secret", true, 1)
		expect("joe", "secret", true, 0)

		// The list changes while a peer waits: the new one counts.
		u.line = turns.NewLine(0)
		waiting := make(chan zap.Reply)
		go func() { waiting <- ask(u, "joe", "first") }()
		go func() { waiting <- ask(u, "joe", "first") }()
		synctest.Wait()
		before := h.begun.Load()
		rewrite(t, u, "joe:"+hashed(t, "first", 4))
		u.line.Leave()
		for range 2 {
			if got := <-waiting; got.Status != zap.OK {
				t.Errorf("%+v", got)
			}
		}
		if n := h.begun.Load() - before; n != 1 {
			t.Errorf("%d hashes for two at a time with the same password", n)
		}
		expect("joe", "secret", false, 1)
		rewrite(t, u, "ann:y")
		expect("joe", "first", false, 0)
	})
}

func rewrite(t *testing.T, u *Users, text string) {
	t.Helper()
	if err := os.WriteFile(u.name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := u.Reload(); err != nil {
		t.Fatal(err)
	}
}
