package sockets_test

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// open makes a socket that gives up what is queued when it closes.
func open(kind sockets.Type, opts ...sockets.Option) *sockets.Socket {
	s, err := sockets.New(kind, append([]sockets.Option{func(o *sockets.Options) { o.Linger = 0 }}, opts...)...)
	check(err)
	return s
}

// A queue joins any number of clients with any number of workers.
func ExampleNewProxy() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	front, back := open(sockets.Router), open(sockets.Dealer)
	clients, err := front.Bind(ctx, "inproc://clients")
	check(err)
	workers, err := back.Bind(ctx, "inproc://workers")
	check(err)
	proxy, err := sockets.NewProxy(front, back, sockets.ProxyOptions{})
	check(err)
	ended := make(chan error, 1)
	go func() { ended <- proxy.Run(ctx, ctx) }()

	worker, client := open(sockets.Rep), open(sockets.Req)
	check(worker.Connect(workers))
	check(client.Connect(clients))
	check(client.Send(ctx, frames.Strings("2 + 2")))
	request, err := worker.Recv(ctx)
	check(err)
	check(worker.Send(ctx, append(request, []byte("is 4"))))
	reply, err := client.Recv(ctx)
	check(err)
	fmt.Printf("%s %s\n", reply[0], reply[1])

	proxy.Terminate()
	check(<-ended)
	fromClients, _ := proxy.Stats()
	fmt.Println("requests:", fromClients.Received)
	for _, s := range []*sockets.Socket{client, worker, front, back} {
		check(s.Close())
	}
	// Output:
	// 2 + 2 is 4
	// requests: 1
}

// A ROUTER answers each request by its ticket: nothing more is taken from a peer
// that does not read the replies, and all others are served.
func ExampleSocket_RecvRequests() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	server := open(sockets.Router)
	defer func() { check(server.Close()) }()
	endpoint, err := server.Bind(ctx, "inproc://echo")
	check(err)
	go func() {
		var requests, replies frames.Batch
		var tickets []sockets.Ticket
		for {
			var err error
			if tickets, err = server.RecvRequests(ctx, &requests, 0, tickets); err != nil {
				return // closed
			}
			for m := range requests.Messages() {
				envelope, body := frames.SplitRouted(m)
				replies.Append(frames.Join(envelope, append(frames.Strings("echo of"), body...)))
			}
			if _, err := server.Reply(tickets, &replies); err != nil {
				return
			}
		}
	}()
	client := open(sockets.Req)
	defer func() { check(client.Close()) }()
	check(client.Connect(endpoint))
	check(client.Send(ctx, frames.Strings("hello")))
	reply, err := client.Recv(ctx)
	check(err)
	fmt.Printf("%q\n", reply)
	// Output:
	// ["echo of" "hello"]
}

// Each message of a batch comes with its source.
func ExampleSocket_RecvBatch() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	pull, push := open(sockets.Pull), open(sockets.Push)
	endpoint, err := pull.Bind(ctx, "inproc://work")
	check(err)
	check(push.Connect(endpoint))
	check(push.Send(ctx, frames.Strings("wash")))
	var b frames.Batch
	check(pull.RecvBatch(ctx, &b))
	for source, m := range b.Sources() {
		fmt.Printf("%s came through %s\n", m[0], source.Endpoint)
	}
	check(push.Close())
	check(pull.Close())
	// Output:
	// wash came through inproc://work
}

// CURVE encrypts, and the handler decides which keys are let in and names their
// owners.
func ExampleCurveServer() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	serverKeys, err := curve.Generate()
	check(err)
	joesKeys, err := curve.Generate()
	check(err)
	server := open(sockets.Pull, func(o *sockets.Options) {
		o.Security = sockets.CurveServer(serverKeys)
		o.Authorize = func(_ context.Context, r *zap.Request) zap.Reply {
			if string(r.Key) == string(joesKeys.Public[:]) {
				return zap.Allow("joe")
			}
			return zap.Deny("an unknown key")
		}
	})
	endpoint, err := server.Bind(ctx, "tcp://127.0.0.1:*")
	check(err)
	client := open(sockets.Push, func(o *sockets.Options) {
		o.Security = sockets.CurveClient(serverKeys.Public, joesKeys)
	})
	check(client.Connect(endpoint))
	check(client.Send(ctx, frames.Strings("a secret")))
	var b frames.Batch
	check(server.RecvBatch(ctx, &b))
	fmt.Println("from", b.Source().User)
	check(client.Close())
	check(server.Close())
	// Output:
	// from joe
}

