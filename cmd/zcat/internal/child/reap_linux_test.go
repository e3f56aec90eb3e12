package child

import (
	"errors"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// asInit makes the test run as process 1, with its namespace to itself.
const asInit = "ZCAT_TEST_AS_INIT"

// As process 1 a program reaps what its commands leave behind, and nothing that is
// waited for.
func TestReap(t *testing.T) {
	if os.Getenv(asInit) != "" {
		reapAsInit(t)
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	flags := []string{"--pid", "--fork", "--kill-child"}
	if os.Getuid() != 0 {
		flags = append(flags, "--user", "--map-root-user")
	}
	if out, err := exec.CommandContext(t.Context(), "unshare", append(flags, "true")...).CombinedOutput(); err != nil {
		t.Skipf("no PID namespace can be made here: %v: %s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), "unshare", append(flags, self, "-test.run=^TestReap$")...)
	cmd.Env = append(os.Environ(), asInit+"=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func reapAsInit(t *testing.T) {
	t.Helper()
	if os.Getpid() != 1 {
		t.Fatalf("this is process %d", os.Getpid())
	}
	var set Set
	defer set.Reap()()
	var runs sync.WaitGroup
	for range 20 {
		runs.Go(func() {
			for range 5 {
				// What takes a session of its own outlives the command.
				_, err := set.Run(t.Context(), job("setsid sleep 0 & setsid sh -c 'sleep 0.01 & exit' & exit 3"), nil)
				var exit *ExitError
				if !errors.As(err, &exit) || exit.Status != 3 {
					t.Errorf("error %v", err)
				}
			}
		})
	}
	runs.Wait()
	again, late := time.NewTicker(time.Millisecond), time.After(patience)
	defer again.Stop()
	for !errors.Is(unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil), syscall.ECHILD) {
		select {
		case <-again.C:
		case <-late:
			t.Fatal("somebody is left")
		}
	}
}
