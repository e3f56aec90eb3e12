package zmtp_test

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

func askWithZMQ4(ctx context.Context, endpoint, question string) (string, error) {
	req := zmq4.NewReq(ctx, zmq4.WithDialerRetry(time.Second))
	defer func() { _ = req.Close() }()
	if err := req.Dial(endpoint); err != nil {
		return "", err
	}
	if err := req.Send(zmq4.NewMsgString(question)); err != nil {
		return "", err
	}
	reply, err := req.Recv()
	if err != nil {
		return "", err
	}
	return string(reply.Bytes()), nil
}

func askWithSockets(ctx context.Context, endpoint, question string) (string, error) {
	req, err := sockets.New(sockets.Req, func(o *sockets.Options) { o.Linger = 0 })
	if err != nil {
		return "", err
	}
	defer func() { _ = req.Close() }()
	if err := req.Connect(endpoint); err != nil {
		return "", err
	}
	if err := req.Send(ctx, frames.Strings(question)); err != nil {
		return "", err
	}
	reply, err := req.Recv(ctx)
	if err != nil {
		return "", err
	}
	return string(reply[0]), nil
}

// The programs on the page about zmq4 are those above, and they work.
func TestZMQ4Page(t *testing.T) {
	page, err := os.ReadFile("../../ZMQ4.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("zmq4_page_test.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d programs on the page, want 2", len(blocks))
	}
	for _, block := range blocks {
		if !strings.Contains(string(source), block[1]) {
			t.Errorf("this program is not the one that is tested:\n%s", block[1])
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for name, ask := range map[string]func(context.Context, string, string) (string, error){
		"zmq4": askWithZMQ4, "sockets": askWithSockets,
	} {
		rep, err := sockets.New(sockets.Rep)
		if err != nil {
			t.Fatal(err)
		}
		endpoint, err := rep.Bind(ctx, "tcp://127.0.0.1:*")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() {
			m, err := rep.Recv(ctx)
			if err == nil {
				err = rep.Send(ctx, append(frames.Strings("you said "+string(m[0])), m[1:]...))
			}
			served <- err
		}()
		if got, err := ask(ctx, endpoint, "hello"); got != "you said hello" || err != nil {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
		if err := <-served; err != nil {
			t.Errorf("%s: the REP: %v", name, err)
		}
		if err := rep.Close(); err != nil {
			t.Errorf("%s: the REP: %v", name, err)
		}
	}
}

// The page's statements about several peers, a body with an empty frame, and
// binding twice hold for the version of zmq4 in use.
func TestZMQ4PageTellsTheTruth(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	push := zmq4.NewPush(ctx)
	defer func() { _ = push.Close() }()
	var pulls []*sockets.Socket
	for range 2 {
		pull, err := sockets.New(sockets.Pull)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = pull.Close() }()
		endpoint, err := pull.Bind(ctx, "tcp://127.0.0.1:*")
		if err == nil {
			err = push.Dial(endpoint)
		}
		if err != nil {
			t.Fatal(err)
		}
		pulls = append(pulls, pull)
	}
	if err := push.Send(zmq4.NewMsgString("once")); err != nil {
		t.Fatal(err)
	}
	for i, pull := range pulls {
		if m, err := pull.Recv(ctx); err != nil || string(m[0]) != "once" {
			t.Errorf("PULL %d got %q, %v: zmq4's PUSH no longer copies to all", i, m, err)
		}
	}

	rep := zmq4.NewRep(ctx)
	defer func() { _ = rep.Close() }()
	if err := rep.Listen("tcp://127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	req, err := sockets.New(sockets.Req, func(o *sockets.Options) { o.Linger = 0 })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = req.Close() }()
	if err := req.Connect("tcp://" + rep.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if err := req.Send(ctx, frames.Strings("head", "", "tail")); err != nil {
		t.Fatal(err)
	}
	if m, err := rep.Recv(); err != nil || len(m.Frames) != 1 || string(m.Frames[0]) != "tail" {
		t.Errorf("zmq4's REP got %q, %v: it no longer splits behind the last empty frame", m.Frames, err)
	}
}
