//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// judge runs cases with both implementations.
type judge struct {
	python string
	drafts bool           // the cases are of the draft types
	only   *regexp.Regexp // matches the first line of the cases to judge; nil: all
	keep   string         // the directory for what differs, if it is to be kept

	mu          sync.Mutex // guards what follows
	out         io.Writer
	counts      map[string]int // of known differences
	differences int
	failure     error

	streams, known atomic.Int64
	aborted        atomic.Int64 // cases at which libzmq aborted
}

func newJudge(python string, out io.Writer) *judge {
	return &judge{python: python, out: out, counts: map[string]int{}}
}

// court is a judge's worker, with a process of libzmq of its own.
type court struct {
	*judge
	libzmq, ours driver
	end          func()
}

func (j *judge) court() (*court, error) {
	z, err := startLibzmq(j.python)
	if err != nil {
		return nil, err
	}
	return &court{j, z, ours{}, z.end}, nil
}

// again has another process of libzmq in the place of one that aborted.
func (c *court) again() error {
	c.end()
	z, err := startLibzmq(c.python)
	if err != nil {
		return err
	}
	c.libzmq, c.end = z, z.end
	return nil
}

// both runs a case with both implementations.
func (c *court) both(s *scenario, p patience) (libzmq, our *outcome, err error) {
	var mine error
	done := make(chan struct{})
	go func() {
		defer close(done)
		our, mine = perform(s, c.ours, p)
	}()
	libzmq, err = perform(s, c.libzmq, p)
	<-done
	if mine != nil {
		mine = fmt.Errorf("ours: %w", mine)
	}
	return libzmq, our, errors.Join(err, mine)
}

// verdict is the finding about a case.
type verdict struct {
	differences []string
	known       []string // names of the known differences that apply
	libzmq, our *outcome
}

// look runs a case once.
func (c *court) look(s *scenario, p patience) (v verdict, err error) {
	if v.libzmq, v.our, err = c.both(s, p); err != nil {
		return v, err
	}
	if len(compare(v.libzmq, v.our)) == 0 {
		return v, nil
	}
	v.known, v.differences = explain(s, v.libzmq, v.our)
	return v, nil
}

// confirm runs a case until the outcomes agree, or have differed with every
// patience.
func (c *court) confirm(s *scenario) (v verdict, err error) {
	for look := range 4 {
		if v, err = c.look(s, patienceAt(look)); err != nil || len(v.differences) == 0 {
			return v, err
		}
	}
	return v, nil
}

// run judges the kept cases, then those of seed, seed+1, ... until ctx is done or
// there were enough.
func (j *judge) run(ctx context.Context, kept string, seed, enough uint64, workers int) error {
	files, err := filepath.Glob(filepath.Join(kept, "*.case"))
	if err != nil {
		return err
	}
	var next atomic.Uint64
	var wait sync.WaitGroup
	for range workers {
		c, err := j.court()
		if err != nil {
			return err
		}
		wait.Go(func() {
			defer func() { c.end() }()
			for ctx.Err() == nil {
				n := next.Add(1) - 1
				if n >= uint64(len(files)) && enough > 0 && n-uint64(len(files)) >= enough {
					return
				}
				name, s, err := j.pick(files, seed, n)
				if err == nil {
					err = c.judged(ctx, name, s)
				}
				if err != nil {
					j.fail(fmt.Errorf("%s: %w", name, err))
					return
				}
			}
		})
	}
	wait.Wait()
	return j.summary()
}

// judged judges a case that was asked for; libzmq goes on where its drafts abort.
func (c *court) judged(ctx context.Context, name string, s *scenario) error {
	if c.only != nil && !c.only.MatchString(strings.SplitN(s.String(), "\n", 2)[0]) {
		return nil
	}
	err := c.judge1(ctx, name, s)
	if c.drafts && errors.Is(err, errAborted) { // as its RADIO does at a long group
		c.aborted.Add(1)
		return c.again()
	}
	return err
}

func (j *judge) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.failure = errors.Join(j.failure, err)
}

// pick returns case n: the kept ones come first.
func (j *judge) pick(files []string, seed, n uint64) (name string, s *scenario, err error) {
	if n < uint64(len(files)) {
		s, err = readScenario(files[n])
		return files[n], s, err
	}
	seed += n - uint64(len(files))
	return fmt.Sprintf("seed %d", seed), generate(seed, j.drafts), nil
}

func readScenario(file string) (*scenario, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parseScenario(string(text))
}

// judge1 judges one case, and makes one that differs as small as it can be.
func (c *court) judge1(ctx context.Context, name string, s *scenario) error {
	v, err := c.confirm(s)
	if err != nil {
		return fmt.Errorf("%w in\n%s", err, s)
	}
	c.streams.Add(int64(s.peers()))
	if len(v.known) > 0 {
		c.known.Add(1)
	}
	c.mu.Lock()
	for _, k := range v.known {
		c.counts[k]++
	}
	c.mu.Unlock()
	if len(v.differences) == 0 {
		return nil
	}
	small, err := c.shrink(ctx, s)
	if err != nil {
		return err
	}
	if last, err := c.confirm(small); err == nil && len(last.differences) > 0 {
		v = last
	} else {
		small = s
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.differences++
	if c.keep != "" {
		file := filepath.Join(c.keep, strings.ReplaceAll(name, " ", "-")+".case")
		if err := os.WriteFile(file, []byte(small.String()), 0o644); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(c.out, "\n%s\n%s  %s\n", name, small, strings.Join(v.differences, "\n  "))
	return err
}

// summary reports what was found, and fails where there were differences.
func (j *judge) summary() error {
	var lines []string
	for _, k := range known() {
		line := fmt.Sprintf("%7d  %s\n", j.counts[k.name], k.name)
		if j.counts[k.name] == 0 {
			line = fmt.Sprintf("%7s  %s\n", "unused", k.name)
		}
		lines = append(lines, line)
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(b, a) })
	_, _ = fmt.Fprintln(j.out, "known differences:")
	_, _ = fmt.Fprintf(j.out, "%s%d streams, %d differences, %d known\n", strings.Join(lines, ""), j.streams.Load(), j.differences, j.known.Load())
	if n := j.aborted.Load(); n > 0 {
		_, _ = fmt.Fprintf(j.out, "libzmq aborted at %d cases, which are not judged\n", n)
	}
	if j.differences > 0 {
		return errors.Join(j.failure, fmt.Errorf("%d differences", j.differences))
	}
	return j.failure
}

// show prints a case with both outcomes.
func (j *judge) show(seed uint64, files []string) error {
	c, err := j.court()
	if err != nil {
		return err
	}
	defer c.end()
	all := map[string]*scenario{}
	for _, file := range files {
		if all[file], err = readScenario(file); err != nil {
			return err
		}
	}
	if len(files) == 0 {
		all[fmt.Sprintf("seed %d", seed)] = generate(seed, j.drafts)
	}
	for name, s := range all {
		v, err := c.confirm(s)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(j.out, "%s\n%s\nlibzmq\n%s\nours\n%s\n%s\nknown: %s\n", name, s, v.libzmq, v.our,
			strings.Join(v.differences, "\n"), strings.Join(v.known, ", "))
	}
	return nil
}
