package sockets

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/frames"
)

// libzmq is a socket of libzmq in a process of its own (scripts/peers/peer.py), or one
// of another library that takes the same command line.
type libzmq struct {
	t     *testing.T
	stdin io.WriteCloser
	lines *bufio.Scanner
}

func startLibzmq(t *testing.T, kind Type, flags ...string) *libzmq {
	t.Helper()
	return startPeer(t, []string{"/usr/bin/python3", "../../scripts/peers/peer.py"}, kind, flags...)
}

// startPeer starts a program that takes peer.py's command line.
func startPeer(t *testing.T, program []string, kind Type, flags ...string) *libzmq {
	t.Helper()
	args := append([]string{strings.ToLower(kind.String()), "--linger", "5"}, flags...)
	cmd := exec.CommandContext(t.Context(), program[0], append(program[1:], args...)...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	z := &libzmq{t: t, stdin: stdin, lines: bufio.NewScanner(stdout)}
	z.lines.Buffer(nil, 16<<20)
	return z
}

// frameText returns a frame in the JSON that the peer reads and prints.
func frameText(f []byte) any {
	if utf8.Valid(f) {
		return string(f)
	}
	return map[string]any{"hex": hex.EncodeToString(f)}
}

func (z *libzmq) send(m frames.Message) {
	z.t.Helper()
	list := make([]any, len(m))
	for i, f := range m {
		list[i] = frameText(f)
	}
	z.sendLine(list)
}

// sendLine sends frames in the JSON that the peer reads.
func (z *libzmq) sendLine(list []any) {
	z.t.Helper()
	line, err := json.Marshal(list)
	if err != nil {
		z.t.Fatal(err)
	}
	if _, err := z.stdin.Write(append(line, '\n')); err != nil {
		z.t.Fatal(err)
	}
}

// prints expects m as the next message that the peer received.
func (z *libzmq) prints(m frames.Message) {
	z.t.Helper()
	got := z.next()
	want := make([]any, len(m))
	for i, f := range m {
		want[i] = frameText(f)
	}
	if !reflect.DeepEqual(got, want) {
		z.t.Fatalf("libzmq got %.200q, want %.200q", got, want)
	}
}

// next returns the next message that the peer received, as it prints it.
func (z *libzmq) next() (m []any) {
	z.t.Helper()
	if !z.lines.Scan() {
		z.t.Fatalf("libzmq ended instead of printing: %v", z.lines.Err())
	}
	if err := json.Unmarshal(z.lines.Bytes(), &m); err != nil {
		z.t.Fatal(err)
	}
	return m
}

// ours is the zcat side of a conversation with libzmq.
type ours struct {
	*testing.T
	*Socket
	ctx context.Context
}

func (o ours) send(m frames.Message) {
	o.Helper()
	if err := o.Send(o.ctx, m); err != nil {
		o.Fatalf("send %.80q: %v", m, err)
	}
}

func (o ours) gets(m frames.Message) {
	o.Helper()
	got, err := o.Recv(o.ctx)
	if err != nil {
		o.Fatalf("receive %.80q: %v", m, err)
	}
	if !reflect.DeepEqual(got, m) {
		o.Fatalf("got %.200q, want %.200q", got, m)
	}
}

// withFront puts frames in front of a message.
func withFront(m frames.Message, front ...string) frames.Message {
	return frames.Join(frames.Strings(front...), m)
}

// interopMessages are the messages that every pair exchanges. None begins with 00
// or 01, which an XPUB and an XSUB read as subscriptions.
func interopMessages() []frames.Message {
	binary := make([]byte, 256)
	for i := range binary {
		binary[i] = byte(255 - i)
	}
	return []frames.Message{
		frames.Strings("hello"),
		frames.Strings("a", "", "b", ""),
		frames.Strings("", "after an empty frame"),
		{binary, binary[:255], binary[:1]},
		{bytes.Repeat([]byte("x"), 65536), []byte("y")},
	}
}

// interopPairs returns the conversation of each legal pair: our type first.
func interopPairs() map[[2]Type]func(o ours, z *libzmq) {
	weSend := func(o ours, z *libzmq) {
		for _, m := range interopMessages() {
			o.send(m)
			z.prints(m)
		}
	}
	theySend := func(o ours, z *libzmq) {
		for _, m := range interopMessages() {
			z.send(m)
			o.gets(m)
		}
	}
	both := func(o ours, z *libzmq) {
		weSend(o, z)
		theySend(o, z)
	}
	each := func(talk func(o ours, z *libzmq, m frames.Message)) func(ours, *libzmq) {
		return func(o ours, z *libzmq) {
			for _, m := range interopMessages() {
				talk(o, z, m)
			}
		}
	}
	subscribers := func(o ours) {
		o.Helper()
		if err := o.WaitSubscribers(o.ctx, 1, nil); err != nil {
			o.Fatal(err)
		}
	}
	everything, up := frames.Message{{1}}, frames.Strings("up")
	return map[[2]Type]func(o ours, z *libzmq){
		{Req, Rep}: each(func(o ours, z *libzmq, m frames.Message) {
			o.send(m)
			z.prints(m)
			z.send(m)
			o.gets(m)
		}),
		{Req, Router}: each(func(o ours, z *libzmq, m frames.Message) {
			o.send(m)
			z.prints(withFront(m, "us", "")) // C43, C62
			z.send(withFront(m, "us", ""))
			o.gets(m)
		}),
		{Rep, Req}: each(func(o ours, z *libzmq, m frames.Message) {
			z.send(m)
			o.gets(m)
			o.send(m)
			z.prints(m)
		}),
		{Rep, Dealer}: each(func(o ours, z *libzmq, m frames.Message) {
			z.send(withFront(m, "id", ""))
			o.gets(m)
			o.send(m)
			z.prints(withFront(m, "id", ""))
		}),
		{Dealer, Rep}: each(func(o ours, z *libzmq, m frames.Message) {
			o.send(withFront(m, "id", ""))
			z.prints(m)
			z.send(m)
			o.gets(withFront(m, "id", ""))
		}),
		{Dealer, Dealer}: both,
		{Dealer, Router}: each(func(o ours, z *libzmq, m frames.Message) {
			o.send(m)
			z.prints(withFront(m, "us"))
			z.send(withFront(m, "us"))
			o.gets(m)
		}),
		{Router, Req}: each(func(o ours, z *libzmq, m frames.Message) {
			z.send(m)
			o.gets(withFront(m, "them", ""))
			o.send(withFront(m, "them", ""))
			z.prints(m)
		}),
		{Router, Dealer}: each(func(o ours, z *libzmq, m frames.Message) {
			z.send(m)
			o.gets(withFront(m, "them"))
			o.send(withFront(m, "them"))
			z.prints(m)
		}),
		{Router, Router}: each(func(o ours, z *libzmq, m frames.Message) {
			o.send(withFront(m, "them"))
			z.prints(withFront(m, "us"))
			z.send(withFront(m, "us"))
			o.gets(withFront(m, "them"))
		}),
		{Pub, Sub}: func(o ours, z *libzmq) {
			subscribers(o)
			weSend(o, z)
		},
		{Pub, XSub}: func(o ours, z *libzmq) {
			z.send(everything)
			subscribers(o)
			weSend(o, z)
		},
		{Sub, Pub}: theySend,
		{Sub, XPub}: func(o ours, z *libzmq) {
			z.prints(everything)
			theySend(o, z)
		},
		{XPub, Sub}: func(o ours, z *libzmq) {
			o.gets(everything)
			weSend(o, z)
		},
		{XPub, XSub}: func(o ours, z *libzmq) {
			z.send(everything)
			o.gets(everything)
			weSend(o, z)
			z.send(up)
			o.gets(up)
		},
		{XSub, Pub}: func(o ours, z *libzmq) {
			o.send(everything)
			theySend(o, z)
		},
		{XSub, XPub}: func(o ours, z *libzmq) {
			o.send(everything)
			z.prints(everything)
			o.send(up)
			z.prints(up)
			theySend(o, z)
		},
		{Push, Pull}: weSend,
		{Pull, Push}: theySend,
		{Pair, Pair}: both,
	}
}

// TestC28InteropLegalPairs has every legal pair talk with libzmq, whichever
// side binds, over tcp and ipc.
func TestC28InteropLegalPairs(t *testing.T) {
	for pair, talk := range interopPairs() {
		for _, transport := range []string{"tcp", "ipc"} {
			for _, binds := range []string{"we bind", "libzmq binds"} {
				name := fmt.Sprintf("%s-%s %s %s", pair[0], pair[1], transport, binds)
				t.Run(strings.ReplaceAll(name, " ", "/"), func(t *testing.T) {
					t.Parallel()
					interop(t, pair, transport, binds == "we bind", talk)
				})
			}
		}
	}
	for _, t1 := range stableTypes() {
		for _, t2 := range t1.Peers() {
			if interopPairs()[[2]Type{t1, t2}] == nil {
				t.Errorf("%s with %s is legal and not tested", t1, t2)
			}
		}
	}
}

func interop(t *testing.T, pair [2]Type, transport string, bind bool, talk func(ours, *libzmq), more ...Option) {
	t.Helper()
	interopAs(t, pair, transport, bind, talk, nil, more...)
}

// interopAs is interop with flags for libzmq.
func interopAs(t *testing.T, pair [2]Type, transport string, bind bool, talk func(ours, *libzmq), theirs []string, more ...Option) {
	t.Helper()
	interopWith(t, startLibzmq, pair, transport, bind, talk, theirs, more...)
}

// interopWith is interopAs with the other side that start starts.
func interopWith(t *testing.T, start func(*testing.T, Type, ...string) *libzmq, pair [2]Type, transport string, bind bool, talk func(ours, *libzmq), theirs []string, more ...Option) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	s, err := New(pair[0], append([]Option{func(o *Options) {
		o.Linger = 0
		o.Mandatory = true
		if pair[0].row().Announces {
			o.Identity = []byte("us")
		}
	}}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if pair[0] == Sub {
		if err := s.Subscribe(nil); err != nil {
			t.Fatal(err)
		}
	}
	if pair[0].Traits().Joins {
		try(t, s.Join([]byte("group")))
	}
	flags := append([]string{"--timeout", "60", "-o", "rcvhwm=10"}, theirs...)
	if pair[1].row().Announces {
		flags = append(flags, "--identity", "them")
	}
	dir, err := os.MkdirTemp("/tmp", "zcat") // a path that fits a socket's name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	endpoint := "tcp://127.0.0.1:*"
	switch transport {
	case "ipc":
		endpoint = "ipc://" + filepath.Join(dir, "socket")
	case "ws":
		endpoint = onWS
	}
	var z *libzmq
	if bind {
		if endpoint, err = s.Bind(ctx, endpoint); err != nil {
			t.Fatal(err)
		}
		z = start(t, pair[1], append(flags, "--connect", endpoint)...)
	} else {
		file := filepath.Join(dir, "endpoint")
		z = start(t, pair[1], append(flags, "--bind", endpoint, "--endpoint-file", file)...)
		if err := s.Connect(awaitEndpoint(ctx, t, file)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.WaitPeers(ctx, 1); err != nil {
		t.Fatal(err)
	}
	talk(ours{t, s, ctx}, z)
}

// awaitEndpoint waits for the file to which another process writes its endpoint.
func awaitEndpoint(ctx context.Context, t *testing.T, file string) string {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if text, err := os.ReadFile(file); err == nil {
			return strings.TrimSpace(string(text))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("libzmq did not bind")
		}
	}
}

// TestInteropCloseBehindSlowReader: a libzmq PULL whose application rests, so
// that it has stopped reading, gets everything although the PUSH has closed.
func TestInteropCloseBehindSlowReader(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		t.Run(transport, func(t *testing.T) {
			interop(t, [2]Type{Push, Pull}, transport, false, func(o ours, z *libzmq) {
				// The peer rests because nobody reads its output: a part of that
				// fits into its stdout, a part is left in the kernel.
				const count = 700
				m := frames.Strings(strings.Repeat("x", 200))
				var b frames.Batch
				for range count {
					b.Append(m)
				}
				if err := o.SendBatch(o.ctx, &b); err != nil {
					t.Fatal(err)
				}
				closed := make(chan error, 1)
				go func() { closed <- o.Close() }()
				eventually(t, func() bool { return o.open() != nil && o.drained() })
				for range count {
					z.prints(m)
				}
				if err := <-closed; err != nil {
					t.Error(err)
				}
			}, func(o *Options) { o.Linger = time.Minute })
		})
	}
}
