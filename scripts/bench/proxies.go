//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/zcat/zcat/scripts/ports"
)

// proxies compares zcat proxy and zmq_proxy, between clients that do not limit them
// (ours) and clients on libzmq.
func (b *bench) proxies() (all []contest) {
	sizes := []int{16, 100, 1 << 10, 64 << 10}
	goals := []float64{6, 3, 1.5, 1}
	for _, kind := range []string{"streamer", "forwarder"} {
		for i, size := range sizes {
			all = append(all, b.proxy(kind, size, b.ours, goals[i]))
		}
		all = append(all, b.proxy(kind, 100, b.c, 0))
	}
	for _, size := range []int{100, 1 << 10} {
		all = append(all, b.proxy("queue", size, b.ours, 2), b.proxy("queue", size, b.c, 1.2))
	}
	one := func(name string, start starter, goal float64) entry {
		return entry{name, func(g *group) ([]float64, error) { return b.added(g, start) }, ratios(goal)}
	}
	return append(all, contest{
		"queue, tcp, 100 B, what it adds to a request",
		[]metric{{"p50", "us", true}},
		[]entry{one("zmq_proxy", b.zmqProxy, 0), one("zcat", b.zcatProxy, 0.8)},
	})
}

func (b *bench) proxy(kind string, size int, clients tool, goal float64) contest {
	one := func(name string, start starter, goals ...float64) entry {
		return entry{name, func(g *group) ([]float64, error) {
			return b.through(g, start, kind, "", size, clients)
		}, ratios(goals...)}
	}
	processor := 0.3
	if clients == b.c {
		processor = 0 // these send small batches
	}
	return contest{
		fmt.Sprintf("%s, tcp, %s, clients: %s", kind, bytesText(size), clients.name),
		[]metric{{"rate", "msg/s", false}, {"processor", "ns/msg", true}},
		[]entry{one("zmq_proxy", b.zmqProxy, 0, 0), one("zcat", b.zcatProxy, goal, processor)},
	}
}

// starter starts a proxy. stop ends it.
type starter func(g *group, kind string) (front, back string, p *process, err error)

func (b *bench) zmqProxy(g *group, kind string) (front, back string, p *process, err error) {
	if p, err = g.start(b.c.path, "proxy", kind, "@tcp://127.0.0.1:*", "@tcp://127.0.0.1:*"); err != nil {
		return "", "", nil, err
	}
	if front, err = p.line(); err == nil {
		back, err = p.line()
	}
	return front, back, p, err
}

func (b *bench) zcatProxy(g *group, kind string) (front, back string, p *process, err error) {
	return b.zcatProxyWith(g, kind)
}

// zcatProxyWith is zcatProxy with further flags.
func (b *bench) zcatProxyWith(g *group, kind string, flags ...string) (front, back string, p *process, err error) {
	front, back, err = freePorts(g)
	if err != nil {
		return "", "", nil, err
	}
	argv := append([]string{b.zcat, "proxy", "-q", front, back}, flags...)
	switch kind {
	case "streamer":
		argv = append(argv, "--streamer")
	case "forwarder":
		argv = append(argv, "--forwarder", "-o", "xpub_nodrop=1")
	}
	if p, err = g.start(argv...); err != nil {
		return "", "", nil, err
	}
	return front, back, p, errors.Join(g.bound(front), g.bound(back))
}

// freePorts returns two endpoints that no other program gets as long as the group is there.
func freePorts(g *group) (first, second string, err error) {
	endpoints := [2]string{}
	for i := range endpoints {
		held, release, err := ports.Hold()
		if err != nil {
			return "", "", err
		}
		g.release = append(g.release, release)
		endpoints[i] = fmt.Sprint("tcp://127.0.0.1:", held)
	}
	return endpoints[0], endpoints[1], nil
}

// stop ends either proxy, zcat with a signal, which is then its status.
func stop(p *process) error {
	_ = p.cmd.Process.Signal(os.Interrupt) // a peer of ours may have ended already
	err := p.finish()
	var status *exec.ExitError
	if errors.As(err, &status) && (status.ExitCode() == 130 || status.ExitCode() == -1) {
		return nil
	}
	return err
}

// through returns the rate and the processor time of a proxy. The prefix stands before the
// modes of the clients.
func (b *bench) through(g *group, start starter, kind, prefix string, size int, clients tool) ([]float64, error) {
	front, back, proxy, err := start(g, kind)
	if err != nil {
		return nil, err
	}
	// Where messages come back, the sender is the one that counts.
	from, to := [2]string{"client", front}, [2]string{"worker", back}
	switch kind {
	case "streamer":
		from, to = [2]string{"push", front}, [2]string{"pull", back}
	case "forwarder":
		from, to = [2]string{"pub", front}, [2]string{"sub", back}
	}
	receiver, err := g.start(clients.path, prefix+to[0], ">"+to[1], text(size))
	if err != nil {
		return nil, err
	}
	sender, err := g.start(clients.path, prefix+from[0], ">"+from[1], text(size), text(b.seconds), "1")
	if err != nil {
		return nil, err
	}
	if kind == "queue" {
		sender, receiver = receiver, sender
	}
	var messages, seconds float64
	if err := receiver.numbers(&messages, &seconds); err != nil {
		return nil, err
	}
	if err := errors.Join(stop(proxy), sender.finish(), receiver.finish()); err != nil {
		return nil, err
	}
	return []float64{messages / seconds, float64(proxy.busy().Nanoseconds()) / messages}, nil
}

// added returns by how much a queue between ours delays a request.
func (b *bench) added(g *group, start starter) ([]float64, error) {
	direct, err := b.roundTrip(g, b.ours, b.ours, placing{}, load{seconds: b.seconds})
	if err != nil {
		return nil, err
	}
	front, back, proxy, err := start(g, "queue")
	if err != nil {
		return nil, err
	}
	server, err := g.start(b.ours.path, "rep", ">"+back)
	if err != nil {
		return nil, err
	}
	took, err := b.ask(g, b.ours, front, "", load{seconds: b.seconds})
	if err != nil {
		return nil, err
	}
	return []float64{took[0] - direct[0]}, errors.Join(server.finish(), stop(proxy))
}
