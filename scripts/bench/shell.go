//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	many = 1_000_000
	few  = 100_000 // pyzmq would take minutes for all
)

// input is a file of lines of two frames, 12 and 80 bytes, written when first
// asked for. A line of JSON has 100 bytes, its end counted.
func (b *bench) input(format string, lines int) (path string, err error) {
	path = filepath.Join(b.dir, fmt.Sprintf("%s%d", format, lines))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	body := strings.Repeat("x", 80)
	pattern := map[string]string{"json": `["%012d","` + body + "\"]\n", "text": "%012d\t" + body + "\n"}[format]
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriter(file)
	for i := range lines {
		if format == "hex" {
			_, err = fmt.Fprintf(w, "%x %x\n", fmt.Appendf(nil, "%012d", i), body)
		} else {
			_, err = fmt.Fprintf(w, pattern, i)
		}
		if err != nil {
			return "", err
		}
	}
	return path, w.Flush()
}

// pipelines compares lines from a file through PUSH and PULL to a file.
func (b *bench) pipelines() (all []contest) {
	for _, transport := range []string{"tcp", "ipc"} {
		zcat := func(format string) entry {
			limits := []goal{{ratio: 1.3}, {ratio: 0.9}, {value: 40}, {value: 40}}
			return entry{"zcat " + format, func(g *group) ([]float64, error) {
				return b.pipeline(g, transport, format, many, func(endpoint string) (from, to []string) {
					return []string{b.zcat, "push", "-q", "-f", format, "-c", endpoint},
						[]string{b.zcat, "pull", "-q", "-f", format, "-b", endpoint, "--count", text(many)}
				})
			}, limits}
		}
		other := func(name, format string, lines int, mode string, argv ...string) entry {
			return entry{name, func(g *group) ([]float64, error) {
				return b.pipeline(g, transport, format, lines, func(endpoint string) (from, to []string) {
					return append(argv[:len(argv):len(argv)], mode, ">"+endpoint),
						append(argv[:len(argv):len(argv)], "to-lines", "@"+endpoint, text(lines))
				})
			}, nil}
		}
		all = append(all, contest{
			fmt.Sprintf("a million lines, file to file, %s", transport),
			[]metric{{"rate", "lines/s", false}, {"processor", "ns/line", true}, {"peak of push", "MB", true}, {"peak of pull", "MB", true}},
			[]entry{
				other("libzmq, no JSON", "text", many, "from-lines", b.c.path), zcat("json"), zcat("text"), zcat("hex"),
				// Half of the frames: all that a program needs that only moves lines.
				other("libzmq, a line a frame", "text", many, "from-whole-lines", b.c.path),
				other("pyzmq and json", "json", few, "from-lines", "/usr/bin/python3", "scripts/bench/pyzmq/peer.py"),
			},
		})
	}
	return all
}

// pipeline takes the time from the start of the sender to the end of both.
func (b *bench) pipeline(
	g *group, transport, format string, lines int, argv func(endpoint string) (from, to []string),
) (values []float64, err error) {
	source, err := b.input(format, lines)
	if err != nil {
		return nil, err
	}
	endpoint := b.fresh(transport)
	if transport == "tcp" {
		if endpoint, _, err = freePorts(g); err != nil {
			return nil, err
		}
	}
	in, err := os.Open(source)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.Create(filepath.Join(b.dir, "out"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	from, to := argv(endpoint)
	receiver, err := g.launch(nil, out, to...)
	if err != nil {
		return nil, err
	}
	if err := g.bound(endpoint); err != nil {
		return nil, err
	}
	begin := time.Now()
	sender, err := g.launch(in, nil, from...)
	if err != nil {
		return nil, err
	}
	peaks := watch(sender, receiver)
	err = errors.Join(sender.finish(), receiver.cmd.Wait())
	took, most := time.Since(begin), peaks()
	if err != nil {
		return nil, fmt.Errorf("%v, %v: %w", sender, receiver, err)
	}
	busy := sender.busy() + receiver.busy()
	return []float64{
		float64(lines) / took.Seconds(), float64(busy.Nanoseconds()) / float64(lines), most[0], most[1],
	}, sameFiles(source, out.Name())
}

// sameFiles fails where a line was lost or changed.
func sameFiles(want, got string) error {
	w, err := os.Open(want)
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }()
	g, err := os.Open(got)
	if err != nil {
		return err
	}
	defer func() { _ = g.Close() }()
	a, b := make([]byte, 1<<20), make([]byte, 1<<20)
	for {
		n, err := io.ReadFull(w, a)
		m, _ := io.ReadFull(g, b)
		if !bytes.Equal(a[:n], b[:m]) {
			return fmt.Errorf("the output differs from %s", filepath.Base(want))
		}
		if err != nil {
			return nil // the end of both files
		}
	}
}
