package sockets_test

import (
	"context"
	"fmt"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// A publisher that keeps the newest message of each topic gives it to whoever comes
// late. In a forwarder it is the XPUB of a NewProxy, whose XSUB subscribes to
// everything.
func ExampleOptions_lastValueBytes() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	pub, err := sockets.New(sockets.XPub, func(o *sockets.Options) { o.LastValueBytes, o.Linger = 1<<20, 0 })
	check(err)
	defer func() { check(pub.Close()) }()
	endpoint, err := pub.Bind(ctx, "tcp://127.0.0.1:*")
	check(err)
	for _, m := range [][]string{{"rome", "sun"}, {"oslo", "snow"}, {"rome", "rain"}, {"oslo"}} {
		check(pub.Send(ctx, frames.Strings(m...)))
	}

	sub := open(sockets.Sub)
	defer func() { check(sub.Close()) }()
	check(sub.Subscribe(nil))
	check(sub.Connect(endpoint))
	m, err := sub.Recv(ctx)
	check(err)
	fmt.Printf("%s, and %d topic is kept\n", m, pub.Stats().Kept)
	// Output:
	// [rome rain], and 1 topic is kept
}
