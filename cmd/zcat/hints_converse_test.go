//go:build linux

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// converse runs a socket command.
func (s *stage) converse(t *testing.T, line string, c *line.Config) {
	t.Helper()
	var peers []*sockets.Socket
	for _, a := range c.Endpoints {
		for range max(1, c.WaitPeers) {
			p := s.peer(t, opposite[c.Command.Kind], a, c)
			if c.Command.Kind == sockets.Pub {
				if err := p.Subscribe(nil); err != nil {
					t.Fatal(err)
				}
			}
			peers = append(peers, p)
		}
	}
	input, sent := s.input(t, line, c)
	a := s.start(t, line, input)
	greet := frames.Strings("hello")
	if len(c.Subscribe) > 0 {
		greet = frames.Message{c.Subscribe[0], []byte("hello")}
	}
	switch c.Command.Kind { //nolint:exhaustive // the others only send
	case sockets.Pull, sockets.Sub:
		for _, p := range peers {
			if c.Command.Kind == sockets.Sub {
				mustReceive(t, a, p)
			}
			for range max(1, c.Limit) {
				must(t, p.Send(t.Context(), greet))
			}
		}
		s.printed(t, a, line, c)
	case sockets.Rep:
		must(t, peers[0].Send(t.Context(), frames.Strings("hello")))
		mustReceive(t, a, peers[0])
		a.stop(t)
		return
	case sockets.Req:
		same(t, a, mustReceive(t, a, peers[0]), sent)
		must(t, peers[0].Send(t.Context(), frames.Strings("hello")))
		a.sees(t, "hello")
		a.ends(t)
		return
	case sockets.Router:
		must(t, peers[0].Send(t.Context(), frames.Strings("hello")))
		a.sees(t, "hello")
	case sockets.Dealer:
		got := mustReceive(t, a, peers[0])
		if id := c.Options.Identity; id != nil && !bytes.Equal(id, got[0]) {
			t.Errorf("%s: the identity is %q", a.line, got[0])
		}
		must(t, peers[0].Send(t.Context(), frames.Message{got[0], []byte("hello")}))
		a.sees(t, "hello")
	case sockets.Pair:
		same(t, a, mustReceive(t, a, peers[0]), sent)
		must(t, peers[0].Send(t.Context(), frames.Strings("hello")))
		a.sees(t, "hello")
	default:
		for range max(1, c.Repeat) {
			same(t, a, anyReceives(t, a, peers), sent)
		}
		a.ends(t)
		return
	}
	if c.Limit > 0 || c.Idle > 0 {
		a.ends(t)
	} else {
		a.stop(t)
	}
}

// input returns what a hint reads from stdin, and the message that it sends.
func (s *stage) input(t *testing.T, line string, c *line.Config) (input string, sent frames.Message) {
	t.Helper()
	if c.Message != nil {
		if strings.Contains(line, `"$(cat`) {
			c.Message[len(c.Message)-1] = []byte("hello")
			return "hello", c.Message
		}
		return "", c.Message
	}
	if feeder, _, fed := cutPipe(line); fed {
		topic := regexp.MustCompile(`"([a-z]+)(\\t[a-z]+)?`).FindStringSubmatch(feeder)
		separator := "\t"
		if c.Input.Text.Frame != nil {
			separator = string(c.Input.Text.Frame)
		}
		first, second, _ := strings.Cut("hello", separator)
		message := frames.Strings(topic[1])
		if topic[2] != "" {
			message = append(message, []byte(strings.TrimPrefix(topic[2], `\t`)))
		}
		message = append(message, []byte(first))
		if second != "" {
			message = append(message, []byte(second))
		}
		return "hello\n", message
	}
	if c.Command.Kind == sockets.Router {
		return "", nil // whose peers have no ids that are known
	}
	sent = frames.Strings("hello")
	o := frames.EncoderOptions{Delimiter: c.Input.Text.Message}
	return string(frames.EncodeMessage(c.In.Format, sent, o)), sent
}

// printed sees the message arrive where the hint sends it.
func (s *stage) printed(t *testing.T, a *actor, line string, c *line.Config) {
	t.Helper()
	target := regexp.MustCompile(`> ?([a-z.]+)`).FindStringSubmatch(line)
	if target == nil {
		if c.Out.Format == frames.Hex {
			a.sees(t, "68656c6c6f")
		} else {
			a.sees(t, "hello")
		}
		return
	}
	name := filepath.Join(s.dir, target[1])
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for ended := false; ; {
		text, err := os.ReadFile(name)
		if err == nil && strings.Contains(string(text), "hello") {
			return
		}
		if ended {
			t.Fatalf("%s ended, and %s has %q; said %q", line, name, text, &a.errs)
		}
		select {
		case <-a.done:
			ended = true
		case <-again.C:
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// mustReceive returns the next message, unless the hint ends before.
func mustReceive(t *testing.T, a *actor, p *sockets.Socket) frames.Message {
	t.Helper()
	return anyReceives(t, a, []*sockets.Socket{p})
}

// anyReceives returns the next message that one of the peers receives.
func anyReceives(t *testing.T, a *actor, peers []*sockets.Socket) frames.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got := make(chan frames.Message, len(peers))
	for _, p := range peers {
		go func() {
			if m, err := p.Recv(ctx); err == nil {
				got <- m.Clone()
			}
		}()
	}
	for done := a.done; ; {
		select {
		case m := <-got:
			return m
		case <-done:
			if done = nil; shellStatus(a.cmd.ProcessState) == 0 {
				continue // what it has sent is still on its way
			}
		case <-ctx.Done():
		}
		t.Fatalf("%s: no message came; said %q", a.line, &a.errs)
	}
}

func same(t *testing.T, a *actor, got, want frames.Message) {
	t.Helper()
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%s: sent %q, want %q", a.line, got, want)
	}
}
