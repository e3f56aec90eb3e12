package sockets

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// peersTable is the file that TestPeers writes where ZCAT_PEERS names it.
const peersTable = "../../testdata/peers.md"

// The columns of the table: who the other side is.
var peersColumns = []string{"libzmq", draftsColumn, "JeroMQ 0.3.6", "zmq4 0.17.0", "libzmq, ws", "libzmq, ws, PLAIN", "libzmq, ws, CURVE", "jszmq, ws", "Chromium, ws", "nc", "curl"}

// TestPeers exchanges messages of each legal pair with each other implementation, in
// both roles, and writes what passed to a table (make peers). Without a Java it only
// sees to it that the table has all pairs, and nothing that failed.
func TestPeers(t *testing.T) {
	rows := map[string]map[string]string{}
	file := os.Getenv("ZCAT_PEERS")
	if file == "" {
		checkPeersTable(t)
		return
	}
	version, err := exec.CommandContext(t.Context(), "/usr/bin/python3", "-c", "import zmq; print(zmq.zmq_version(), zmq.pyzmq_version())").Output()
	try(t, err)
	note := func(pair [2]Type, with string, roles ...bool) func(talk func(t *testing.T, binds bool)) {
		return func(talk func(t *testing.T, binds bool)) {
			var passed []string
			for _, binds := range roles {
				role := map[bool]string{true: "bound", false: "connected"}[binds]
				if t.Run(fmt.Sprintf("%s-%s/%s/%s", pair[0], pair[1], with, role), func(t *testing.T) { talk(t, binds) }) {
					passed = append(passed, role)
				} else {
					passed = append(passed, role+": FAILED")
				}
			}
			key := peersKey(pair)
			if rows[key] == nil {
				rows[key] = map[string]string{}
			}
			rows[key][with] = strings.Join(passed, ", ")
		}
	}
	jeromq := startJeroMQ(t)
	for pair, talk := range interopPairs() {
		note(pair, "libzmq", true, false)(func(t *testing.T, binds bool) {
			t.Helper()
			interop(t, pair, "tcp", binds, talk)
			interop(t, pair, "ipc", binds, talk)
		})
	}
	for pair, talk := range jeromqPairs() {
		note(pair, "JeroMQ 0.3.6", true, false)(func(t *testing.T, binds bool) {
			t.Helper()
			interopWith(t, jeromq, pair, "tcp", binds, talk, nil)
		})
	}
	for pair, talk := range draftPairs() {
		note(pair, draftsColumn, true, false)(func(t *testing.T, binds bool) {
			t.Helper()
			interopDrafts(t, pair, "tcp", binds, talk)
			interopDrafts(t, pair, "ipc", binds, talk)
			interopDrafts(t, pair, "ws", binds, talk)
		})
	}
	for pair, talk := range interopPairs() {
		for column, library := range map[string]string{"libzmq, ws": "zeromq", "jszmq, ws": "jszmq"} {
			note(pair, column, true, false)(func(t *testing.T, binds bool) {
				t.Helper()
				interopWith(t, startNode(library), pair, "ws", binds, talk, nil)
			})
		}
		for _, mechanism := range []string{"PLAIN", "CURVE"} {
			note(pair, "libzmq, ws, "+mechanism, true, false)(func(t *testing.T, binds bool) {
				t.Helper()
				interopSecured(t, mechanism, pair, binds, talk)
			})
		}
	}
	note([2]Type{Pub, Sub}, "Chromium, ws", true)(browserSubscribes)
	note([2]Type{Rep, Req}, "Chromium, ws", true)(browserAsks)
	note([2]Type{Pull, Push}, "Chromium, ws", true)(browserPushes)
	zmq4 := startZMQ4(t)
	for pair, talk := range zmq4Pairs() {
		note(pair, "zmq4 0.17.0", true, false)(func(t *testing.T, binds bool) {
			t.Helper()
			interopWith(t, zmq4, pair, "tcp", binds, talk, nil)
		})
	}
	raw := [2]Type{Stream, Stream}
	note(raw, "libzmq", true, false)(interopStream)
	note(raw, "nc", true, false)(streamWithNetcat)
	note(raw, "curl", true)(func(t *testing.T, _ bool) {
		t.Helper()
		streamWithCurl(t)
	})
	versions := strings.Fields(string(version))
	try(t, os.WriteFile(file, []byte(peersPage(rows, versions[0], versions[1])), 0o644))
}

func peersKey(pair [2]Type) string {
	if pair[0].Raw() {
		return fmt.Sprintf("| %s | raw TCP, for libzmq its STREAM |", pair[0])
	}
	return fmt.Sprintf("| %s | %s |", pair[0], pair[1])
}

