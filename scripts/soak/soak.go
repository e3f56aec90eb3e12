//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// patience is the time that a visit may take.
const patience = 2 * time.Minute

var errKilled = errors.New("killed in the middle")

// soak is one run.
type soak struct {
	ctx    context.Context //nolint:containedctx // the life of the hubs
	end    context.CancelCauseFunc
	seed   uint64
	dir    string
	python string
	hubs   []*hub
	pair   sync.Mutex // only one at a time may visit a PAIR

	messages, visits, kills atomic.Int64
}

func newSoak(seed uint64, python string) (*soak, error) {
	s := &soak{seed: seed, python: python, hubs: hubs()}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	var err error
	if s.dir, err = workDir(); err != nil {
		return nil, err
	}
	for i, h := range s.hubs {
		if err := h.open(s.ctx, s.dir, i); err != nil {
			return nil, err
		}
		go func() {
			if err := h.work(s, h); s.ctx.Err() == nil {
				s.end(fmt.Errorf("the %v: %w", h.kind, err))
			}
		}()
	}
	return s, nil
}

// run alternates between crowds and calm, when all visitors have left.
func (s *soak) run(ctx context.Context, lasts time.Duration) error {
	defer func() { _ = os.RemoveAll(s.dir) }()
	defer s.end(nil)
	defer context.AfterFunc(ctx, func() { s.end(ctx.Err()) })()
	begin := time.Now()
	const rounds = 12
	var calm []sample
	for round := range rounds {
		// The first round fills pools and caches: what is flat begins behind it.
		if err := s.crowd(begin.Add(lasts * time.Duration(round+1) / rounds)); err != nil {
			return err
		}
		now, err := s.calm()
		if err != nil {
			return err
		}
		calm = append(calm, now)
		_, _ = fmt.Fprintf(os.Stdout, "%6.1f min: %7d visits, %5d killed, %9d messages; %v\n",
			time.Since(begin).Minutes(), s.visits.Load(), s.kills.Load(), s.messages.Load(), now)
	}
	return flat(calm)
}

// crowd lets visitors come and go until the time given.
func (s *soak) crowd(until time.Time) error {
	var wait sync.WaitGroup
	ours := &guests{name: "ours", keeps: true}
	all := []*guests{ours, ours, ours, ours}
	for range 3 {
		all = append(all, &guests{
			name: "libzmq", keeps: true, argv: []string{"/usr/bin/python3", s.python},
			knows: " push pub xpub req dealer pair pull sub xsub router ",
		})
	}
	for range 2 {
		all = append(all, &guests{name: "zmq4", argv: []string{"/proc/self/exe", "-zmq4"}, knows: " push req dealer pull sub "})
	}
	for i, g := range all {
		// Each makes random choices of its own, which do not depend on another's
		// timing.
		s.seed++
		choices := rand.New(rand.NewPCG(s.seed, uint64(i)))
		wait.Go(func() {
			defer g.end()
			for s.ctx.Err() == nil && time.Now().Before(until) {
				if err := s.send(g, choices); err != nil {
					s.end(err)
				}
			}
		})
	}
	wait.Wait()
	return context.Cause(s.ctx)
}

// send sends one visitor to a hub, and checks what became of its messages.
func (s *soak) send(g *guests, choices *rand.Rand) error {
	h := s.hubs[choices.IntN(len(s.hubs))]
	if g.knows != "" && !strings.Contains(g.knows, " "+h.visitor+" ") {
		return nil
	}
	e := errand{
		visitor: h.visitor, endpoint: h.endpoint, count: 1 + choices.IntN(200),
		name: fmt.Sprintf("%s-%d", g.name, s.visits.Add(1)),
	}
	kill := time.Duration(0)
	// What a PAIR does not answer in time, the next visitor would get.
	if choices.IntN(20) == 0 && h.visitor != "pair" {
		kill = time.Duration(1+choices.IntN(50)) * time.Millisecond
	}
	if e.visitor == "pair" {
		s.pair.Lock()
		defer s.pair.Unlock()
		// The last one may just be leaving.
		if err := h.empty(s.ctx); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	var err error
	if len(g.argv) > 0 {
		err = g.visit(ctx, e, kill)
	} else {
		err = leaveEarly(ctx, e, kill)
	}
	var bad altered
	switch {
	case s.ctx.Err() != nil:
		return nil // another one ended it
	case errors.Is(err, errKilled) && ctx.Err() == nil:
		s.kills.Add(1)
		return nil
	case errors.As(err, &bad), err != nil && g.keeps:
		return fmt.Errorf("%s as %s: %w", e.name, e.visitor, err)
	case err != nil && strings.Contains(err.Error(), "came after"), err != nil && strings.Contains(err.Error(), "altered"):
		return fmt.Errorf("%s as %s: %w", e.name, e.visitor, err)
	case err == nil && g.keeps && kill == 0 && e.promises():
		return h.await(ctx, e.name, e.count)
	}
	return nil
}

// leaveEarly makes a visit with a socket of ours, which gives up everything at once
// where it is to be killed.
func leaveEarly(ctx context.Context, e errand, kill time.Duration) error {
	if kill == 0 {
		return visitWithOurs(ctx, e)
	}
	short, cancel := context.WithTimeout(ctx, kill)
	defer cancel()
	err := visitWithOurs(short, e)
	if short.Err() != nil {
		return errKilled
	}
	return err
}