// Events report what happens to endpoints and peers, in a queue that nobody waits
// for.
func ExampleSocket_Events() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	pull := open(sockets.Pull)
	events := pull.Events(ctx)
	endpoint, err := pull.Bind(ctx, "inproc://watched")
	check(err)
	push := open(sockets.Push)
	check(push.Connect(endpoint))
	for e := range events {
		fmt.Println(e.Kind)
		if e.Kind == sockets.EventHandshakeDone {
			fmt.Println("it is a", e.Detail)
			break
		}
	}
	check(push.Close())
	check(pull.Close())
	// Output:
	// LISTENING
	// ACCEPTED
	// HANDSHAKE_SUCCEEDED
	// it is a PUSH
}

// Probe finds out what listens, and takes no message.
func ExampleProbe() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	rep := open(sockets.Rep)
	defer func() { check(rep.Close()) }()
	endpoint, err := rep.Bind(ctx, "tcp://127.0.0.1:*")
	check(err)
	told, err := sockets.Probe(ctx, endpoint)
	check(err)
	fmt.Printf("a %s that speaks ZMTP %s with %s\n", told.Type, told.Version(), told.Mechanism)
	// Output:
	// a REP that speaks ZMTP 3.1 with NULL
}

// A worker goes from one server to another. Messages queued for the first have the
// linger to leave.
func ExampleSocket_Disconnect() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	old, successor := open(sockets.Pull), open(sockets.Pull)
	first, err := old.Bind(ctx, "inproc://old")
	check(err)
	second, err := successor.Bind(ctx, "inproc://new")
	check(err)
	push, err := sockets.New(sockets.Push) // which lingers
	check(err)
	check(push.Connect(first))
	check(push.Send(ctx, frames.Strings("one")))
	check(push.Disconnect(first))
	check(push.Connect(second))
	check(push.Send(ctx, frames.Strings("two")))
	for _, s := range []*sockets.Socket{old, successor} {
		m, err := s.Recv(ctx)
		check(err)
		fmt.Printf("%s\n", m[0])
	}
	fmt.Println(errors.Is(push.Disconnect(first), sockets.ErrNoEndpoint))
	for _, s := range []*sockets.Socket{push, old, successor} {
		check(s.Close())
	}
	// Output:
	// one
	// two
	// true
}

// An error of an endpoint has the reason in it, and endpoints that would have worked.
func ExampleEndpointError() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	pull := open(sockets.Pull)
	defer func() { check(pull.Close()) }()
	endpoint, err := pull.Bind(ctx, "tcp://127.0.0.1:*")
	check(err)
	_, err = pull.Bind(ctx, endpoint)
	fmt.Println("in use:", errors.Is(err, syscall.EADDRINUSE))

	var bad *sockets.EndpointError
	if errors.As(pull.Connect("tcp://*:5555"), &bad) {
		fmt.Println(bad.Op, bad.Endpoint, "rather than", bad.Hints[0])
	}
	// Output:
	// in use: true
	// connect tcp://*:5555 rather than tcp://127.0.0.1:5555
}

// Close returns the number of messages that it gave up when the linger ran out.
func ExampleUnsentError() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	push := open(sockets.Push) // with a linger of 0
	check(push.Connect("inproc://nobody is there"))
	check(push.Send(ctx, frames.Strings("wash")))
	check(push.Send(ctx, frames.Strings("dry")))
	var left *sockets.UnsentError
	if errors.As(push.Close(), &left) {
		fmt.Println("not sent:", left.Messages)
	}
	// Output:
	// not sent: 2
}
