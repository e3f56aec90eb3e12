//go:build linux

// Command differential compares the sockets of this project with libzmq's: the same
// random streams of ZMTP, correct and spoilt, go to both, and what the application
// receives, what the peer is sent and whether the connection stays must be the
// same, except for a list of known differences.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("differential: ")
	minutes := flag.Float64("minutes", 10, "how long")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the first case; the next has the next number")
	cases := flag.Uint64("cases", 0, "how many, rather than how long")
	workers := flag.Int("workers", 2, "how many at a time")
	python := flag.String("python", "scripts/peers/judge.py", "the `program` that is libzmq's side")
	kept := flag.String("kept", "scripts/differential/kept", "the `directory` of the cases that go first")
	keep := flag.Bool("keep", false, "write the cases that differ into that directory")
	drafts := flag.Bool("drafts", false, "judge the draft types, by the libzmq of npm's zeromq (scripts/setup.sh peers)")
	only := flag.String("only", "", "a `pattern` for the first line of a case, such as 'STREAM|XPUB.* manual| old'; others are left out")
	show := flag.Bool("show", false, "print the case of the seed with both outcomes, or those of the files named, and no more")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *drafts {
		*python, *kept = strings.Replace(*python, "judge.py", "judge_drafts.py", 1), filepath.Join(*kept, "drafts")
	}
	j := newJudge(*python, os.Stdout)
	j.drafts = *drafts
	if *only != "" {
		var err error
		if j.only, err = regexp.Compile(*only); err != nil {
			log.Fatal(err)
		}
	}
	if *keep {
		j.keep = *kept
	}
	if *show {
		if err := j.show(*seed, flag.Args()); err != nil {
			log.Fatal(err)
		}
		return
	}
	if *cases == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(*minutes*float64(time.Minute)))
		defer cancel()
	}
	_, _ = fmt.Fprintf(os.Stdout, "seed %d\n", *seed)
	if err := j.run(ctx, *kept, *seed, *cases, *workers); err != nil {
		log.Fatal(err)
	}
}
