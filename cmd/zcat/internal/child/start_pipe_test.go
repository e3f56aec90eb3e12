//go:build unix

package child

import (
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// A command ends by SIGPIPE as in a shell, although this process ignores that.
func TestCommandsEndByPipe(t *testing.T) {
	signal.Ignore(syscall.SIGPIPE)
	defer signal.Reset(syscall.SIGPIPE)
	j := job(`{ yes 2>/dev/null; echo $? >"$STATUS"; } | head -n 1 >/dev/null; cat "$STATUS"`)
	j.Env = append(j.Env, "STATUS="+filepath.Join(t.TempDir(), "status"))
	out, err := new(Set).Run(t.Context(), j, nil)
	if err != nil || string(out) != "141\n" {
		t.Errorf("%q, %v, want the status of a death by SIGPIPE", out, err)
	}
}
