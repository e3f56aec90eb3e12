//go:build linux

package main

import (
	"errors"
	"fmt"
)

// hubs compares what stands around a filter: a hub, a proxy and a router with
// "--filter cat", and a program on pyzmq that does the same.
func (b *bench) hubs() []contest {
	rate := func(name string, start server, aim goal) entry {
		return entry{name, func(g *group) ([]float64, error) { return b.answered(g, start) }, []goal{aim}}
	}
	added := func(name string, start server, aim goal) entry {
		return entry{name, func(g *group) ([]float64, error) { return b.detour(g, start) }, []goal{aim}}
	}
	passed := func(name string, start starter, aim goal) entry {
		return entry{name, func(g *group) ([]float64, error) {
			values, err := b.through(g, start, "streamer", "text-", 100, b.ours)
			if err != nil {
				return nil, err
			}
			return values[:1], nil
		}, []goal{aim}}
	}
	return []contest{
		{"records through cat and back, tcp, 100 B", []metric{{"rate", "msg/s", false}}, []entry{
			rate("pyzmq and json", b.pyzmqHub, goal{}),
			rate("hub", b.zcatServer("hub", "r=router --bind %s", "--filter", "cat"), goal{ratio: 5}),
			rate("router", b.zcatServer("router", "--bind", "%s", "--filter", "cat"), goal{}),
		}},
		{"records through cat, streamer, tcp, 100 B", []metric{{"rate", "msg/s", false}}, []entry{
			passed("pyzmq and json", b.pyzmqStreamer, goal{}),
			passed("proxy", func(g *group, kind string) (string, string, *process, error) {
				return b.zcatProxyWith(g, kind, "--filter", "cat")
			}, goal{ratio: 5, value: 1e6}),
		}},
		{"a request through cat, tcp, 100 B, beside a plain echo", []metric{{"p50", "us", true}}, []entry{
			added("pyzmq and json", b.pyzmqHub, goal{}),
			added("hub", b.zcatServer("hub", "r=router --bind %s", "--filter", "cat"), goal{value: 60}),
		}},
		{"requests of 60 MB through cat, tcp", []metric{{"peak of hub", "MB", true}}, []entry{
			{"hub", func(g *group) ([]float64, error) { return b.hugeRecords(g) }, []goal{{value: 320}}},
		}},
	}
}

// hugeRecords returns the most memory that a hub has for huge requests, one after the
// other.
func (b *bench) hugeRecords(g *group) ([]float64, error) {
	endpoint, served, err := b.serve(g, b.zcatServer("hub", "r=router --bind %s", "--filter", "cat", "--max-size", "64M"))
	if err != nil {
		return nil, err
	}
	peaks := watch(served)
	client, err := g.start(b.ours.path, "req", ">"+endpoint, text(60_000_000), "2", "0")
	if err != nil {
		return nil, err
	}
	var count, p50, p99 float64
	err = client.numbers(&count, &p50, &p99)
	return peaks(), errors.Join(err, client.finish(), stop(served))
}

// server starts what answers at an endpoint.
type server func(g *group, endpoint string) (*process, error)

// zcatServer is a zcat whose arguments name the endpoint as %s.
func (b *bench) zcatServer(command string, args ...string) server {
	return func(g *group, endpoint string) (*process, error) {
		// What it prints is nobody's to read.
		argv := []string{"/bin/sh", "-c", `exec "$0" "$@" >/dev/null`, b.zcat, command, "-q"}
		for _, arg := range args {
			if arg == "%s" || len(arg) > 2 && arg[len(arg)-2:] == "%s" {
				arg = fmt.Sprintf(arg, endpoint)
			}
			argv = append(argv, arg)
		}
		return g.start(argv...)
	}
}

func (b *bench) pyzmqHub(g *group, endpoint string) (*process, error) {
	return g.start("/usr/bin/python3", "scripts/bench/pyzmq/hub.py", endpoint)
}

func (b *bench) pyzmqStreamer(g *group, _ string) (front, back string, p *process, err error) {
	if front, back, err = freePorts(g); err != nil {
		return "", "", nil, err
	}
	if p, err = g.start("/usr/bin/python3", "scripts/bench/pyzmq/hub.py", front, back); err != nil {
		return "", "", nil, err
	}
	return front, back, p, errors.Join(g.bound(front), g.bound(back))
}

// serve starts a server at an endpoint of its own.
func (b *bench) serve(g *group, start server) (endpoint string, p *process, err error) {
	if endpoint, _, err = freePorts(g); err != nil {
		return "", nil, err
	}
	if p, err = start(g, endpoint); err != nil {
		return "", nil, err
	}
	return endpoint, p, g.bound(endpoint)
}

// answered returns how many messages a second come back.
func (b *bench) answered(g *group, start server) ([]float64, error) {
	endpoint, served, err := b.serve(g, start)
	if err != nil {
		return nil, err
	}
	client, err := g.start(b.ours.path, "text-client", ">"+endpoint, text(100), text(b.seconds), "1")
	if err != nil {
		return nil, err
	}
	var messages, seconds float64
	if err := client.numbers(&messages, &seconds); err != nil {
		return nil, err
	}
	return []float64{messages / seconds}, errors.Join(client.finish(), stop(served))
}

// detour returns by how much a server's answer takes longer than a plain echo.
func (b *bench) detour(g *group, start server) ([]float64, error) {
	var p50 [2]float64
	for i, start := range []server{b.zcatServer("router", "--bind", "%s", "--echo"), start} {
		endpoint, served, err := b.serve(g, start)
		if err != nil {
			return nil, err
		}
		took, err := b.ask(g, b.ours, endpoint, "", load{seconds: b.seconds})
		if err = errors.Join(err, stop(served)); err != nil {
			return nil, err
		}
		p50[i] = took[0]
	}
	return []float64{p50[1] - p50[0]}, nil
}
