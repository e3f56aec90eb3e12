package sockets

import (
	"crypto/rand"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/nacl/box"

	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/plain"
)

// plainGreeting is the greeting of a PLAIN client.
var plainGreeting = strings.Replace(greeting(1), "NULL\x00\x00", "PLAIN\x00", 1)

// plainHello returns a HELLO of PLAIN.
func plainHello(name, password string) string {
	return command("HELLO", string([]byte{byte(len(name))})+name+string([]byte{byte(len(password))})+password)
}

// again connects from one of five addresses, where the system has them all on
// loopback, sends text, waits for the end, and does so for ever.
func (a *attackers) again(i int, text string) {
	var dialer net.Dialer
	if runtime.GOOS == "linux" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i%5))}
	}
	network, address := netAddress(a.endpoint)
	a.running.Go(func() {
		for {
			select {
			case <-a.over:
				return
			default:
			}
			nc, err := dialer.Dial(network, address)
			if nc = a.keep(nc, err); nc == nil {
				continue
			}
			_, _ = io.WriteString(nc, text)
			_, _ = io.Copy(io.Discard, nc)
			a.drop(nc)
		}
	})
}

// hellos connects, sends what looks like a HELLO, and does so for ever; with more
// than keep connections the oldest is closed, once the server has greeted it: what
// waits to be accepted asks for no work.
func (a *attackers) hellos(keep int) {
	said := []byte(curveGreeting + command("HELLO", "\x01\x00"+strings.Repeat("\x00", 192)))
	var kept []net.Conn
	for {
		select {
		case <-a.over:
			return
		default:
		}
		nc := a.dial()
		if nc == nil {
			continue
		}
		_, _ = rand.Read(said[len(said)-120:]) // it never fails
		_, _ = nc.Write(said)
		if kept = append(kept, nc); len(kept) > keep {
			_, _ = io.ReadFull(kept[0], make([]byte, len(curveGreeting))) // it may have been sent away
			a.drop(kept[0])
			kept = kept[1:]
		}
	}
}

// drop closes a connection before the end.
func (a *attackers) drop(nc net.Conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_ = nc.Close()
	delete(a.conns, nc)
}

// attackedKeys returns the keys of the CURVE server, which both processes know.
func attackedKeys() curve.Pair {
	secret, err := curve.ParseSecretKey("JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6")
	if err != nil {
		panic(err)
	}
	return curve.Pair{Public: secret.Public(), Secret: secret}
}

func attacksOnServers() []attack {
	return []attack{
		{name: "quiet", onPlain: true, onCurve: true, start: func(*attackers) {}},
		{name: "bad passwords", onPlain: true, start: func(a *attackers) {
			for i := range 50 {
				a.again(i, plainGreeting+plainHello("joe", "guessed"))
			}
		}},
		{name: "bad passwords, 200 at a time", onPlain: true, start: func(a *attackers) {
			for range 200 {
				a.pour(plainGreeting+plainHello("nobody", "guessed"), "")
			}
		}},
		{name: "HELLOs of strangers", onCurve: true, start: func(a *attackers) { // none of them opens
			for range 2 {
				a.running.Go(func() { a.hellos(300) })
			}
		}},
		{name: "HELLOs, again and again", onCurve: true, start: func(a *attackers) { // the same one, which costs nothing
			public, secret, err := box.GenerateKey(rand.Reader)
			if err != nil {
				return
			}
			c := &rawCurve{theirs: attackedKeys().Public, public: public, secret: secret}
			hello := frame(4, c.hello())
			for i := range 50 {
				a.again(i, curveGreeting+hello+command("INITIATE", strings.Repeat("x", 400)))
			}
		}},
	}
}

// TestServersUnderAttack is TestUnderAttack for servers, which work for strangers
// before they know them.
func TestServersUnderAttack(t *testing.T) {
	for _, a := range attacksOnServers() {
		if a.onPlain {
			t.Run("PLAIN/"+a.name, func(t *testing.T) {
				secured(t, a, func(o *Options) {
					o.Security, o.Authorize = PlainServer(), hashedUsers(t, "joe").Handle
				}, with(PlainClient("joe", "secret")))
			})
		}
		if a.onCurve {
			t.Run("CURVE/"+a.name, func(t *testing.T) {
				secured(t, a, with(CurveServer(attackedKeys())), with(CurveClient(attackedKeys().Public, newKeys(t))))
			})
		}
	}
}

func secured(t *testing.T, a attack, server, client Option) {
	t.Helper()
	underAttack(t, a, Rep, func(t *testing.T, s *Socket, endpoint string) (once func()) {
		t.Helper()
		return requestsOf(t, s, endpoint, client)
	}, server)
}

// hashedUsers is a list of users whose password is secret, and hashed.
func hashedUsers(tb testing.TB, names ...string) *plain.Users {
	tb.Helper()
	var text strings.Builder
	for _, name := range names {
		hash, err := bcrypt.GenerateFromPassword([]byte("secret"), 8)
		try(tb, err)
		_, _ = text.WriteString(name + ":" + string(hash) + "\n")
	}
	file := filepath.Join(tb.TempDir(), "users")
	try(tb, os.WriteFile(file, []byte(text.String()), 0o600))
	users, err := plain.ReadUsers(file)
	try(tb, err)
	return users
}
