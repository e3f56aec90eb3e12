package queue

import (
	"runtime"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// watchdog ends what should have happened long ago.
const watchdog = 60 * time.Second

func try(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// eventually waits until cond holds.
func eventually(tb testing.TB, cond func() bool) {
	tb.Helper()
	for end := time.Now().Add(watchdog); !cond(); runtime.Gosched() {
		if time.Now().After(end) {
			tb.Fatal("what was waited for did not come about")
		}
	}
}

// message returns a message of these frames in wire form.
func message(parts ...string) string {
	return string(framing.AppendMessage(nil, frames.Strings(parts...)))
}

// command returns a command in wire form.
func command(name, data string) string {
	wire := framing.AppendHeader(nil, framing.FlagCommand, 1+len(name)+len(data))
	return string(append(append(append(wire, byte(len(name))), name...), data...))
}
