//go:build linux

package faults

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A date belongs to the whole machine: no namespace has one of its own, and a
// static program asks no library that could be told to lie. So the clock that jumps
// is built in: a zcat whose package time has these additional lines. In turn, for
// half a second each, the date is right, five hours ahead, or seven behind.
const (
	nowLine = "	sec, nsec, mono := runtimeNow()\n"
	jumps   = nowLine + `	switch (mono - startNano) / 500e6 % 3 {
	case 1:
		sec += 5 * 3600
	case 2:
		sec -= 7 * 3600
	}
`
)

// buildJumping builds zcat with that clock.
func buildJumping(t *testing.T) []string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	goroot, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(strings.TrimSpace(string(goroot)), "src/time/time.go")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	begin := strings.Index(string(text), "\nfunc Now() Time {\n"+nowLine)
	if begin < 0 {
		t.Skip("package time reads the clock in another way")
	}
	changed := string(text[:begin]) + strings.Replace(string(text[begin:]), nowLine, jumps, 1)
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {file: filepath.Join(dir, "time.go")}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"time.go": changed, "overlay.json": string(overlay)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bin := filepath.Join(dir, "zcat")
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", bin, "./cmd/zcat")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return []string{bin}
}

// TestDateJumps lets the date jump by hours, back and forth, while messages,
// heartbeats, pauses and time limits go on: only what is printed follows it.
func TestDateJumps(t *testing.T) {
	long(t)
	t.Parallel()
	jumping := buildJumping(t)
	const size, sent, rate = 300, 400, 100
	endpoint := freeEndpoint(t)
	n := newCount(t, size)
	take := n.taker()
	var lock sync.Mutex
	var ahead, behind int
	var last time.Time
	record := func(line []byte) {
		var r struct {
			Time   time.Time
			Frames []string
		}
		if err := json.Unmarshal(line, &r); err != nil {
			t.Errorf("%s: %v", line, err)
			return
		}
		quoted, err := json.Marshal(r.Frames)
		if err != nil {
			t.Error(err)
		}
		take(quoted)
		lock.Lock()
		defer lock.Unlock()
		switch {
		case last.IsZero():
		case r.Time.Sub(last) > time.Hour:
			ahead++
		case r.Time.Sub(last) < -time.Hour:
			behind++
		}
		last = r.Time
	}
	beat := []string{"--heartbeat", "100ms", "--heartbeat-timeout", "60", "-v", "-t", "60"}
	pull := start(t, home, record, slices.Concat(with(jumping, "pull", "-b", endpoint, "--meta", "--idle", "2"), beat)...)
	pull.says(`listening on`, 1)
	push := start(t, home, n.taker(), slices.Concat(with(jumping, "push", "-c", endpoint, "-l", "60", "--rate", fmt.Sprint(rate)), beat)...)
	begin := time.Now()
	for i := range sent {
		if err := push.feed(n.line(lone, i) + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	_ = push.stdin.Close()
	push.wantStatus(0)
	took := time.Since(begin)
	pull.wantStatus(0) // as nothing has come for a while
	<-pull.read
	if least := (sent - 1) * time.Second / rate * 9 / 10; took < least {
		t.Errorf("%d messages at %d a second took %v", sent, rate, took)
	}
	if said, _ := pull.speech.read(); strings.Count(said, " left") != 1 {
		t.Errorf("the peer should leave once, at its end:\n%s", said)
	}
	if ahead < 2 || behind < 2 {
		t.Errorf("the date went %d times ahead and %d times back", ahead, behind)
	}
	n.check(row{
		order: 620, fault: "the date jumps by 5 to 12 hours, twice a second", between: "PUSH with --rate to PULL with --meta, heartbeats",
		promise:  "no wait and no limit of time notices; the times of --meta follow the date",
		measured: fmt.Sprintf("%d jumps ahead, %d back; %d messages at %d a second in %.1f s", ahead, behind, sent, rate, took.Seconds()),
	}, sent, 0)
}
