package transport

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// inOwnNetwork runs the test again in a process that has a network of its own, with what
// the lines of ip set up there, and reports whether this is that process. Where the
// machine has no networks to give, the test is skipped.
func inOwnNetwork(t *testing.T, lines ...string) bool {
	t.Helper()
	if os.Getenv(inRoom) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), inRoom+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Skipf("this machine has no networks to give: %v", err)
		}
		if err := cmd.Wait(); err != nil {
			t.Fatalf("%v\n%s", err, &out)
		}
		if strings.Contains(out.String(), "--- SKIP") {
			t.Skip(out.String())
		}
		return false
	}
	for _, line := range lines {
		words := strings.Fields(line)
		if out, err := exec.CommandContext(t.Context(), words[0], words[1:]...).CombinedOutput(); err != nil {
			t.Skipf("%s: %v %s", line, err, out)
		}
	}
	return true
}

// A listener that is kept to a network interface is reached through that alone, and so is
// what a connection is made from.
func TestDevice(t *testing.T) {
	if !inOwnNetwork(t, "ip link set lo up", "ip link add one type veth peer name two", "ip address add 10.77.0.1/24 dev one", "ip link set one up") {
		return
	}
	bound := func(device string) Listener {
		l, err := parse(t, "tcp://0.0.0.0:*").Listen(Settings{Device: device}.With(t.Context()))
		try(t, err)
		return l
	}
	port := func(l Listener) string { return l.Endpoint()[strings.LastIndex(l.Endpoint(), ":"):] }
	lo, one := bound("lo"), bound("one")
	for _, c := range []struct {
		name, endpoint, device string
		want                   error
	}{
		{"through its interface", "tcp://127.0.0.1" + port(lo), "", nil},
		{"through another one", "tcp://127.0.0.1" + port(one), "", syscall.ECONNREFUSED},
		{"from its interface", "tcp://127.0.0.1" + port(lo), "lo", nil},
		{"from one that is not there", "tcp://127.0.0.1" + port(lo), "none", syscall.ENODEV},
	} {
		nc, err := parse(t, c.endpoint).DialWithin(Settings{Device: c.device}.With(t.Context()), 0)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if nc != nil {
			try(t, nc.Close())
		}
	}
	if _, err := parse(t, "tcp://0.0.0.0:*").Listen(Settings{Device: "none"}.With(t.Context())); !errors.Is(err, syscall.ENODEV) {
		t.Errorf("a listener on an interface that is not there: %v", err)
	}
	try(t, lo.Close())
	try(t, one.Close())
}
