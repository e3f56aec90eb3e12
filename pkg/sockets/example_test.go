package sockets_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// A PUSH hands work to a PULL. Either side may bind, and a message may be sent
// before the other side is there.
func Example_pushPull() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	pull, err := sockets.New(sockets.Pull)
	if err != nil {
		log.Fatal(err)
	}
	endpoint, err := pull.Bind(ctx, "tcp://127.0.0.1:*") // any free port
	if err != nil {
		log.Fatal(err)
	}
	push, err := sockets.New(sockets.Push)
	if err != nil {
		log.Fatal(err)
	}
	if err := push.Connect(endpoint); err != nil {
		log.Fatal(err)
	}
	for _, job := range []string{"wash", "dry"} {
		if err := push.Send(ctx, frames.Strings("job", job)); err != nil {
			log.Fatal(err)
		}
	}
	if err := push.Close(); err != nil { // waits until all is sent
		log.Fatal(err)
	}
	for range 2 {
		m, err := pull.Recv(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s %s\n", m[0], m[1])
	}
	if err := pull.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// job wash
	// job dry
}

// A REQ asks and waits for its answer; a REP answers one request after another.
func Example_requestReply() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	rep, err := sockets.New(sockets.Rep)
	if err != nil {
		log.Fatal(err)
	}
	defer rep.Close()
	endpoint, err := rep.Bind(ctx, "tcp://127.0.0.1:*")
	if err != nil {
		log.Fatal(err)
	}
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
	if err != nil {
		log.Fatal(err)
	}
	defer req.Close()
	if err := req.Connect(endpoint); err != nil {
		log.Fatal(err)
	}
	if err := req.Send(ctx, frames.Strings("hello")); err != nil {
		log.Fatal(err)
	}
	reply, err := req.Recv(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s\n", reply[0], reply[1])
	// Output:
	// you said: hello
}

// A PUB sends to whoever has subscribed, and to nobody else: before its first
// message it waits for a subscriber.
func Example_publishSubscribe() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	pub, err := sockets.New(sockets.Pub)
	if err != nil {
		log.Fatal(err)
	}
	defer pub.Close()
	endpoint, err := pub.Bind(ctx, "tcp://127.0.0.1:*")
	if err != nil {
		log.Fatal(err)
	}
	sub, err := sockets.New(sockets.Sub)
	if err != nil {
		log.Fatal(err)
	}
	defer sub.Close()
	if err := sub.Subscribe([]byte("weather.")); err != nil {
		log.Fatal(err)
	}
	if err := sub.Connect(endpoint); err != nil {
		log.Fatal(err)
	}
	if err := pub.WaitSubscribers(ctx, 1, []byte("weather.berlin")); err != nil {
		log.Fatal(err)
	}
	for _, m := range []frames.Message{
		frames.Strings("sports.berlin", "2:1"),
		frames.Strings("weather.berlin", "rain"),
		frames.Strings("weather.madrid", "sun"),
	} {
		if err := pub.Send(ctx, m); err != nil {
			log.Fatal(err)
		}
	}
	for range 2 {
		m, err := sub.Recv(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s\n", m[0], m[1])
	}
	// Output:
	// weather.berlin: rain
	// weather.madrid: sun
}

// A ROUTER knows each DEALER by its routing id, which is the first frame of
// what it receives and sends.
func Example_routerDealer() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	router, err := sockets.New(sockets.Router, func(o *sockets.Options) { o.Mandatory = true })
	if err != nil {
		log.Fatal(err)
	}
	defer router.Close()
	endpoint, err := router.Bind(ctx, "tcp://127.0.0.1:*")
	if err != nil {
		log.Fatal(err)
	}
	dealer, err := sockets.New(sockets.Dealer, func(o *sockets.Options) { o.Identity = []byte("worker 7") })
	if err != nil {
		log.Fatal(err)
	}
	defer dealer.Close()
	if err := dealer.Connect(endpoint); err != nil {
		log.Fatal(err)
	}
	if err := dealer.Send(ctx, frames.Strings("ready")); err != nil {
		log.Fatal(err)
	}
	m, err := router.Recv(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s is %s\n", m[0], m[1])
	if err := router.Send(ctx, frames.Message{m[0], []byte("work")}); err != nil {
		log.Fatal(err)
	}
	m, err = dealer.Recv(ctx)
	if err != nil {
		log.Fatal(err)
	}
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
	if err != nil {
		log.Fatal(err)
	}
	defer pull.Close()
	endpoint, err := pull.Bind(ctx, "inproc://numbers")
	if err != nil {
		log.Fatal(err)
	}
	push, err := sockets.New(sockets.Push)
	if err != nil {
		log.Fatal(err)
	}
	defer push.Close()
	if err := push.Connect(endpoint); err != nil {
		log.Fatal(err)
	}
	var out frames.Batch
	for i := range 1000 {
		out.Append(frames.Strings("number", fmt.Sprint(i)))
	}
	if err := push.SendBatch(ctx, &out); err != nil {
		log.Fatal(err)
	}
	var in frames.Batch
	var m frames.Message
	for count := 0; count < 1000; {
		if err := pull.RecvBatch(ctx, &in); err != nil {
			log.Fatal(err)
		}
		for ; in.Len() > 0; count++ {
			m = frames.ParseMessage(m[:0], in.Next()) // views into the batch
			if count%333 == 0 {
				fmt.Printf("%s %s\n", m[0], m[1])
			}
		}
	}
	// Output:
	// number 0
	// number 333
	// number 666
	// number 999
}
