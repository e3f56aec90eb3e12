package hub

import (
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/session"
	"github.com/zcat/zcat/pkg/sockets/curve"
)

// roles are the sides of each mechanism, with all that goes with them.
var roles = []struct{ name, flags string }{
	{"nobody", ""},
	{"curve server", "--curve-server --curve-secret my.key_secret --curve-allow friends"},
	{"curve client by key", "--curve-server-key=54jZosq9j9Ru=/nfqL3/TW9JNyKATH1S3V9Gun+P --curve-secret my.key_secret"},
	{"curve client by certificate", "--curve-server-cert server.key"},
	{"plain server", "--plain-server users"},
	{"plain client", "--plain-user joe --plain-password-file password"},
}

// TestPartsOwnMechanism: the mechanism and the side that a socket's own line says take the
// place of the hub's, with all that goes with those; a line that says none has the hub's.
func TestPartsOwnMechanism(t *testing.T) {
	for _, outer := range roles {
		for _, inner := range roles {
			words := append(strings.Fields(outer.flags), "s=router -b :1 "+inner.flags)
			s, err := configured(t, words)
			if err != nil {
				t.Errorf("%s in a hub that is a %s: %v", inner.name, outer.name, err)
				continue
			}
			want := inner
			if inner.flags == "" {
				want = outer
			}
			if got := roleOf(s.Access); got != want.name {
				t.Errorf("%s in a hub that is a %s became a %s", inner.name, outer.name, got)
			}
			a := s.Access
			if a.CurveAllow != "" && !a.CurveServer || a.PlainPasswordFile != "" && !a.PlainUserGiven ||
				a.CurveSecret != "" && !strings.HasPrefix(want.name, "curve") {
				t.Errorf("%s in a hub that is a %s is left with %+v", inner.name, outer.name, a)
			}
		}
		// What takes the hub's mechanism back leaves none of its flags behind.
		if outer.name == "curve server" {
			s, err := configured(t, append(strings.Fields(outer.flags), "s=router -b :1 --curve-server=false"))
			if err != nil || roleOf(s.Access) != "nobody" {
				t.Errorf("--curve-server=false: %+v, %v", s, err)
			}
		}
	}
	// A key of its own leaves the rest of the hub's mechanism as it is.
	s, err := configured(t, append(strings.Fields(roles[1].flags), "s=router -b :1 --curve-secret other.key_secret"))
	if err != nil || s.Access.CurveSecret != "other.key_secret" || s.Access.CurveAllow != "friends" || !s.Access.CurveServer {
		t.Errorf("a key of its own: %+v, %v", s, err)
	}
}

// configured is the first socket of a hub.
func configured(t *testing.T, words []string) (*line.Config, error) {
	t.Helper()
	w, _ := line.NewCatalogue("zcat", slices.Concat(session.Commands(), []line.Maker{{Name: "hub", Make: Command}})...).Find("hub")
	written, err := line.Normalise(w, words)
	if err != nil {
		return nil, err
	}
	c, err := line.Configure(w, written, func(string) (string, bool) { return "", false }, func(*line.Config) {}, func(c *line.Config) { c.Settle(false, false) })
	if err != nil {
		return nil, err
	}
	return of(c).sockets[0].Config, nil
}

func roleOf(a access.Settings) string {
	var is []string
	for i, holds := range []bool{
		a == access.Settings{}, a.CurveServer, a.CurveServerKey != (curve.PublicKey{}), a.CurveServerCert != "", a.PlainServer != "", a.PlainUserGiven,
	} {
		if holds {
			is = append(is, roles[i].name)
		}
	}
	return strings.Join(is, " and ")
}