// peersKeys are the first two columns of all rows.
func peersKeys() []string {
	var keys []string
	for _, t := range Types() {
		for _, peer := range t.Peers() {
			keys = append(keys, peersKey([2]Type{t, peer}))
		}
		if t.Raw() {
			keys = append(keys, peersKey([2]Type{t, t}))
		}
	}
	return keys
}

func peersPage(rows map[string]map[string]string, libzmq, pyzmq string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Who zcat's sockets exchange messages with\n\nWritten by `make peers`: each conversation has several messages, of many frames and sizes, in the "+
		"directions\nthat the types have. The cell says in which roles ours was. libzmq %s (pyzmq %s) over tcp and ipc,\nits drafts those of npm's zeromq 6.8, over ws too; JeroMQ over tcp in ZMTP 2.0, zmq4 (go-zeromq) over tcp. Over ws: libzmq 4.3.5\n"+
		"(zeromq 6.8 of npm; NULL, and PLAIN and CURVE whose server is who binds), jszmq 0.1.2, and a page in Chromium that has scripts/browser/page.html's own few\nlines: 10,000 messages in order, a thousand requests.\n\n", libzmq, pyzmq)
	fmt.Fprintf(&b, "| ours | theirs | %s |\n|%s\n", strings.Join(peersColumns, " | "), strings.Repeat(" --- |", 2+len(peersColumns)))
	for _, key := range peersKeys() {
		b.WriteString(key)
		for _, column := range peersColumns {
			cell := rows[key][column]
			if cell == "" {
				cell = "-"
			}
			b.WriteString(" " + cell + " |")
		}
		b.WriteString("\n")
	}
	b.WriteString("\nWhat the conversations with zmq4 go around, since its sockets do otherwise than ZeroMQ's:\n\n")
	for _, kind := range Types() {
		if fault := zmq4Faults[kind]; fault != "" {
			fmt.Fprintf(&b, "- %s %s\n", kind, fault)
		}
	}
	return b.String()
}

func checkPeersTable(t *testing.T) {
	t.Helper()
	page, err := os.ReadFile(peersTable)
	try(t, err)
	lines := strings.Split(string(page), "\n")
	for _, key := range peersKeys() {
		at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, key) })
		if at < 0 || !strings.Contains(lines[at], "bound, connected") {
			t.Errorf("%s has no row with both roles: run make peers", key)
		}
	}
	if strings.Contains(string(page), "FAILED") {
		t.Error("something failed")
	}
}

// streamWithNetcat exchanges bytes with nc, which ends its half once its input is over.
func streamWithNetcat(t *testing.T, binds bool) {
	t.Helper()
	s := newSocket(t, Stream, quickly)
	var nc *exec.Cmd
	if binds {
		_, port, err := net.SplitHostPort(strings.TrimPrefix(bind(t, s, anyPort), "tcp://"))
		try(t, err)
		nc = exec.CommandContext(t.Context(), "nc", "-N", "127.0.0.1", port)
	} else {
		l := listenRaw(t, anyPort) // a port that is free
		_, port, err := net.SplitHostPort(strings.TrimPrefix(l.endpoint, "tcp://"))
		try(t, err)
		try(t, l.Close())
		nc = exec.CommandContext(t.Context(), "nc", "-l", "127.0.0.1", port)
		try(t, s.Connect(l.endpoint))
	}
	in, err := nc.StdinPipe()
	try(t, err)
	var out strings.Builder
	nc.Stdout = &out
	try(t, nc.Start())
	id := expectNotice(t, s)
	_, err = in.Write([]byte("hello\n"))
	try(t, err)
	chunks(t, s, id, "hello\n")
	sendParts(t, s, id, "world\n")
	sendParts(t, s, id, "")
	try(t, in.Close())
	if err := nc.Wait(); err != nil || out.String() != "world\n" {
		t.Errorf("nc got %q, %v", out.String(), err)
	}
}

// streamWithCurl answers two requests of curl.
func streamWithCurl(t *testing.T) {
	t.Helper()
	s := newSocket(t, Stream)
	url := "http://" + strings.TrimPrefix(bind(t, s, anyPort), "tcp://") + "/"
	type answer struct {
		out []byte
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		out, err := exec.CommandContext(t.Context(), "curl", "-sS", url+"a", url+"b").Output()
		answers <- answer{out, err}
	}()
	id := expectNotice(t, s)
	for _, path := range []string{"/a", "/b"} {
		m, err := s.Recv(within(t))
		try(t, err)
		if !strings.HasPrefix(string(m[1]), "GET "+path+" HTTP/1.1\r\n") {
			t.Errorf("%q", m)
		}
		sendParts(t, s, id, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"+path)
	}
	if got := <-answers; got.err != nil || string(got.out) != "/a/b" {
		t.Errorf("curl got %q, %v", got.out, got.err)
	}
}
