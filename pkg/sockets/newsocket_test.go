package sockets

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// watchdog ends a test that would hang; no test passes because of it.
const watchdog = 60 * time.Second

// within returns the context of a test's calls, which ends with the watchdog.
func within(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), watchdog)
	tb.Cleanup(cancel)
	return ctx
}

func try(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// liveSockets counts the sockets of newSocket that are not closed yet. Tests of
// this package do not run in parallel.
var liveSockets atomic.Int32

// newSocket makes a socket with Linger 0. It is closed at the end of the test,
// which fails if the last socket leaves a goroutine behind.
func newSocket(tb testing.TB, kind Type, opts ...Option) *Socket {
	tb.Helper()
	var s *Socket
	opts = append([]Option{func(o *Options) { o.Linger = 0 }}, opts...)
	opts = append(opts, func(o *Options) { o.Monitor = callingBack(&s, o.Monitor) })
	var err error
	s, err = New(kind, opts...)
	try(tb, err)
	liveSockets.Add(1)
	tb.Cleanup(func() {
		if err := s.CloseContext(context.Background()); err != nil && !errors.Is(err, ErrClosed) {
			var unsent *UnsentError
			if !errors.As(err, &unsent) {
				tb.Errorf("%s: Close: %v", kind, err)
			}
		}
		if s.outgoing != nil && s.outgoing.Held() != 0 {
			tb.Errorf("%s: %d bytes are still held for peers", kind, s.outgoing.Held())
		}
		if liveSockets.Add(-1) == 0 {
			checkGoroutines(tb)
		}
	})
	return s
}

// callingBack returns a monitor that calls the socket at every event before it
// passes that on: no event comes with a lock held.
func callingBack(s **Socket, monitor func(Event)) func(Event) {
	if monitor == nil {
		return nil
	}
	return func(e Event) {
		if *s != nil { // else it is still being made
			_, _ = (*s).Stats(), (*s).Pending()
		}
		monitor(e)
	}
}

// checkGoroutines waits until no goroutine runs code of this package other than its
// tests: one that has done its work may not have returned yet.
func checkGoroutines(tb testing.TB) {
	tb.Helper()
	left := ""
	defer func() {
		if left != "" {
			tb.Errorf("goroutines left behind:\n%s", left)
		}
	}()
	eventually(tb, func() bool {
		left = ownGoroutines()
		return left == ""
	})
}

// ownGoroutines returns the stacks that lead through this package's files, except
// tests.
func ownGoroutines() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var left []string
	for stack := range strings.SplitSeq(string(buf), "\n\n") {
		for line := range strings.SplitSeq(stack, "\n") {
			file, _, _ := strings.Cut(strings.TrimSpace(line), ":")
			if strings.Contains(file, "/pkg/sockets/") && strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go") {
				left = append(left, stack)
				break
			}
		}
	}
	return strings.Join(left, "\n\n")
}

// bind binds s and returns the resolved endpoint.
func bind(tb testing.TB, s *Socket, endpoint string) string {
	tb.Helper()
	resolved, err := s.Bind(within(tb), endpoint)
	try(tb, err)
	return resolved
}

const anyPort = "tcp://127.0.0.1:*"

// sendParts sends one message.
func sendParts(tb testing.TB, s *Socket, parts ...string) {
	tb.Helper()
	try(tb, s.Send(within(tb), frames.Strings(parts...)))
}

// expectParts receives one message and compares it.
func expectParts(tb testing.TB, s *Socket, parts ...string) {
	tb.Helper()
	m, err := s.Recv(within(tb))
	if err != nil || !slices.EqualFunc(m, frames.Strings(parts...), bytes.Equal) {
		tb.Fatalf("received %s, %v\nwant %s", spell(m), err, spell(frames.Strings(parts...)))
	}
}

// spell returns a message as text, with long frames cut.
func spell(m frames.Message) string {
	var b strings.Builder
	for _, f := range m {
		b.WriteString(" ")
		b.WriteString(cutShort(string(f)))
	}
	return "[" + strings.TrimSpace(b.String()) + "]"
}

func cutShort(s string) string {
	const most = 64
	if len(s) <= most {
		return strconv.Quote(s)
	}
	return strconv.Quote(s[:most]) + "..(" + strconv.Itoa(len(s)) + ")"
}
