//go:build linux

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const asks = 10_000

// requests compares lines from a file through REQ to a REP that echoes, to a file.
func (b *bench) requests() []contest {
	server := map[string][]string{
		"zcat":   {b.zcat, "rep", "-q", "--echo", "-b"},
		"libzmq": {b.c.path, "rep"},
		"pyzmq":  {"/usr/bin/python3", "scripts/bench/pyzmq/peer.py", "rep"},
	}
	one := func(name, format, rep string, goals []goal, argv ...string) entry {
		return entry{name, func(g *group) ([]float64, error) {
			return b.requestLines(g, format, server[rep], argv)
		}, goals}
	}
	zcat := []string{b.zcat, "req", "-q", "-c"}
	return []contest{{
		"10,000 requests, file to file, tcp",
		[]metric{{"rate", "req/s", false}},
		[]entry{
			one("libzmq, no JSON", "text", "libzmq", nil, b.c.path, "ask"),
			one("zcat json", "json", "zcat", ratios(4), zcat...),
			one("zcat json to libzmq", "json", "libzmq", ratios(1.2), zcat...),
			one("pyzmq and json", "json", "pyzmq", nil, "/usr/bin/python3", "scripts/bench/pyzmq/peer.py", "ask"),
		},
	}}
}

// requestLines takes the time from the start to the end of a client, whose argv
// wants the endpoint, as that of the server does.
func (b *bench) requestLines(g *group, format string, server, client []string) (values []float64, err error) {
	source, err := b.input(format, asks)
	if err != nil {
		return nil, err
	}
	endpoint, err := serve(g, server)
	if err != nil {
		return nil, err
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
	begin := time.Now()
	asking, err := g.launch(in, out, append(client[:len(client):len(client)], role(client, ">", endpoint))...)
	if err != nil {
		return nil, err
	}
	if err := asking.finish(); err != nil {
		return nil, err
	}
	took := time.Since(begin)
	return []float64{asks / took.Seconds()}, sameFiles(source, out.Name())
}

// serve starts a server and waits until it listens. It ends with its group.
func serve(g *group, argv []string) (endpoint string, err error) {
	if endpoint, _, err = freePorts(g); err != nil {
		return "", err
	}
	// Zcat prints each request, which the others do not.
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return "", err
	}
	defer func() { _ = nowhere.Close() }() // the server has its own
	if _, err := g.launch(nil, nowhere, append(argv[:len(argv):len(argv)], role(argv, "@", endpoint))...); err != nil {
		return "", err
	}
	return endpoint, g.bound(endpoint)
}

// role returns an endpoint as a program wants it: behind a sign where there is no
// flag.
func role(argv []string, sign, endpoint string) string {
	if strings.HasPrefix(argv[len(argv)-1], "-") {
		return endpoint
	}
	return sign + endpoint
}
