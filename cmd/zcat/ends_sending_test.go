//go:build linux

package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// What becomes of a message that cannot be delivered: every type that sends, beside peers
// that refuse it, are not there, stop reading or leave.

// sender is a command that sends a message, and what its peer is to say.
type sender struct {
	command string // with the flags that end it
	peer    string // the socket type of a peer that fits
	first   string // what else it says first, in wire form
	frames  string // those in front of the body, in JSON
}

// senders are all types that send of themselves to peers that they do not number.
func senders() []sender {
	const subscription, join = "\x00\x01\x01", "\x04\x06\x04JOINg"
	return []sender{
		{"push", "PULL", "", ""},
		{"pub", "SUB", subscription, ""},
		{"req -t 2", "ROUTER", "", ""},
		{"dealer --idle 50ms", "ROUTER", "", ""},
		{"router --idle 50ms", "DEALER", "", `"joe",`},
		{"pair --idle 50ms", "PAIR", "", ""},
		{"xpub --idle 50ms", "SUB", subscription, ""},
		{"xsub --idle 50ms", "XPUB", "", ""},
		{"scatter", "GATHER", "", ""},
		{"radio", "DISH", join, `"g",`},
		{"client --idle 50ms", "SERVER", "", ""},
		{"channel --idle 50ms", "CHANNEL", "", ""},
	}
}

// greeting is that of a peer without security, of ZMTP 3.0: it waits for nobody.
const greeting = "\xff\x00\x00\x00\x00\x00\x00\x00\x00\x7f\x03\x00NULL" // and zeros up to 64 bytes

// ready is the command with which a peer tells its type.
func ready(kind string) string {
	property := func(name, value string) string {
		return string([]byte{byte(len(name))}) + name + string(binary.BigEndian.AppendUint32(nil, uint32(len(value)))) + value
	}
	body := "\x05READY" + property("Socket-Type", kind)
	if kind == "DEALER" {
		body += property("Identity", "joe")
	}
	return "\x04" + string([]byte{byte(len(body))}) + body
}

// mute is a peer that shakes hands as a type and then reads nothing, or leaves once the
// message has begun to come. It is there once nc is made.
func (x *ending) mute(nc net.Conn, says string, leaves bool, gone func()) {
	_, err := nc.Write([]byte(greeting + strings.Repeat("\x00", 64-len(greeting)) + says))
	if err == nil {
		_, err = io.ReadFull(nc, make([]byte, 64))
	}
	size := make([]byte, 2) // of its READY
	if err == nil {
		_, err = io.ReadFull(nc, size)
	}
	if err == nil {
		_, err = io.ReadFull(nc, make([]byte, size[1]))
	}
	if err == nil && leaves {
		_, err = io.ReadFull(nc, make([]byte, 1<<10))
		gone()
		_ = nc.Close()
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		_ = nc.Close() // it was refused, which is what is looked at
	}
}

// listening serves connections to the endpoint peer.
func (x *ending) listening(says string, leaves bool) {
	x.t.Helper()
	l, err := net.Listen("unix", filepath.Join(x.dir, "peer"))
	x.try(err)
	var served sync.WaitGroup
	served.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			x.clean = append(x.clean, func() { _ = nc.Close() })
			served.Go(func() { x.mute(nc, says, leaves, func() { _ = l.Close() }) })
		}
	})
	x.clean = append(x.clean, served.Wait, func() { _ = l.Close() })
}

// body is larger than what the kernel holds between two processes.
var body = strings.Repeat("x", 4<<20)

// sendingCells are the endings of all senders.
func sendingCells() (cells []endCell) {
	for _, s := range senders() {
		for _, c := range []struct {
			end    string
			says   string
			leaves bool
		}{
			{"its peer refuses", ready(map[bool]string{true: "SUB", false: "PULL"}[s.peer == "PULL" || s.peer == "GATHER"]), false},
			{"nobody comes within the linger", "", false},
			{"its peer reads nothing", ready(s.peer) + s.first, false},
			{"its peer leaves in the middle of the message", ready(s.peer) + s.first, true},
		} {
			cells = append(cells, endCell{command: s.command, end: c.end, own: true, steps: func(x *ending, args []string) {
				x.undelivered(s, args, c.says, c.leaves)
			}})
		}
	}
	return cells
}

// undelivered starts a sender whose message does not arrive.
func (x *ending) undelivered(s sender, args []string, says string, leaves bool) {
	x.t.Helper()
	args = append(args, "--summary")
	if fits := strings.Contains(says, s.peer); !fits {
		// Its message is known from the beginning.
		if says != "" {
			x.listening(says, false)
			if args[0] == "router" {
				args = append(args, "--wait-peers", "1") // else it may find out first that nobody has the id
			}
		}
		args = append(args, "--connect", "./peer", "--linger", "200ms")
		x.start(false, append(args, strings.FieldsFunc(s.frames+"x", func(r rune) bool { return r == '"' || r == ',' })...)...)
		return
	}
	if args[0] == "router" {
		args = append(args, "--wait-peers", "1")
	}
	x.listening(says, leaves)
	x.start(false, append(args, "--connect", "./peer", "--linger", "200ms")...)
	_, err := x.stdin.WriteString("[" + s.frames + `"` + body + `"]` + "\n")
	if !errors.Is(err, io.ErrClosedPipe) && !strings.Contains(fmt.Sprint(err), "broken pipe") {
		x.try(err)
	}
	if args[0] == "push" || args[0] == "pub" || args[0] == "req" || args[0] == "scatter" || args[0] == "radio" {
		_ = x.stdin.Close()
	}
}

// asSummed checks that what is said of messages is what the summary counts.
func (x *ending) asSummed(said string) {
	x.t.Helper()
	at := strings.LastIndex(x.said.String(), `{"summary":`)
	if at < 0 {
		return
	}
	var sum struct {
		Summary struct{ Unsent, Lost, Unroutable int }
	}
	x.try(json.Unmarshal([]byte(x.said.String()[at:]), &sum))
	for pattern, n := range map[string]int{
		`(\d+) messages? left unsent`: sum.Summary.Unsent, `(\d+) messages? lost with`: sum.Summary.Lost,
	} {
		want := "0"
		if found := regexp.MustCompile(pattern).FindStringSubmatch(said); found != nil {
			want = found[1]
		}
		if fmt.Sprint(n) != want {
			x.t.Errorf("%v: said %s, and the summary counts %+v", x.cmd, said, sum.Summary)
		}
	}
}
