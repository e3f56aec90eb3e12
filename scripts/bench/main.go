//go:build linux

// Command bench compares zcat and pkg/sockets with libzmq in C and with pyzmq,
// on this machine: throughput, latency, proxies, fan-out, shell pipelines,
// start-up and memory. It prints medians and ratios.
//
// Machines drift, so that contestants take turns within each round, and only
// the ratios are worth comparing. A goal that is missed is marked and no
// failure; a message that is lost or changed is one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	asJSON := flag.Bool("json", false, "print JSON instead of a table")
	rounds := flag.Int("rounds", 5, "how often each contestant runs")
	seconds := flag.Float64("seconds", 0.3, "how long one run sends")
	only := flag.String("only", "", "run contests whose name matches this `regexp`")
	list := flag.Bool("list", false, "print the names of the contests")
	zcat := flag.String("zcat", "./zcat", "the zcat to measure")
	flag.Parse()
	chosen, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	b, err := newBench(*zcat, *seconds)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()

	var contests []contest
	for _, c := range b.contests(*only != "" || *list) {
		if chosen.MatchString(c.name) {
			contests = append(contests, c)
		}
	}
	if *list {
		for _, c := range contests {
			if _, err := fmt.Fprintln(os.Stdout, c.name); err != nil {
				return err
			}
		}
		return nil
	}
	if err := b.build(ctx); err != nil {
		return err
	}
	r := newReport(*rounds, b.seconds, *asJSON)
	for _, c := range contests {
		c.run(ctx, *rounds, r)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return r.finish()
}
