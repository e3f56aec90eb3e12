package sockets

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// watchdog ends a test that would hang; no test passes because of it.
const watchdog = 20 * time.Second

// within returns the context of a test's calls, which ends with the watchdog.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), watchdog)
	t.Cleanup(cancel)
	return ctx
}

func try(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// liveSockets counts the sockets of newSocket that are not closed yet. Tests of
// this package do not run in parallel.
var liveSockets atomic.Int32 //nolint:gochecknoglobals // goroutines are of the whole process

// newSocket makes a socket with Linger 0. It is closed at the end of the test,
// which fails if the last socket leaves a goroutine behind.
func newSocket(t testing.TB, kind Type, opts ...Option) *Socket {
	t.Helper()
	s, err := New(kind, append([]Option{func(o *Options) { o.Linger = 0 }}, opts...)...)
	try(t, err)
	liveSockets.Add(1)
	t.Cleanup(func() {
		if err := s.CloseContext(context.Background()); err != nil && !errors.Is(err, ErrClosed) {
			var unsent *UnsentError
			if !errors.As(err, &unsent) {
				t.Errorf("%s: Close: %v", kind, err)
			}
		}
		if liveSockets.Add(-1) == 0 {
			checkGoroutines(t)
		}
	})
	return s
}

// checkGoroutines waits until no goroutine runs code of this package other than
// its tests: one that has done its last deed may still be on its way out.
func checkGoroutines(t testing.TB) {
	t.Helper()
	for end := time.Now().Add(watchdog); ; runtime.Gosched() {
		left := ownGoroutines()
		if left == "" {
			return
		}
		if time.Now().After(end) {
			t.Errorf("goroutines left behind:\n%s", left)
			return
		}
	}
}

// ownGoroutines returns the stacks that lead through this package's files,
// tests excepted.
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
func bind(t testing.TB, s *Socket, endpoint string) string {
	t.Helper()
	resolved, err := s.Bind(within(t), endpoint)
	try(t, err)
	return resolved
}

const anyPort = "tcp://127.0.0.1:*"

// sendParts sends one message.
func sendParts(t testing.TB, s *Socket, parts ...string) {
	t.Helper()
	try(t, s.Send(within(t), frames.Strings(parts...)))
}

// expectParts receives one message and compares it.
func expectParts(t testing.TB, s *Socket, parts ...string) {
	t.Helper()
	m, err := s.Recv(within(t))
	if err != nil || !slices.EqualFunc(m, frames.Strings(parts...), bytes.Equal) {
		t.Fatalf("received %s, %v\nwant %s", spell(m), err, spell(frames.Strings(parts...)))
	}
}

// spell is a message for people, long frames cut.
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

// eventLog is a socket's monitor, whose events a test can await.
type eventLog struct {
	t      testing.TB
	mu     sync.Mutex
	events []Event
	seen   int
	news   chan struct{}
}

// monitor returns an option that logs a socket's events.
func monitor(t testing.TB) (*eventLog, Option) {
	l := &eventLog{t: t, news: make(chan struct{}, 1)}
	return l, func(o *Options) { o.Monitor = l.note }
}

func (l *eventLog) note(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
	select {
	case l.news <- struct{}{}:
	default:
	}
}

// await waits for the next event of one of the kinds, behind those that were
// awaited before.
func (l *eventLog) await(kinds ...EventKind) Event {
	l.t.Helper()
	ctx := within(l.t)
	for {
		l.mu.Lock()
		for l.seen < len(l.events) {
			e := l.events[l.seen]
			l.seen++
			for _, k := range kinds {
				if e.Kind == k {
					l.mu.Unlock()
					return e
				}
			}
		}
		l.mu.Unlock()
		select {
		case <-l.news:
		case <-ctx.Done():
			l.t.Fatalf("no event %v among %v", kinds, l.kinds())
		}
	}
}

// kinds lists the events so far.
func (l *eventLog) kinds() []EventKind {
	l.mu.Lock()
	defer l.mu.Unlock()
	var kinds []EventKind
	for _, e := range l.events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// count is how many events of a kind there were so far.
func (l *eventLog) count(kind EventKind) int {
	n := 0
	for _, k := range l.kinds() {
		if k == kind {
			n++
		}
	}
	return n
}

// rawPeer is the far end of a connection of a socket, spelt by hand.
type rawPeer struct {
	net.Conn
	t  testing.TB
	in *bufio.Reader
}

func newRawPeer(t testing.TB, nc net.Conn) *rawPeer {
	t.Helper()
	t.Cleanup(func() { _ = nc.Close() })
	try(t, nc.SetDeadline(time.Now().Add(watchdog)))
	return &rawPeer{nc, t, bufio.NewReader(nc)}
}

// dialRaw connects to a bound tcp or ipc endpoint; nothing is sent yet.
func dialRaw(t testing.TB, endpoint string) *rawPeer {
	t.Helper()
	network, address := netAddress(endpoint)
	nc, err := net.DialTimeout(network, address, watchdog)
	try(t, err)
	return newRawPeer(t, nc)
}

// netAddress is an endpoint in the words of package net.
func netAddress(endpoint string) (network, address string) {
	if path, ok := strings.CutPrefix(endpoint, "ipc://"); ok {
		return "unix", path
	}
	return "tcp", strings.TrimPrefix(endpoint, "tcp://")
}

// meet connects to a bound endpoint and does the handshake as a 3.1 peer of the
// given type: "REQ". props are further properties, from prop.
func meet(t testing.TB, endpoint, peerType string, props ...string) *rawPeer {
	t.Helper()
	p := dialRaw(t, endpoint)
	p.greet(1)
	p.ready(peerType, props...)
	return p
}

// rawListener is an endpoint that sockets under test connect to.
type rawListener struct {
	net.Listener
	t        testing.TB
	endpoint string
}

// listenRaw listens on an endpoint, or any port for anyPort.
func listenRaw(t testing.TB, endpoint string) *rawListener {
	t.Helper()
	network, address := netAddress(strings.Replace(endpoint, ":*", ":0", 1))
	l, err := net.Listen(network, address)
	try(t, err)
	t.Cleanup(func() { _ = l.Close() })
	if network == "tcp" {
		endpoint = "tcp://" + l.Addr().String()
	}
	return &rawListener{l, t, endpoint}
}

// accept waits for a connection; nothing is sent on it yet.
func (l *rawListener) accept() *rawPeer {
	l.t.Helper()
	if d, ok := l.Listener.(interface{ SetDeadline(t time.Time) error }); ok {
		try(l.t, d.SetDeadline(time.Now().Add(watchdog)))
	}
	nc, err := l.Accept()
	try(l.t, err)
	return newRawPeer(l.t, nc)
}

// meet waits for a connection and does the handshake as a 3.1 peer.
func (l *rawListener) meet(peerType string, props ...string) *rawPeer {
	l.t.Helper()
	p := l.accept()
	p.greet(1)
	p.ready(peerType, props...)
	return p
}

const nullName = "NULL\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// greeting is that of a ZMTP 3 peer with the mechanism NULL.
func greeting(minor int) string {
	return "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03" + string([]byte{byte(minor)}) + nullName + strings.Repeat("\x00", 32)
}

// prop is a property of READY.
func prop(name, value string) string {
	b := append([]byte{byte(len(name))}, name...)
	return string(append(binary.BigEndian.AppendUint32(b, uint32(len(value))), value...))
}

// ready is a READY command as a frame.
func ready(peerType string, props ...string) string {
	return command("READY", prop("Socket-Type", peerType)+strings.Join(props, ""))
}

// frame is a frame with the given flags, LONG apart, in the short form if it can be.
func frame(flags byte, body string) string {
	return string(frames.AppendHeader(nil, flags, len(body))) + body
}

// longFrame is a frame in the long form whatever its size.
func longFrame(flags byte, body string) string {
	return header(flags, uint64(len(body))) + body
}

// header is that of a frame in the long form, of any size.
func header(flags byte, size uint64) string {
	return string(binary.BigEndian.AppendUint64([]byte{flags | frames.FlagLong}, size))
}

// message is a message as frames.
func message(parts ...string) string {
	return string(frames.AppendMessage(nil, frames.Strings(parts...)))
}

// command is a command as a frame.
func command(name, data string) string {
	return frame(frames.FlagCommand, string([]byte{byte(len(name))})+name+data)
}

// greet sends a greeting as ZMTP 3.minor and reads the socket's.
func (p *rawPeer) greet(minor int) {
	p.t.Helper()
	p.send(greeting(minor))
	p.readGreeting()
}

// readGreeting reads the socket's 64 bytes.
func (p *rawPeer) readGreeting() string {
	p.t.Helper()
	b := make([]byte, 64)
	if n, err := io.ReadFull(p.in, b); err != nil {
		p.t.Fatalf("greeting: %q, %v", b[:n], err)
	}
	return string(b)
}

// ready sends READY and reads the socket's, whose metadata it returns.
func (p *rawPeer) ready(peerType string, props ...string) (metadata string) {
	p.t.Helper()
	p.send(ready(peerType, props...))
	return p.expectCommand("READY")
}

// send writes; the socket may have closed already.
func (p *rawPeer) send(parts ...string) {
	_, _ = io.WriteString(p.Conn, strings.Join(parts, ""))
}

// readFrame reads a frame of at most 64 MiB.
func (p *rawPeer) readFrame() (flags byte, body string) {
	p.t.Helper()
	flags, body, err := p.tryReadFrame()
	if err != nil {
		p.t.Fatalf("waiting for a frame: %v", err)
	}
	return flags, body
}

func (p *rawPeer) tryReadFrame() (flags byte, body string, err error) {
	h := make([]byte, 2, frames.MaxHeader)
	if _, err := io.ReadFull(p.in, h); err != nil {
		return 0, "", err
	}
	if h[0]&frames.FlagLong != 0 {
		h = h[:frames.MaxHeader]
		if _, err := io.ReadFull(p.in, h[2:]); err != nil {
			return 0, "", err
		}
	}
	flags, size, _ := frames.ParseHeader(h)
	if size > 64<<20 {
		return 0, "", errors.New("a frame out of all proportion")
	}
	b := make([]byte, size)
	_, err = io.ReadFull(p.in, b)
	return flags, string(b), err
}

// expectFrame reads a frame and compares it; flags include LONG.
func (p *rawPeer) expectFrame(flags byte, body string) {
	p.t.Helper()
	gotFlags, got := p.readFrame()
	if gotFlags != flags || got != body {
		p.t.Fatalf("frame %02x %s, want %02x %s", gotFlags, cutShort(got), flags, cutShort(body))
	}
}

// expectCommand reads a command of the given name and returns its data.
func (p *rawPeer) expectCommand(name string) (data string) {
	p.t.Helper()
	flags, body := p.readFrame()
	data, ok := strings.CutPrefix(body, string([]byte{byte(len(name))})+name)
	if flags&^frames.FlagLong != frames.FlagCommand || !ok {
		p.t.Fatalf("frame %02x %s, want the command %s", flags, cutShort(body), name)
	}
	return data
}

// expectMessage reads a message and compares it.
func (p *rawPeer) expectMessage(parts ...string) {
	p.t.Helper()
	if got := p.readMessage(); !slices.EqualFunc(got, frames.Strings(parts...), bytes.Equal) {
		p.t.Fatalf("message %s, want %s", spell(got), spell(frames.Strings(parts...)))
	}
}

// readMessage reads a message.
func (p *rawPeer) readMessage() frames.Message {
	p.t.Helper()
	var m frames.Message
	for more := true; more; {
		flags, body := p.readFrame()
		if flags&frames.FlagCommand != 0 {
			p.t.Fatalf("command %s inside a message or before it", cutShort(body))
		}
		more = flags&frames.FlagMore != 0
		m = append(m, []byte(body))
	}
	return m
}

// expectClosed waits for the socket to close the connection and returns what it
// sent until then.
func (p *rawPeer) expectClosed() (sent string) {
	p.t.Helper()
	b, err := io.ReadAll(p.in)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		p.t.Fatalf("connection still open; it sent %q", b)
	}
	return string(b)
}

// expectOpen proves with a PING that the socket still serves the connection.
func (p *rawPeer) expectOpen() {
	p.t.Helper()
	p.send(command("PING", "\x00\x00still there?"))
	if got := p.expectCommand("PONG"); got != "still there?" {
		p.t.Fatalf("PONG with %q", got)
	}
}

// endInput says that no more will come, and can still read.
func (p *rawPeer) endInput() {
	p.t.Helper()
	half, ok := p.Conn.(interface{ CloseWrite() error })
	if !ok {
		p.t.Fatalf("%T has no half to close", p.Conn)
	}
	try(p.t, half.CloseWrite())
}

// hangUp closes the connection with all that was sent still on its way.
func (p *rawPeer) hangUp() { _ = p.Close() }
