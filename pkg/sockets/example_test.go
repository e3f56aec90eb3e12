package sockets_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// A PUSH hands work to a PULL. Either side may bind, and a message may be sent
// before the other side is there.
func Example_pushPull() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	pull, err := sockets.New(sockets.Pull)
	check(err)
	endpoint, err := pull.Bind(ctx, "tcp://127.0.0.1:*") // any free port
	check(err)
	push, err := sockets.New(sockets.Push)
	check(err)
	check(push.Connect(endpoint))
	for _, job := range []string{"wash", "dry"} {
		check(push.Send(ctx, frames.Strings("job", job)))
	}
	check(push.Close()) // waits until all is sent
	for range 2 {
		m, err := pull.Recv(ctx)
		check(err)
		fmt.Printf("%s %s\n", m[0], m[1])
	}
	check(pull.Close())
	// Output:
	// job wash
	// job dry
}

// A REQ asks and waits for its answer; a REP answers one request after another.
func Example_requestReply() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	rep, err := sockets.New(sockets.Rep)
	check(err)
	defer func() { check(rep.Close()) }()
	endpoint, err := rep.Bind(ctx, "tcp://127.0.0.1:*")
	check(err)
	go func() {
		for {
			request, err := rep.Recv(ctx)
			if err != nil {
				return // closed
			}
			if err := rep.Send(ctx, append(frames.Strings("you said"), request...)); err != nil {
				return
			}
		}
	}()

	req, err := sockets.New(sockets.Req, func(o *sockets.Options) { o.Linger = time.Second })
	check(err)
	defer func() { check(req.Close()) }()
	check(req.Connect(endpoint))
	check(req.Send(ctx, frames.Strings("hello")))
	reply, err := req.Recv(ctx)
	check(err)
	fmt.Printf("%s: %s\n", reply[0], reply[1])
	// Output:
	// you said: hello
}

// A PUB sends only to peers that have subscribed: before its first message it waits
// for a subscriber.
func Example_publishSubscribe() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	pub, err := sockets.New(sockets.Pub)
	check(err)
	defer func() { check(pub.Close()) }()
	endpoint, err := pub.Bind(ctx, "tcp://127.0.0.1:*")
	check(err)
	sub, err := sockets.New(sockets.Sub)
	check(err)
	defer func() { check(sub.Close()) }()
	check(sub.Subscribe([]byte("weather.")))
	check(sub.Connect(endpoint))
	check(pub.WaitSubscribers(ctx, 1, []byte("weather.berlin")))
	for _, m := range []frames.Message{
		frames.Strings("sports.berlin", "2:1"),
		frames.Strings("weather.berlin", "rain"),
		frames.Strings("weather.madrid", "sun"),
	} {
		check(pub.Send(ctx, m))
	}
	for range 2 {
		m, err := sub.Recv(ctx)
		check(err)
		fmt.Printf("%s: %s\n", m[0], m[1])
	}
	// Output:
	// weather.berlin: rain
	// weather.madrid: sun
}

// A ROUTER knows each DEALER by its routing id, which is the first frame of the
// messages that it receives and sends.
func Example_routerDealer() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	router, err := sockets.New(sockets.Router, func(o *sockets.Options) { o.Mandatory = true })
	check(err)
	defer func() { check(router.Close()) }()
	endpoint, err := router.Bind(ctx, "tcp://127.0.0.1:*")
	check(err)
	dealer, err := sockets.New(sockets.Dealer, func(o *sockets.Options) { o.Identity = []byte("worker 7") })
	check(err)
	defer func() { check(dealer.Close()) }()
	check(dealer.Connect(endpoint))
	check(dealer.Send(ctx, frames.Strings("ready")))
	m, err := router.Recv(ctx)
	check(err)
	fmt.Printf("%s is %s\n", m[0], m[1])
	check(router.Send(ctx, frames.Message{m[0], []byte("work")}))
	m, err = dealer.Recv(ctx)
	check(err)
	fmt.Printf("it got %s\n", m[0])
	if err := router.Send(ctx, frames.Strings("nobody", "work")); err != nil {
		fmt.Println(err)
	}
	// Output:
	// worker 7 is ready
	// it got work
	// no peer has the routing id 6e6f626f6479
}

// Many small messages travel much faster in batches, which hold them in one
// buffer in the form of the wire.
func ExampleSocket_SendBatch() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	pull, err := sockets.New(sockets.Pull)
	check(err)
	defer func() { check(pull.Close()) }()
	endpoint, err := pull.Bind(ctx, "inproc://numbers")
	check(err)
	push, err := sockets.New(sockets.Push)
	check(err)
	defer func() { check(push.Close()) }()
	check(push.Connect(endpoint))
	var out frames.Batch
	for i := range 1000 {
		out.Append(frames.Strings("number", fmt.Sprint(i)))
	}
	check(push.SendBatch(ctx, &out))
	var in frames.Batch
	for count := 0; count < 1000; {
		check(pull.RecvBatch(ctx, &in))
		for m := in.Next(); m != nil; m = in.Next() { // views into the batch
			if count%333 == 0 {
				fmt.Printf("%s %s\n", m[0], m[1])
			}
			count++
		}
	}
	// Output:
	// number 0
	// number 333
	// number 666
	// number 999
}
