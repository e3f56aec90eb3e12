//go:build linux

// Command soak lets peers come and go for a long time: of this library, of libzmq
// (pyzmq) and of go-zeromq/zmq4, of every socket type, some of them killed in the
// middle. Nothing may arrive altered, twice or out of order; what a peer that ended
// in good order has sent must arrive; and whenever all have left, memory,
// goroutines and descriptors must be back to what they were. With -broker it does the same
// to a hub that balances load between clients and workers.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("soak: ")
	minutes := flag.Float64("minutes", 60, "how long")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the random choices")
	python := flag.String("python", "scripts/peers/soak.py", "the `program` that is libzmq's peers")
	visit := flag.Bool("zmq4", false, "be zmq4's peers, as the soak itself starts them")
	broker := flag.String("broker", "", "soak a load-balancing hub of this `zcat` instead")
	flag.Parse()
	if *visit {
		if err := visitWithZMQ4(os.Stdin, os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	_, _ = fmt.Fprintf(os.Stdout, "seed %d\n", *seed)
	lasts := time.Duration(*minutes * float64(time.Minute))
	if err := run(ctx, lasts, *seed, *python, *broker); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, lasts time.Duration, seed uint64, python, zcat string) error {
	if zcat != "" {
		return soakBroker(ctx, zcat, "scripts/peers/broker.py", seed, lasts)
	}
	s, err := newSoak(seed, python)
	if err == nil {
		err = s.run(ctx, lasts)
	}
	return err
}
