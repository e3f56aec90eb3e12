package child

import (
	"bufio"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A signal to the whole group, as Ctrl-C or timeout(1) sends it, reaches no command, however
// early it comes. The test runs itself in a group of its own for that.
func TestNoCommandIsEndedWhileItStarts(t *testing.T) {
	const variable, count = "CHILD_TEST_STARTS", 400
	if os.Getenv(variable) != "" {
		signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)
		_, _ = os.Stdout.WriteString("ready\n")
		var set Set
		for range count {
			out, err := set.Run(t.Context(), job("echo done"), nil)
			if err != nil || string(out) != "done\n" {
				t.Fatalf("%q, %v", out, err)
			}
		}
		return
	}
	program := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	program.Env = append(os.Environ(), variable+"=1")
	program.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	lines, ended := bufio.NewReader(out), make(chan struct{})
	if line, err := lines.ReadString('\n'); line != "ready\n" {
		t.Fatalf("%q, %v", line, err)
	}
	var said strings.Builder
	go func() {
		defer close(ended)
		_, _ = lines.WriteTo(&said)
	}()
	sent, often := 0, time.NewTicker(200*time.Microsecond)
	defer often.Stop()
	for over := false; !over; {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			if syscall.Kill(-program.Process.Pid, sig) == nil {
				sent++
			}
			<-often.C
		}
		select {
		case <-ended:
			over = true
		default:
		}
	}
	if err := program.Wait(); err != nil {
		t.Errorf("%v after %d signals: %s", err, sent, said.String())
	}
}
