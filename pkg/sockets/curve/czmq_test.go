package curve

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// czmq runs scripts/peers/zcert.py, and returns the keys and the name that CZMQ
// knows a certificate by.
func czmq(t *testing.T, action, name string) (public, secret, meta string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", "../../../scripts/peers/zcert.py", action, name)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(out), "\n")
	if len(lines) != 4 {
		t.Fatalf("CZMQ said %q", out)
	}
	return lines[0], lines[1], lines[2]
}

// TestC94CZMQReadsOurs: CZMQ loads a certificate of ours, with its secret key
// from the file beside it, and without.
func TestC94CZMQReadsOurs(t *testing.T) {
	keys, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	ours := &Certificate{Metadata: []Item{{"name", "joe # smith"}}, Pair: keys}
	name := filepath.Join(t.TempDir(), "ours.key")
	if err := os.WriteFile(name, ours.AppendPublic(nil), 0o600); err != nil {
		t.Fatal(err)
	}
	public, secret, meta := czmq(t, "load", name)
	if public != keys.Public.String() || secret != noSecret || meta != "joe # smith" {
		t.Errorf("CZMQ read %s and another secret key, %q", public, meta)
	}
	if err := os.WriteFile(name+"_secret", ours.AppendSecret(nil), 0o600); err != nil {
		t.Fatal(err)
	}
	public, secret, meta = czmq(t, "load", name)
	if public != keys.Public.String() || secret != keys.Secret.Text() || meta != "joe # smith" {
		t.Errorf("CZMQ read %s and another secret key, %q", public, meta)
	}
}

// TestC94WeReadCZMQs: a certificate that CZMQ wrote loads.
func TestC94WeReadCZMQs(t *testing.T) {
	name := filepath.Join(t.TempDir(), "theirs")
	public, secret, _ := czmq(t, "new", name)
	for _, file := range []string{name, name + "_secret"} {
		c, err := ReadCertificate(file)
		if err != nil {
			t.Fatal(err)
		}
		if c.Public.String() != public || len(c.Metadata) != 1 || c.Metadata[0] != (Item{"name", "joe # smith"}) {
			t.Errorf("%s: %+v", file, c)
		}
		if hasSecret := file != name; c.Secret.IsZero() == hasSecret || hasSecret && c.Secret.Text() != secret {
			t.Errorf("%s: another secret key", file)
		}
	}
}
