//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// recorded has tcpdump write a capture of what libzmq's sockets say to each other, in a
// network of their own, and returns its name and what they said.
func recorded(t *testing.T) (capture string, said []byte) {
	t.Helper()
	for _, tool := range []string{"tcpdump", "unshare", "ip"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("tcpdump in a network of its own needs root")
	}
	peers, err := filepath.Abs("../../scripts/peers/traffic.py")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	dir := t.TempDir()
	if err := exec.CommandContext(ctx, "unshare", "-n", "true").Run(); err != nil {
		t.Skip("no network of its own: ", err)
	}
	// tcpdump says that it listens once it does. At its end it leaves what it has not read
	// yet: it is ended once it has written what comes last.
	cmd := exec.CommandContext(ctx, "unshare", "-n", "sh", "-ec", `
		ip link set lo up
		mkfifo said
		tcpdump -Z root -i lo --immediate-mode -B 16384 -U -w traffic.pcap tcp 2>said & dumper=$!
		exec 3<said
		while read -r line <&3; do case $line in *listening*) break ;; esac done
		cat <&3 >/dev/null &
		/usr/bin/python3 "$0"
		/usr/bin/python3 -c 'import socket
l = socket.create_server(("127.0.0.1", 0))
c = socket.create_connection(l.getsockname())
c.sendall(b"this comes last")
l.accept()[0].recv(20)'
		until grep -aq "this comes last" traffic.pcap; do sleep 0.01; done
		kill -TERM $dumper
		wait $dumper
	`, peers)
	cmd.Dir = dir
	var errs bytes.Buffer
	cmd.Stderr = &errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	if said, err = cmd.Output(); err != nil {
		t.Fatalf("%v\n%s%s", err, said, &errs)
	}
	return filepath.Join(dir, "traffic.pcap"), said
}

// What show finds in packets is what libzmq's sockets said, and no secret.
func TestShowIsWhatWasSaid(t *testing.T) {
	capture, said := recorded(t)
	var want []string
	for line := range bytes.Lines(said) {
		var list []string
		if err := json.Unmarshal(line, &list); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		want = append(want, strings.Join(list, " "))
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, "zcat", "show", capture, "--commands").Output()
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{} // of the sockets, by their endpoints
	var got []string
	sealed := 0
	for line := range bytes.Lines(out) {
		var event struct {
			Peer, Event, Name string
			Metadata          map[string]any
		}
		if err := json.Unmarshal(line, &event); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if kind, ok := event.Metadata["Socket-Type"].(string); ok {
			types[event.Peer] = kind
		}
		switch event.Event {
		case "sealed":
			sealed++
		case "lost":
			t.Errorf("%s", line)
		case "":
			var b frames.Batch
			r, err := frames.NewDecoder(bytes.NewReader(line), frames.JSON, frames.DecoderOptions{}).DecodeRecord(&b)
			if err != nil {
				t.Fatal(err)
			}
			message := types[r.Peer]
			for _, frame := range b.Next() {
				message += " " + hex.EncodeToString(frame)
			}
			got = append(got, message)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || len(want) != 14 {
		t.Errorf("got\n%.2000s\nwant\n%.2000s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if sealed == 0 || strings.Contains(string(out), "a secret") {
		t.Errorf("%d sealed messages", sealed)
	}
	// A request is one exchange on both sides of the queue, as a ladder has it.
	ladder, err := exec.CommandContext(ctx, "zcat", "show", capture, "--out", "ladder").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range []string{" #1 ", " #2 ", " #3 "} {
		if n := strings.Count(string(ladder), number); n != 4 {
			t.Errorf("exchange%sof %d messages:\n%s", number, n, ladder)
		}
	}
	if strings.Contains(string(ladder), " #4 ") || strings.Contains(string(ladder), "#?") {
		t.Errorf("another exchange:\n%s", ladder)
	}
	// What a client asked it can be made to ask again.
	for endpoint, kind := range types {
		if kind == "REQ" {
			asksAgain(t, capture, endpoint)
		}
	}
}

// asksAgain has a service of libzmq's asked what was asked from an endpoint in a capture.
func asksAgain(t *testing.T, capture, endpoint string) {
	t.Helper()
	service := "ipc://" + t.TempDir() + "/service"
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	rep := exec.CommandContext(ctx, "/usr/bin/python3", "-c", `import sys, zmq
rep = zmq.Context().socket(zmq.REP)
rep.bind(sys.argv[1])
for _ in range(3):
    asked = rep.recv_multipart()
    print(*[len(frame) for frame in asked], flush=True)
    rep.send_multipart(asked)`, service)
	var heard bytes.Buffer
	rep.Stdout = &heard
	if err := rep.Start(); err != nil {
		t.Fatal(err)
	}
	replay := exec.CommandContext(ctx, "sh", "-c", `zcat show "$1" --out json --from client --peer "$2" | zcat replay - --connect "$3" --as req --speed max`,
		"sh", capture, endpoint, service)
	if out, err := replay.CombinedOutput(); err != nil {
		t.Errorf("%v: %.300s", err, out)
	}
	if err := rep.Wait(); err != nil || heard.String() != "5\n0 300\n200000\n" {
		t.Errorf("%v: it was asked %q", err, &heard)
	}
}
