//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
)

// huge is the size of a message that passes through a filter, in bytes: little more and
// --max-size would be in the way.
const huge = 60 << 20

// The most that a huge message may take beyond what the command takes anyway, in sizes of it:
// while it goes to the filter, where it is once; while a message is made of a line, or sent,
// or comes in buffers that grow as its bytes do, where it is twice; and where it gets a
// routing id besides when it has come. Once more would be a copy too many.
const (
	hugeOnce   = 1.6
	hugeTwice  = 2.6
	hugeThrice = 3.6
)

// TestMemoryOfFilters sends a huge message through the filter of each command that has one.
func TestMemoryOfFilters(t *testing.T) {
	bin := plainBinary(t)
	body := around("", huge, "")
	ask := [][]string{{"req", "-c", "./s", "--raw", "-t", "60"}}
	for _, c := range []struct {
		name   string
		words  []string
		coming float64
		peers  [][]string // the first sends the message, the last prints what comes of it
	}{
		{"hub", []string{"hub", "r=router -b ./s"}, hugeThrice, ask},
		{"router", []string{"router", "-b", "./s"}, hugeThrice, ask},
		{"rep", []string{"rep", "-b", "./s"}, hugeTwice, ask},
		{"proxy", []string{"proxy", "--streamer", "./s", "./b"}, hugeTwice, [][]string{
			{"push", "-c", "./s", "--raw"}, {"pull", "-c", "./b", "--raw", "-n", "1"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMeasured(t, bin, body)
			// It reads a byte of the line, and the rest of it, and writes it, when it is let.
			m.start(append(c.words, "--filter", "dd bs=1 count=1 of=first 2>dd.log; mv first begun; read -r _ <gate; "+
				"{ cat begun; head -n 1; } >line; mv line whole; read -r _ <gate; cat whole; exec cat")...)
			var peers []*exec.Cmd
			for i, words := range c.peers {
				peers = append(peers, m.peer(fmt.Sprint("out", i), words...))
			}
			m.await("begun") // all of it came
			m.within("coming", c.coming)
			m.open()
			m.await("whole")
			m.within("going to the filter", hugeOnce)
			m.awaitFree()
			m.open()
			for _, p := range peers {
				m.wait(p)
			}
			m.printed(fmt.Sprint("out", len(peers)-1), body)
			m.within("coming back", hugeTwice)
		})
	}
}

// TestMemoryOfFilteredRequests has the filter of req write a huge request.
func TestMemoryOfFilteredRequests(t *testing.T) {
	bin := plainBinary(t)
	for _, c := range []struct {
		name  string
		reply string
		most  float64
	}{
		{"thanks", "thanks", 2.9}, // a bit of it has been read ahead
		{"echo", "--echo", hugeThrice},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMeasured(t, bin, around(`["`, huge, "\"]\n"))
			m.peer("requests", "rep", "-b", "./s", "--endpoint-file", "bound", c.reply)
			m.await("bound")
			m.start("req", "-c", "./s", "--filter", "read -r _ <gate; cat body; head -n 1 | wc -c >count; mv count counted; exec cat")
			m.open()
			m.await("counted") // the reply was read
			m.within("request and reply", c.most)
		})
	}
}

// TestMemoryOfLongLines has push read a long line, or as much without lines: the message is
// in memory twice, once as what is read and once as what it becomes.
func TestMemoryOfLongLines(t *testing.T) {
	bin := plainBinary(t)
	for _, c := range []struct{ format, before, after string }{{"json", `["`, "\"]\n"}, {"text", "", "\n"}, {"raw", "", ""}} {
		t.Run(c.format, func(t *testing.T) {
			m := newMeasured(t, bin, around(c.before, 2*huge, c.after))
			pull := m.peer("out", "pull", "-b", "./s", "--max-size", "1G", "-n", "1", "--raw", "--endpoint-file", "bound")
			m.await("bound")
			stdin := m.start("push", "-f", c.format, "-c", "./s", "--max-size", "1G", "--hwm-bytes", "1G", "-l", "60")
			pour(t, filepath.Join(m.dir, "body"), stdin)
			if c.after != "" { // else its end is that of stdin
				m.wait(pull)
			}
			m.within("reading", hugeTwice)
			_ = stdin.Close() // Wait tells
			m.wait(m.cmd)
			if c.after == "" {
				m.wait(pull)
			}
			m.printed("out", around("", 2*huge, ""))
		})
	}
}

// around is a message of so many bytes between two texts.
func around(before string, size int, after string) []byte {
	return append(append([]byte(before), bytes.Repeat([]byte("x"), size)...), after...)
}
