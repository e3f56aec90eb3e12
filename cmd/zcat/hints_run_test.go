//go:build linux

package main

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/benchmark"
	"github.com/zcat/zcat/cmd/zcat/internal/broker"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/retype"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// TestHintsRun runs each hint of the table in a shell as it is printed, with peers
// at its other end, and sees the message arrive. In what is typed, hosts are those of
// this machine, ports are free ones, and times are longer than any machine is slow;
// the same holds for what is printed, where a port that nobody typed is changed
// too.
func TestHintsRun(t *testing.T) {
	t.Setenv("HOME", "/home/joe")
	var all []scene
	for _, row := range hintRows(t) {
		if row.unrun != "" {
			continue
		}
		all = append(all, scene{row.typed, func(t *testing.T) {
			t.Helper()
			place := newStage(t)
			place.run(t, place.offered(t, row.typed))
		}})
	}
	play(t, all)
}

// scene is a test among many that mostly wait.
type scene struct {
	name string
	run  func(*testing.T)
}

// play runs scenes, many at a time, whatever the processors.
func play(t *testing.T, all []scene) {
	t.Helper()
	const atOnce = 16
	var running sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for _, one := range all {
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			t.Run(one.name, one.run)
		})
	}
	running.Wait()
}

// run runs a hint among its peers.
func (s *stage) run(t *testing.T, written string) {
	t.Helper()
	var c *line.Config
	for one := range strings.SplitSeq(written, " && ") {
		_, one, _ = cutPipe(one)
		words := shellWords(t, one)
		var err error
		if c, err = retype.Tried(commandOf(t, words[1]), words[2:], false); err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if c.Command.Name == "probe" {
			s.peer(t, sockets.Rep, line.Attachment{Endpoint: c.Args[0], Bind: false}, nil)
		}
	}
	switch { // the others need nobody
	case !c.Command.Tool:
		s.converse(t, written, c)
	case c.Command.Name == "proxy":
		s.mediate(t, written, c)
	case c.Command.Name == "bench":
		s.measure(t, written, c)
	default:
		s.start(t, written, "").ends(t)
	}
}

// cutPipe cuts off what feeds a command.
func cutPipe(line string) (feeder, command string, found bool) {
	if at := strings.LastIndex(line, " | zcat "); at >= 0 {
		return line[:at], line[at+len(" | "):], true
	}
	return "", line, false
}

// peer is a socket at the other end of an endpoint.
func (s *stage) peer(t *testing.T, kind sockets.Type, a line.Attachment, c *line.Config) *sockets.Socket {
	t.Helper()
	peer, err := sockets.New(kind, func(o *sockets.Options) {
		o.Linger = 0
		if c != nil && c.Access.PlainUser != "" {
			o.Security = sockets.PlainServer()
			o.Authorize = func(context.Context, *zap.Request) zap.Reply { return zap.Allow("joe") }
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = peer.Close() })
	endpoint := strings.Replace(strings.Replace(a.Endpoint, "//*:", "//127.0.0.1:", 1), "*:", "127.0.0.1:", 1)
	if strings.HasPrefix(endpoint, "./") {
		endpoint = "ipc://" + filepath.Join(s.dir, endpoint)
	}
	if path, ok := strings.CutPrefix(endpoint, "ipc://"); ok && !strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "@") {
		endpoint = "ipc://" + filepath.Join(s.dir, path)
	}
	if a.Bind {
		err = peer.Connect(endpoint)
	} else {
		_, err = peer.Bind(t.Context(), endpoint)
	}
	if err != nil {
		t.Fatalf("%s: %v", endpoint, err)
	}
	return peer
}

// opposite maps a type to that of its peers.
var opposite = map[sockets.Type]sockets.Type{
	sockets.Push: sockets.Pull, sockets.Pull: sockets.Push, sockets.Pub: sockets.Sub, sockets.Sub: sockets.XPub, sockets.Req: sockets.Rep, sockets.Rep: sockets.Req,
	sockets.Router: sockets.Dealer, sockets.Dealer: sockets.Router, sockets.Pair: sockets.Pair,
}

// mediate runs a proxy: what goes in at the front comes out at the back.
func (s *stage) mediate(t *testing.T, line string, c *line.Config) {
	t.Helper()
	front, back := broker.ProxyOf(c).Sides[sockets.Front], broker.ProxyOf(c).Sides[sockets.Back]
	outside := map[sockets.Type]sockets.Type{
		sockets.Router: sockets.Req, sockets.Dealer: sockets.Rep, sockets.XSub: sockets.Pub, sockets.XPub: sockets.Sub, sockets.Pull: sockets.Push, sockets.Push: sockets.Pull,
	}
	// Where both peers wait, the proxy's own links come first.
	sender := s.peer(t, outside[front.Kind], front.Endpoints[0], nil)
	receiver := s.peer(t, outside[back.Kind], back.Endpoints[0], nil)
	a := s.start(t, line, "")
	if back.Kind == sockets.XPub {
		must(t, receiver.Subscribe(nil))
		must(t, sender.WaitSubscribers(t.Context(), 1, nil))
	}
	must(t, sender.Send(t.Context(), frames.Strings("hello")))
	same(t, a, mustReceive(t, a, receiver), frames.Strings("hello"))
	a.stop(t)
}

// measure runs a bench, with another for its other side.
func (s *stage) measure(t *testing.T, written string, c *line.Config) {
	t.Helper()
	switch {
	case benchmark.BenchOf(c).Serves:
		a := s.start(t, written, "")
		s.start(t, "zcat bench --connect "+shell.Quoted(c.Endpoints[0].Endpoint), "").ends(t)
		a.stop(t)
	case c.Connects():
		server := s.start(t, "zcat bench --serve --bind "+shell.Quoted(c.Endpoints[0].Endpoint), "")
		s.start(t, written, "").ends(t)
		server.stop(t)
	default:
		s.start(t, written, "").ends(t)
	}
}
